"""HMAC keys: GenerateMac and VerifyMac."""

import base64

import pytest

SIZES = {"HMAC_224": 28, "HMAC_256": 32, "HMAC_384": 48, "HMAC_512": 64}
MESSAGE = b"attack at dawn"


@pytest.fixture(scope="module")
def hmac(kms):
    """The metadata of a key of each spec."""
    return {spec: kms.create_key(KeySpec=spec, KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"] for spec in SIZES}


@pytest.mark.parametrize("spec", SIZES)
def test_a_mac_verifies_with_its_message_only(kms, hmac, refused, spec):
    key, algorithm = hmac[spec], spec.replace("_", "_SHA_")
    assert key["MacAlgorithms"] == [algorithm] and "CurrentKeyMaterialId" not in key
    asked = {"KeyId": key["KeyId"], "MacAlgorithm": algorithm}
    made = kms.generate_mac(Message=MESSAGE, **asked)
    assert made["KeyId"] == key["Arn"] and made["MacAlgorithm"] == algorithm and len(made["Mac"]) == SIZES[spec]
    assert kms.generate_mac(Message=MESSAGE, **asked)["Mac"] == made["Mac"]
    good = kms.verify_mac(Message=MESSAGE, Mac=made["Mac"], **asked)
    assert good["MacValid"] is True and good["KeyId"] == key["Arn"] and good["MacAlgorithm"] == algorithm
    changed = bytes([made["Mac"][0] ^ 1]) + made["Mac"][1:]
    for message, mac in ((MESSAGE, changed), (MESSAGE + b"!", made["Mac"]), (MESSAGE, made["Mac"][:-1]), (MESSAGE, b"x")):
        with refused("KMSInvalidMacException") as error:
            kms.verify_mac(Message=message, Mac=mac, **asked)
        assert error.text == ""


def test_keys_have_macs_of_their_own(kms, hmac):
    asked = {"Message": MESSAGE, "MacAlgorithm": "HMAC_SHA_256"}
    other = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]
    macs = [kms.generate_mac(KeyId=key["KeyId"], **asked)["Mac"] for key in (hmac["HMAC_256"], other)]
    assert macs[0] != macs[1]


def test_the_algorithm_is_the_keys_own(kms, hmac, key, refused):
    with refused("InvalidKeyUsageException", "Algorithm HMAC_SHA_512 is incompatible with key spec HMAC_256."):
        kms.generate_mac(KeyId=hmac["HMAC_256"]["KeyId"], Message=b"x", MacAlgorithm="HMAC_SHA_512")
    message = f"{key['Arn']} key usage is ENCRYPT_DECRYPT which is not valid for GenerateMac."
    with refused("InvalidKeyUsageException", message):
        kms.generate_mac(KeyId=key["KeyId"], Message=b"x", MacAlgorithm="HMAC_SHA_256")
    message = f"{hmac['HMAC_256']['Arn']} key usage is GENERATE_VERIFY_MAC which is not valid for Encrypt."
    with refused("InvalidKeyUsageException", message):
        kms.encrypt(KeyId=hmac["HMAC_256"]["KeyId"], Plaintext=b"x")


def test_a_message_has_1_to_4096_bytes(stack, hmac, refused):
    unchecked = stack.client("kms", parameter_validation=False)
    asked = {"KeyId": hmac["HMAC_224"]["KeyId"], "MacAlgorithm": "HMAC_SHA_224"}
    assert len(unchecked.generate_mac(Message=bytes(4096), **asked)["Mac"]) == 28
    for message in (b"", bytes(4097)):
        with refused("ValidationException"):
            unchecked.generate_mac(Message=message, **asked)


def test_dry_run_and_state_are_checked(kms, stranger, refused):
    key = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]
    asked = {"KeyId": key["Arn"], "Message": b"x", "MacAlgorithm": "HMAC_SHA_256"}
    with refused("DryRunOperationException"):
        kms.generate_mac(DryRun=True, **asked)
    with refused("DryRunOperationException"):
        kms.verify_mac(Mac=b"x", DryRun=True, **asked)
    with refused("AccessDeniedException"):
        stranger.generate_mac(**asked)
    kms.disable_key(KeyId=key["KeyId"])
    for call in (lambda: kms.generate_mac(**asked), lambda: kms.verify_mac(Mac=b"x", **asked)):
        with refused("DisabledException", f"{key['Arn']} is disabled."):
            call()


def test_the_records_of_macs(stack, kms, hmac, refused):
    key = hmac["HMAC_256"]
    asked = {"KeyId": key["KeyId"], "Message": MESSAGE, "MacAlgorithm": "HMAC_SHA_256"}
    made = kms.generate_mac(**asked)
    with refused("KMSInvalidMacException") as wrong:
        kms.verify_mac(Mac=b"x", **asked)
    verified = kms.verify_mac(Mac=made["Mac"], **asked)
    for answer, name in ((made, "GenerateMac"), (verified, "VerifyMac"), (wrong.error, "VerifyMac")):
        record = stack.record(answer)
        assert record["eventName"] == name and record["readOnly"] is True
        assert record["requestParameters"] == {"keyId": key["KeyId"], "macAlgorithm": "HMAC_SHA_256"}
        assert record["responseElements"] is None and "additionalEventData" not in record
        assert [one["ARN"] for one in record["resources"]] == [key["Arn"]]
        for secret in (MESSAGE, made["Mac"]):
            assert base64.b64encode(secret).decode() not in str(record)
    assert record["errorCode"] == "KMSInvalidMacException"
