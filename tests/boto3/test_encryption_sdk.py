"""The AWS Encryption SDK: what it encrypts in Python decrypts in JavaScript, and the other way round."""

import base64
import json
import subprocess
import uuid

import pytest
from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders
from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
from aws_cryptographic_material_providers.mpl.models import (
    CreateAwsKmsKeyringInput,
    CreateAwsKmsMrkKeyringInput,
    CreateMultiKeyringInput,
)
from aws_encryption_sdk import CommitmentPolicy, EncryptionSDKClient

from conftest import REPOSITORY
from states import THERE, World

PLAINTEXT = b"an object of any size " * 500
CONTEXT = {"purpose": "test", "tenant": "number one"}
PROVIDERS = AwsCryptographicMaterialProviders(config=MaterialProvidersConfig())


class Python:
    """The SDK for Python."""

    name = "python"

    def __init__(self, stack):
        self.stack = stack
        self.client = EncryptionSDKClient(commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)

    def keyring(self, keys, mrk):
        def one(arn):
            kms = self.stack.client("kms", region=arn.split(":")[3])
            if mrk:
                return PROVIDERS.create_aws_kms_mrk_keyring(CreateAwsKmsMrkKeyringInput(kms_key_id=arn, kms_client=kms))
            return PROVIDERS.create_aws_kms_keyring(CreateAwsKmsKeyringInput(kms_key_id=arn, kms_client=kms))

        first, *others = map(one, keys)
        made = CreateMultiKeyringInput(generator=first, child_keyrings=others)
        return PROVIDERS.create_multi_keyring(made) if others else first

    def encrypt(self, keys, plaintext, context, mrk=False):
        ring = self.keyring(keys, mrk)
        sealed, _ = self.client.encrypt(source=plaintext, keyring=ring, encryption_context=context)
        return sealed

    def decrypt(self, keys, sealed, mrk=False):
        """Plaintext and encryption context, or `None` and the refusal."""
        try:
            opened, header = self.client.decrypt(source=sealed, keyring=self.keyring(keys, mrk))
        except Exception as error:  # The SDK has no common base of its errors.
            return None, str(error)
        return opened, header.encryption_context


class JavaScript:
    """The SDK for JavaScript, as a program of its own."""

    name = "javascript"
    directory = REPOSITORY / "tests" / "encryption-sdk"

    def __init__(self, stack):
        self.environment = stack.environment()

    def run(self, **asked):
        done = subprocess.run(
            ["node", "crypt.mjs"], cwd=self.directory, env=self.environment,
            input=json.dumps(asked), capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def encrypt(self, keys, plaintext, context, mrk=False):
        given = {"context": context, "input": base64.b64encode(plaintext).decode()}
        return base64.b64decode(self.run(do="encrypt", keys=keys, mrk=mrk, **given)["output"])

    def decrypt(self, keys, sealed, mrk=False):
        """Plaintext and encryption context, or `None` and the refusal."""
        answer = self.run(do="decrypt", keys=keys, mrk=mrk, input=base64.b64encode(sealed).decode())
        if "refused" in answer:
            return None, answer["refused"]
        return base64.b64decode(answer["output"]), answer["context"]


@pytest.fixture(scope="module", params=["python to javascript", "javascript to python"])
def pair(request, stack):
    """Who encrypts, and who decrypts."""
    both = Python(stack), JavaScript(stack)
    return both if request.param.startswith("python") else both[::-1]


def check(decrypted):
    plaintext, context = decrypted
    assert plaintext == PLAINTEXT, context
    assert context.items() >= CONTEXT.items()


def test_what_one_encrypts_the_other_decrypts(pair, kms, key, stack):
    one, other = pair
    sealed = one.encrypt([key["Arn"]], PLAINTEXT, CONTEXT)
    assert len(sealed) > len(PLAINTEXT)
    check(other.decrypt([key["Arn"]], sealed))


def test_either_key_of_a_multi_keyring_decrypts(pair, kms, key):
    one, other = pair
    second, third = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    sealed = one.encrypt([key["Arn"], second], PLAINTEXT, CONTEXT)
    kms.disable_key(KeyId=key["KeyId"])
    plaintext, why = other.decrypt([key["Arn"]], sealed)
    assert plaintext is None, why
    check(other.decrypt([second], sealed))
    plaintext, why = other.decrypt([third], sealed)
    assert plaintext is None


def test_another_encryption_context_is_refused(pair, stack, key):
    one, other = pair
    said, forged = (f"tenant {uuid.uuid4()}" for _ in range(2))
    sealed = one.encrypt([key["Arn"]], PLAINTEXT, {"tenant": said})
    assert sealed.count(said.encode()) == 1
    plaintext, _ = other.decrypt([key["Arn"]], sealed.replace(said.encode(), forged.encode()))
    assert plaintext is None

    def is_attempt(record):
        asked = record.get("requestParameters") or {}
        return asked.get("encryptionContext", {}).get("tenant") == forged

    record = stack.record_where(is_attempt)
    assert (record["eventName"], record["errorCode"]) == ("Decrypt", "InvalidCiphertextException")


def test_a_related_key_of_another_region_decrypts(pair, stack):
    one, other = pair
    primary = World(stack).enabled("symmetric")
    primary.kms.replicate_key(KeyId=primary.id, ReplicaRegion=THERE)
    replica = primary.in_region(THERE)
    replica.wait_for("Enabled")
    sealed = one.encrypt([primary.arn], PLAINTEXT, CONTEXT, mrk=True)
    check(other.decrypt([replica.arn], sealed, mrk=True))
    plaintext, _ = other.decrypt([replica.arn], sealed, mrk=False)
    assert plaintext is None


def test_the_python_sdk_takes_back_only_the_context_that_is_expected(stack, key):
    python = Python(stack)
    sealed = python.encrypt([key["Arn"]], PLAINTEXT, CONTEXT)
    ring = python.keyring([key["Arn"]], mrk=False)
    opened, _ = python.client.decrypt(source=sealed, keyring=ring, encryption_context=CONTEXT)
    assert opened == PLAINTEXT
    with pytest.raises(Exception, match="(?i)encryption context"):
        python.client.decrypt(source=sealed, keyring=ring, encryption_context=CONTEXT | {"tenant": "number two"})
