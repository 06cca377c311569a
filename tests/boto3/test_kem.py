"""ML-KEM keys: Encapsulate and Decapsulate."""

import base64

import pytest

from asymmetric import key_of  # noqa: F401

CIPHERTEXTS = {"ML_KEM_512": 768, "ML_KEM_768": 1088, "ML_KEM_1024": 1568}
USAGE = "ENCAPSULATE_DECAPSULATE"
ASKED = {"EncapsulationAlgorithm": "ML_KEM"}


@pytest.mark.parametrize("spec", CIPHERTEXTS)
def test_an_encapsulated_secret_comes_back(kms, key_of, refused, spec):
    key = key_of(spec, USAGE)
    assert key["EncapsulationAlgorithms"] == ["ML_KEM"]
    made = kms.encapsulate(KeyId=key["KeyId"], **ASKED)
    blob = made["SharedSecretCiphertextBlob"]
    assert (len(made["SharedSecret"]), len(blob)) == (32, CIPHERTEXTS[spec])
    assert made["KeyId"] == key["Arn"] and made["EncapsulationAlgorithm"] == "ML_KEM"
    back = kms.decapsulate(KeyId=key["KeyId"], SharedSecretCiphertextBlob=blob, **ASKED)
    assert back["SharedSecret"] == made["SharedSecret"]
    assert back["KeyId"] == key["Arn"] and back["EncapsulationAlgorithm"] == "ML_KEM"
    assert kms.encapsulate(KeyId=key["KeyId"], **ASKED)["SharedSecret"] != made["SharedSecret"]
    for wrong in (blob[:-1], blob + b"x"):
        with refused("InvalidCiphertextException"):
            kms.decapsulate(KeyId=key["KeyId"], SharedSecretCiphertextBlob=wrong, **ASKED)


def test_a_changed_or_foreign_ciphertext_gives_another_secret(kms, key_of):
    key = key_of("ML_KEM_512", USAGE)
    other = kms.create_key(KeySpec="ML_KEM_512", KeyUsage=USAGE)["KeyMetadata"]
    made = kms.encapsulate(KeyId=key["KeyId"], **ASKED)
    blob = made["SharedSecretCiphertextBlob"]
    changed = bytes([blob[0] ^ 1]) + blob[1:]
    for key_id, ciphertext in ((key["KeyId"], changed), (other["KeyId"], blob)):
        secrets = [
            kms.decapsulate(KeyId=key_id, SharedSecretCiphertextBlob=ciphertext, **ASKED)["SharedSecret"]
            for _ in range(2)
        ]
        # FIPS 203: the same each time, and nobody's.
        assert secrets[0] == secrets[1] != made["SharedSecret"]


def test_usage_state_and_dry_run_are_checked(kms, key, stranger, refused):
    message = f"{key['Arn']} key usage is ENCRYPT_DECRYPT which is not valid for Encapsulate."
    with refused("InvalidKeyUsageException", message):
        kms.encapsulate(KeyId=key["KeyId"], **ASKED)
    with refused("ValidationException"):
        kms.create_key(KeySpec="ML_KEM_512", KeyUsage="ENCRYPT_DECRYPT")
    kem = kms.create_key(KeySpec="ML_KEM_512", KeyUsage=USAGE)["KeyMetadata"]
    blob = kms.encapsulate(KeyId=kem["KeyId"], **ASKED)["SharedSecretCiphertextBlob"]
    decapsulate = {"KeyId": kem["Arn"], "SharedSecretCiphertextBlob": blob, **ASKED}
    with refused("DryRunOperationException"):
        kms.encapsulate(KeyId=kem["KeyId"], DryRun=True, **ASKED)
    with refused("DryRunOperationException"):
        kms.decapsulate(DryRun=True, **decapsulate)
    with refused("AccessDeniedException"):
        stranger.decapsulate(**decapsulate)
    kms.disable_key(KeyId=kem["KeyId"])
    for call in (lambda: kms.encapsulate(KeyId=kem["KeyId"], **ASKED), lambda: kms.decapsulate(**decapsulate)):
        with refused("DisabledException", f"{kem['Arn']} is disabled."):
            call()


def test_the_records_of_encapsulation(stack, kms, key_of):
    key = key_of("ML_KEM_768", USAGE)
    made = kms.encapsulate(KeyId=key["KeyId"], **ASKED)
    blob = made["SharedSecretCiphertextBlob"]
    back = kms.decapsulate(KeyId=key["KeyId"], SharedSecretCiphertextBlob=blob, **ASKED)
    for answer, name in ((made, "Encapsulate"), (back, "Decapsulate")):
        record = stack.record(answer)
        assert record["eventName"] == name and record["readOnly"] is True
        assert record["requestParameters"] == {"keyId": key["KeyId"], "encapsulationAlgorithm": "ML_KEM"}
        assert record["responseElements"] is None and "additionalEventData" not in record
        for secret in (made["SharedSecret"], blob):
            assert base64.b64encode(secret).decode() not in str(record)
