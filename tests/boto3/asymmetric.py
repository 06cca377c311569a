"""What the tests of asymmetric keys share: the specs with their algorithms, keys that are made once, and openssl."""

import hashlib
import subprocess

import pytest
from conftest import REPOSITORY

RSA = ["RSA_2048", "RSA_3072", "RSA_4096"]
RSA_SIGNING = [f"RSASSA_{scheme}_SHA_{bits}" for scheme in ("PKCS1_V1_5", "PSS") for bits in (256, 384, 512)]

# Each spec that signs, with its algorithms in AWS's order.
SIGNING = {spec: RSA_SIGNING for spec in RSA} | {
    "ECC_NIST_P256": ["ECDSA_SHA_256"],
    "ECC_NIST_P384": ["ECDSA_SHA_384"],
    "ECC_NIST_P521": ["ECDSA_SHA_512"],
    "ECC_SECG_P256K1": ["ECDSA_SHA_256"],
    "ECC_NIST_EDWARDS25519": ["ED25519_SHA_512", "ED25519_PH_SHA_512"],
    "ML_DSA_44": ["ML_DSA_SHAKE_256"],
    "ML_DSA_65": ["ML_DSA_SHAKE_256"],
    "ML_DSA_87": ["ML_DSA_SHAKE_256"],
    "SM2": ["SM2DSA"],
}

# The most bytes that each spec encrypts.
ENCRYPTION = {
    ("RSA_2048", "RSAES_OAEP_SHA_1"): 214,
    ("RSA_2048", "RSAES_OAEP_SHA_256"): 190,
    ("RSA_3072", "RSAES_OAEP_SHA_1"): 342,
    ("RSA_3072", "RSAES_OAEP_SHA_256"): 318,
    ("RSA_4096", "RSAES_OAEP_SHA_1"): 470,
    ("RSA_4096", "RSAES_OAEP_SHA_256"): 446,
    ("SM2", "SM2PKE"): 1024,
}


@pytest.fixture(scope="session")
def key_of(keys):
    """The metadata of a key of a spec and usage: one for the whole run, for tests that leave it as it is."""
    return keys.key


def digest(algorithm, message):
    """The digest of a message that an algorithm signs."""
    if algorithm == "SM2DSA":
        return None
    return hashlib.new("sha" + algorithm.rsplit("_", 1)[1], message).digest()


def openssl(*arguments, stdin=b""):
    """What openssl prints."""
    done = subprocess.run(["openssl", *map(str, arguments)], input=stdin, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def documented_script(stack, number, key, folder):
    """Runs a script of docs/asymmetric.md in a folder; what it printed."""
    text = (REPOSITORY / "docs" / "asymmetric.md").read_text()
    script = text.split("```sh\n")[number].split("```")[0]
    tools = stack.environment()
    tools |= {"KEY": key, "PATH": f"{REPOSITORY / '.tools' / 'bin'}:{tools['PATH']}"}
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=folder, env=tools, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
