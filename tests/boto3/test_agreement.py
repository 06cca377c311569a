"""Key agreement: DeriveSharedSecret, with another key of Trent's and with openssl."""

import base64

import pytest

from asymmetric import key_of, openssl  # noqa: F401

# Each spec with the length of its secrets, and openssl's name of its curve.
CURVES = {"ECC_NIST_P256": (32, "P-256"), "ECC_NIST_P384": (48, "P-384"), "ECC_NIST_P521": (66, "P-521"), "SM2": (32, "SM2")}


def peer(curve, folder):
    """A private key of openssl's: its file, and its public key in DER."""
    private = folder / "peer.pem"
    private.write_bytes(openssl("genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}"))
    return private, openssl("pkey", "-in", private, "-pubout", "-outform", "DER")


@pytest.mark.parametrize("spec", CURVES)
def test_both_sides_derive_the_same_secret(kms, key_of, spec):
    ann = key_of(spec, "KEY_AGREEMENT")
    assert ann["KeyAgreementAlgorithms"] == ["ECDH"]
    bob = kms.create_key(KeySpec=spec, KeyUsage="KEY_AGREEMENT")["KeyMetadata"]
    public = {key["KeyId"]: kms.get_public_key(KeyId=key["KeyId"])["PublicKey"] for key in (ann, bob)}
    one = kms.derive_shared_secret(KeyId=ann["KeyId"], KeyAgreementAlgorithm="ECDH", PublicKey=public[bob["KeyId"]])
    other = kms.derive_shared_secret(KeyId=bob["KeyId"], KeyAgreementAlgorithm="ECDH", PublicKey=public[ann["KeyId"]])
    assert one["SharedSecret"] == other["SharedSecret"] and len(one["SharedSecret"]) == CURVES[spec][0]
    assert one["KeyId"] == ann["Arn"] and one["KeyAgreementAlgorithm"] == "ECDH" and one["KeyOrigin"] == "AWS_KMS"


@pytest.mark.parametrize("spec", [spec for spec in CURVES if spec != "SM2"])
def test_openssl_derives_the_same_secret(kms, key_of, tmp_path, spec):
    key = key_of(spec, "KEY_AGREEMENT")
    private, public = peer(CURVES[spec][1], tmp_path)
    own = tmp_path / "own.der"
    own.write_bytes(kms.get_public_key(KeyId=key["KeyId"])["PublicKey"])
    secret = openssl("pkeyutl", "-derive", "-inkey", private, "-peerkey", own, "-peerform", "DER")
    derived = kms.derive_shared_secret(KeyId=key["KeyId"], KeyAgreementAlgorithm="ECDH", PublicKey=public)
    assert derived["SharedSecret"] == secret


def test_public_keys_of_other_curves_and_no_keys_are_refused(kms, key_of, tmp_path, refused):
    key = key_of("ECC_NIST_P256", "KEY_AGREEMENT")
    _, other = peer("P-384", tmp_path)
    _, good = peer("P-256", tmp_path)
    off_the_curve = good[:-1] + bytes([good[-1] ^ 1])
    for bad in (other, off_the_curve, good[:-1], good + b"x", b"no key"):
        with refused("ValidationException"):
            kms.derive_shared_secret(KeyId=key["KeyId"], KeyAgreementAlgorithm="ECDH", PublicKey=bad)


def test_usage_state_and_dry_run_are_checked(kms, key_of, tmp_path, stranger, refused):
    _, public = peer("P-256", tmp_path)
    asked = {"KeyAgreementAlgorithm": "ECDH", "PublicKey": public}
    signing = key_of("ECC_NIST_P256", "SIGN_VERIFY")
    message = f"{signing['Arn']} key usage is SIGN_VERIFY which is not valid for DeriveSharedSecret."
    with refused("InvalidKeyUsageException", message):
        kms.derive_shared_secret(KeyId=signing["KeyId"], **asked)
    key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")["KeyMetadata"]
    with refused("DryRunOperationException"):
        kms.derive_shared_secret(KeyId=key["KeyId"], DryRun=True, **asked)
    with refused("AccessDeniedException"):
        stranger.derive_shared_secret(KeyId=key["Arn"], **asked)
    with refused("InvalidKeyUsageException"):
        kms.sign(KeyId=key["KeyId"], Message=b"x", SigningAlgorithm="ECDSA_SHA_256")
    kms.disable_key(KeyId=key["KeyId"])
    with refused("DisabledException", f"{key['Arn']} is disabled."):
        kms.derive_shared_secret(KeyId=key["KeyId"], **asked)


def test_the_record_of_a_shared_secret(stack, kms, key_of, tmp_path):
    key = key_of("ECC_NIST_P256", "KEY_AGREEMENT")
    _, public = peer("P-256", tmp_path)
    derived = kms.derive_shared_secret(KeyId=key["KeyId"], KeyAgreementAlgorithm="ECDH", PublicKey=public)
    record = stack.record(derived)
    assert record["eventName"] == "DeriveSharedSecret" and record["readOnly"] is True
    assert record["requestParameters"] == {"keyId": key["KeyId"], "keyAgreementAlgorithm": "ECDH"}
    assert record["responseElements"] is None and "additionalEventData" not in record
    for secret in (derived["SharedSecret"], public):
        assert base64.b64encode(secret).decode() not in str(record)
