"""Data key pairs, and envelope encryption with a data key (source texts D2)."""

import base64

import pytest

from asymmetric import documented_script, key_of, openssl  # noqa: F401

SPECS = {
    "RSA_2048": "2048 bit",
    "RSA_3072": "3072 bit",
    "RSA_4096": "4096 bit",
    "ECC_NIST_P256": "prime256v1",
    "ECC_NIST_P384": "secp384r1",
    "ECC_NIST_P521": "secp521r1",
    "ECC_SECG_P256K1": "secp256k1",
    "ECC_NIST_EDWARDS25519": "ED25519",
    "SM2": "SM2",
    "ML_KEM_512": None,
    "ML_KEM_768": None,
    "ML_KEM_1024": None,
}
CONTEXT = {"purpose": "test"}


@pytest.mark.parametrize("spec", SPECS)
def test_a_pairs_private_key_comes_plain_and_sealed(kms, key, refused, spec):
    asked = {"KeyId": key["KeyId"], "KeyPairSpec": spec, "EncryptionContext": CONTEXT}
    made = kms.generate_data_key_pair(**asked)
    assert made["KeyId"] == key["Arn"] and made["KeyPairSpec"] == spec
    assert made["KeyMaterialId"] == key["CurrentKeyMaterialId"]
    blob = made["PrivateKeyCiphertextBlob"]
    opened = kms.decrypt(CiphertextBlob=blob, EncryptionContext=CONTEXT)
    assert opened["Plaintext"] == made["PrivateKeyPlaintext"]
    with refused("InvalidCiphertextException"):
        kms.decrypt(CiphertextBlob=blob)
    if SPECS[spec]:
        public = openssl("pkey", "-inform", "DER", "-pubout", "-outform", "DER", stdin=made["PrivateKeyPlaintext"])
        assert public == made["PublicKey"]
        text = openssl("pkey", "-pubin", "-inform", "DER", "-noout", "-text", stdin=made["PublicKey"]).decode()
        assert SPECS[spec] in text
    bare = kms.generate_data_key_pair_without_plaintext(**asked)
    assert "PrivateKeyPlaintext" not in bare and bare["PublicKey"] != made["PublicKey"]
    assert bare["KeyMaterialId"] == key["CurrentKeyMaterialId"] and bare["KeyPairSpec"] == spec
    private = kms.decrypt(CiphertextBlob=bare["PrivateKeyCiphertextBlob"], EncryptionContext=CONTEXT)["Plaintext"]
    assert private[:1] == b"\x30" and private != made["PrivateKeyPlaintext"]


def test_private_keys_of_ml_kem_are_seeds(kms, key):
    sizes = {
        len(kms.generate_data_key_pair(KeyId=key["KeyId"], KeyPairSpec=spec)["PrivateKeyPlaintext"])
        for spec in SPECS
        if spec.startswith("ML_KEM")
    }
    assert len(sizes) == 1


def test_only_symmetric_keys_seal_pairs(kms, key_of, refused):
    rsa = key_of("RSA_2048", "ENCRYPT_DECRYPT")
    with refused("InvalidKeyUsageException", "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048."):
        kms.generate_data_key_pair(KeyId=rsa["KeyId"], KeyPairSpec="ECC_NIST_P256")
    signing = key_of("ECC_NIST_P256", "SIGN_VERIFY")
    name = "GenerateDataKeyPairWithoutPlaintext"
    with refused("InvalidKeyUsageException", f"{signing['Arn']} key usage is SIGN_VERIFY which is not valid for {name}."):
        kms.generate_data_key_pair_without_plaintext(KeyId=signing["KeyId"], KeyPairSpec="ECC_NIST_P256")
    with refused("ValidationException"):
        kms.generate_data_key_pair(KeyId=rsa["KeyId"], KeyPairSpec="ML_DSA_44")


def test_usage_state_and_dry_run_are_checked(kms, key, stranger, refused):
    asked = {"KeyId": key["Arn"], "KeyPairSpec": "ECC_NIST_P256"}
    for call in ("generate_data_key_pair", "generate_data_key_pair_without_plaintext"):
        with refused("DryRunOperationException"):
            getattr(kms, call)(DryRun=True, **asked)
        with refused("AccessDeniedException"):
            getattr(stranger, call)(**asked)
    kms.disable_key(KeyId=key["KeyId"])
    for call in ("generate_data_key_pair", "generate_data_key_pair_without_plaintext"):
        with refused("DisabledException", f"{key['Arn']} is disabled."):
            getattr(kms, call)(**asked)


def test_the_records_of_pairs(stack, kms, key):
    asked = {"KeyId": key["KeyId"], "KeyPairSpec": "ECC_NIST_P256", "EncryptionContext": CONTEXT}
    made = kms.generate_data_key_pair(**asked)
    bare = kms.generate_data_key_pair_without_plaintext(**asked)
    parameters = {"keyId": key["KeyId"], "keyPairSpec": "ECC_NIST_P256", "encryptionContext": CONTEXT}
    for answer, name in ((made, "GenerateDataKeyPair"), (bare, "GenerateDataKeyPairWithoutPlaintext")):
        record = stack.record(answer)
        assert record["eventName"] == name and record["readOnly"] is True
        assert record["requestParameters"] == parameters and record["responseElements"] is None
        assert record["additionalEventData"] == {"keyMaterialId": key["CurrentKeyMaterialId"]}
        for secret in (made["PrivateKeyPlaintext"], made["PublicKey"], answer["PrivateKeyCiphertextBlob"]):
            assert base64.b64encode(secret).decode() not in str(record)


def test_d2_large_data_is_encrypted_outside_with_a_data_key_as_documented(stack, key, tmp_path):
    data = bytes(range(256)) * 4096
    (tmp_path / "secret.txt").write_bytes(data)
    assert documented_script(stack, 2, key["KeyId"], tmp_path) == data
    assert data[:64] not in (tmp_path / "secret.enc").read_bytes()
