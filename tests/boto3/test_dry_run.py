"""DryRun and GrantTokens in every operation that the service model gives them to."""

import pytest

from states import public_point
from test_every_spec import call


@pytest.fixture(scope="module")
def requests(kms, keys, account):
    """Operation → parameters that are good."""
    symmetric = keys.key("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")["KeyId"]
    signing = keys.key("ECC_NIST_P256", "SIGN_VERIFY")["KeyId"]
    mac = keys.key("HMAC_256", "GENERATE_VERIFY_MAC")["KeyId"]
    agreement = keys.key("ECC_NIST_P256", "KEY_AGREEMENT")["KeyId"]
    kem = keys.key("ML_KEM_512", "ENCAPSULATE_DECAPSULATE")["KeyId"]
    root = f"arn:aws:iam::{account}:root"
    to_sign = {"KeyId": signing, "Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
    to_mac = {"KeyId": mac, "Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
    to_carry = {"KeyId": kem, "EncapsulationAlgorithm": "ML_KEM"}
    blob = kms.encrypt(KeyId=symmetric, Plaintext=b"x")["CiphertextBlob"]
    grant = {"GranteePrincipal": root, "RetiringPrincipal": root, "Operations": ["Decrypt"]}
    named = {"KeyId": symmetric, "GrantId": kms.create_grant(KeyId=symmetric, **grant)["GrantId"]}
    return {
        "CreateGrant": {"KeyId": symmetric, **grant},
        "Decapsulate": to_carry
        | {"SharedSecretCiphertextBlob": kms.encapsulate(**to_carry)["SharedSecretCiphertextBlob"]},
        "Decrypt": {"CiphertextBlob": blob},
        "DeriveSharedSecret": {"KeyId": agreement, "KeyAgreementAlgorithm": "ECDH", "PublicKey": public_point()},
        "DescribeKey": {"KeyId": symmetric},
        "Encapsulate": to_carry,
        "Encrypt": {"KeyId": symmetric, "Plaintext": b"x"},
        "GenerateDataKey": {"KeyId": symmetric, "KeySpec": "AES_256"},
        "GenerateDataKeyPair": {"KeyId": symmetric, "KeyPairSpec": "ECC_NIST_P256"},
        "GenerateDataKeyPairWithoutPlaintext": {"KeyId": symmetric, "KeyPairSpec": "ECC_NIST_P256"},
        "GenerateDataKeyWithoutPlaintext": {"KeyId": symmetric, "KeySpec": "AES_256"},
        "GenerateMac": to_mac,
        "GetPublicKey": {"KeyId": signing},
        "ReEncrypt": {"CiphertextBlob": blob, "DestinationKeyId": symmetric},
        "RetireGrant": named,
        "RevokeGrant": named,
        "Sign": to_sign,
        "Verify": to_sign | {"Signature": kms.sign(**to_sign)["Signature"]},
        "VerifyMac": to_mac | {"Mac": kms.generate_mac(**to_mac)["Mac"]},
    }


def having(kms, member):
    """The operations of the service model whose request has this member."""
    model = kms.meta.service_model
    shapes = {name: model.operation_model(name).input_shape for name in model.operation_names}
    return {name for name, shape in shapes.items() if shape and member in shape.members}


def test_a_dry_run_of_every_operation_ends_before_it_does_anything(kms, requests, refused):
    operations = having(kms, "DryRun")
    assert len(operations) == 17
    for operation in sorted(operations):
        with refused("DryRunOperationException"):
            call(kms, operation, DryRun=True, **requests[operation])
    key_id = requests["Encrypt"]["KeyId"]
    assert [one["GrantId"] for one in kms.list_grants(KeyId=key_id)["Grants"]] == [requests["RevokeGrant"]["GrantId"]]


def test_no_dry_run_succeeds_where_the_operation_would_not(kms, requests, stranger, refused):
    arn = kms.describe_key(KeyId=requests["Encrypt"]["KeyId"])["KeyMetadata"]["Arn"]
    with refused("AccessDeniedException"):
        stranger.encrypt(KeyId=arn, Plaintext=b"x", DryRun=True)
    with refused("InvalidKeyUsageException"):
        kms.sign(KeyId=arn, Message=b"m", SigningAlgorithm="ECDSA_SHA_256", DryRun=True)


def test_grant_tokens_that_are_none_are_refused_wherever_they_are_taken(kms, requests, refused):
    operations = having(kms, "GrantTokens")
    assert len(operations) == 17
    for operation in sorted(operations):
        call(kms, operation, GrantTokens=[], **requests[operation])
        with refused("InvalidGrantTokenException"):
            call(kms, operation, GrantTokens=["made-up"], **requests[operation])
