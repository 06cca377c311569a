"""Imported key material; the numbers are the rows of the source texts."""

import hashlib
import os
import time
from datetime import datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

OAEP = {
    "SHA_1": padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None),
    "SHA_256": padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None),
}


def wrap(parameters, algorithm, material):
    public = serialization.load_der_public_key(parameters["PublicKey"])
    oaep = OAEP["SHA_256" if algorithm.endswith("SHA_256") else "SHA_1"]
    if algorithm.startswith("RSAES_OAEP"):
        return public.encrypt(material, oaep)
    aes = os.urandom(32)
    return public.encrypt(aes, oaep) + keywrap.aes_key_wrap_with_padding(aes, material)


def import_material(kms, key_id, material, algorithm="RSAES_OAEP_SHA_256", spec="RSA_2048", **more):
    parameters = kms.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm=algorithm, WrappingKeySpec=spec
    )
    if "ValidTo" not in more:
        more |= {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
    return kms.import_key_material(
        KeyId=key_id,
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=wrap(parameters, algorithm, material),
        **more,
    )


def state(kms, key_id):
    return kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"]


def pkcs8(private):
    return private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.fixture
def external(kms):
    return kms.create_key(Origin="EXTERNAL")["KeyMetadata"]


def test_f1_a_key_without_material_waits_for_ever_and_does_nothing(kms, external, refused):
    assert (external["KeyState"], external["Enabled"], external["Origin"]) == ("PendingImport", False, "EXTERNAL")
    assert "CurrentKeyMaterialId" not in external and "ExpirationModel" not in external
    text = (
        f"{external['Arn']} is pending import because no key material has ever been imported or one of the imported "
        "key materials is deleted or expired."
    )
    with refused("KMSInvalidStateException", text):
        kms.encrypt(KeyId=external["KeyId"], Plaintext=b"x")
    with refused("KMSInvalidStateException", text):
        kms.enable_key(KeyId=external["KeyId"])


@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
@pytest.mark.parametrize("algorithm", ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"])
def test_f2_symmetric_material_comes_in_under_every_wrapping_key(kms, external, algorithm, spec):
    answer = import_material(kms, external["KeyId"], os.urandom(32), algorithm, spec)
    assert answer["KeyId"] == external["Arn"]
    metadata = kms.describe_key(KeyId=external["KeyId"])["KeyMetadata"]
    assert (metadata["KeyState"], metadata["ExpirationModel"]) == ("Enabled", "KEY_MATERIAL_DOES_NOT_EXPIRE")
    assert metadata["CurrentKeyMaterialId"] == answer["KeyMaterialId"]
    blob = kms.encrypt(KeyId=external["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_f2_the_same_material_can_be_imported_again_and_no_other(kms, external, refused):
    material, key_id = os.urandom(32), external["KeyId"]
    first = import_material(kms, key_id, material)
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"kept")["CiphertextBlob"]
    kms.delete_imported_key_material(KeyId=key_id)
    assert state(kms, key_id) == "PendingImport"
    with refused("IncorrectKeyMaterialException"):
        import_material(kms, key_id, os.urandom(32))
    again = import_material(kms, key_id, material)
    assert again["KeyMaterialId"] == first["KeyMaterialId"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"kept"
    other = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    assert import_material(kms, other, material)["KeyMaterialId"] != first["KeyMaterialId"]


def test_f3_every_kind_of_key_but_the_newest_can_be_imported(kms, refused):
    rsa_key = rsa.generate_private_key(65537, 2048)
    made = {}
    for spec, usage, material, algorithm in [
        ("RSA_2048", "SIGN_VERIFY", pkcs8(rsa_key), "RSA_AES_KEY_WRAP_SHA_256"),
        ("RSA_2048", "ENCRYPT_DECRYPT", pkcs8(rsa_key), "RSA_AES_KEY_WRAP_SHA_1"),
        ("ECC_NIST_P256", "SIGN_VERIFY", pkcs8(ec.generate_private_key(ec.SECP256R1())), "RSAES_OAEP_SHA_256"),
        ("ECC_NIST_P384", "KEY_AGREEMENT", pkcs8(ec.generate_private_key(ec.SECP384R1())), "RSA_AES_KEY_WRAP_SHA_256"),
        ("ECC_NIST_P521", "SIGN_VERIFY", pkcs8(ec.generate_private_key(ec.SECP521R1())), "RSA_AES_KEY_WRAP_SHA_256"),
        ("ECC_SECG_P256K1", "SIGN_VERIFY", pkcs8(ec.generate_private_key(ec.SECP256K1())), "RSAES_OAEP_SHA_1"),
        ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY", pkcs8(ed25519.Ed25519PrivateKey.generate()), "RSAES_OAEP_SHA_256"),
        ("HMAC_512", "GENERATE_VERIFY_MAC", os.urandom(64), "RSAES_OAEP_SHA_256"),
        ("HMAC_224", "GENERATE_VERIFY_MAC", os.urandom(28), "RSAES_OAEP_SHA_256"),
    ]:
        key_id = kms.create_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]
        answer = import_material(kms, key_id, material, algorithm)
        assert "KeyMaterialId" not in answer, "only symmetric keys show it"
        assert state(kms, key_id) == "Enabled"
        made[spec, usage] = key_id, material
    for (spec, usage), (key_id, material) in made.items():
        if spec.startswith("HMAC"):
            continue
        private = serialization.load_der_private_key(material, None)
        public = private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        assert kms.get_public_key(KeyId=key_id)["PublicKey"] == public
    key_id, material = made["HMAC_224", "GENERATE_VERIFY_MAC"]
    import hmac as reference

    mac = kms.generate_mac(KeyId=key_id, Message=b"m", MacAlgorithm="HMAC_SHA_224")["Mac"]
    assert mac == reference.new(material, b"m", hashlib.sha224).digest()
    key_id, material = made["RSA_2048", "ENCRYPT_DECRYPT"]
    sealed = rsa_key.public_key().encrypt(b"secret", OAEP["SHA_1"])
    opened = kms.decrypt(KeyId=key_id, CiphertextBlob=sealed, EncryptionAlgorithm="RSAES_OAEP_SHA_1")
    assert opened["Plaintext"] == b"secret"
    for spec, usage in [("ML_DSA_44", "SIGN_VERIFY"), ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE")]:
        with refused("UnsupportedOperationException"):
            kms.create_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage=usage)


def test_asymmetric_keys_take_no_other_material_and_keep_their_public_key(kms, refused):
    private = ec.generate_private_key(ec.SECP256R1())
    key_id = kms.create_key(Origin="EXTERNAL", KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    with refused("KMSInvalidStateException"):
        kms.sign(KeyId=key_id, Message=b"m", SigningAlgorithm="ECDSA_SHA_256")
    import_material(kms, key_id, pkcs8(private))
    public = kms.get_public_key(KeyId=key_id)["PublicKey"]
    signature = kms.sign(KeyId=key_id, Message=b"m", SigningAlgorithm="ECDSA_SHA_256")["Signature"]
    private.public_key().verify(signature, b"m", ec.ECDSA(hashes.SHA256()))
    kms.delete_imported_key_material(KeyId=key_id)
    with refused("IncorrectKeyMaterialException"):
        import_material(kms, key_id, pkcs8(ec.generate_private_key(ec.SECP256R1())))
    assert kms.get_public_key(KeyId=key_id)["PublicKey"] == public
    import_material(kms, key_id, pkcs8(private))
    with refused("ValidationException"):
        import_material(kms, key_id, pkcs8(private), ImportType="EXISTING_KEY_MATERIAL")


def test_what_is_no_material_of_the_key_is_refused_and_changes_nothing(kms, external, refused):
    for material in [b"", os.urandom(31), os.urandom(33), os.urandom(16)]:
        with refused("IncorrectKeyMaterialException"):
            import_material(kms, external["KeyId"], material)
    ecc = kms.create_key(Origin="EXTERNAL", KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    for material in [pkcs8(ec.generate_private_key(ec.SECP256K1())), b"0" * 32]:
        with refused("IncorrectKeyMaterialException"):
            import_material(kms, ecc, material)
    assert {state(kms, external["KeyId"]), state(kms, ecc)} == {"PendingImport"}


def test_a_token_is_good_for_its_key_and_wrapping_key_only(kms, external, refused):
    def parameters(key_id):
        return kms.get_parameters_for_import(
            KeyId=key_id, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
        )

    def attempt(token, wrapped):
        return kms.import_key_material(
            KeyId=external["KeyId"],
            ImportToken=token,
            EncryptedKeyMaterial=wrapped,
            ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
        )

    one, two = parameters(external["KeyId"]), parameters(external["KeyId"])
    other = parameters(kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"])
    assert one["KeyId"] == external["Arn"] and len(one["ImportToken"]) <= 6144
    day = one["ParametersValidTo"] - datetime.now(timezone.utc)
    assert timedelta(hours=23) < day
    material = os.urandom(32)
    wrapped = wrap(one, "RSAES_OAEP_SHA_256", material)
    with refused("InvalidImportTokenException"):
        attempt(other["ImportToken"], wrapped)
    for at in (0, 40, len(one["ImportToken"]) - 1):
        changed = bytearray(one["ImportToken"])
        changed[at] ^= 1
        with refused("InvalidImportTokenException"):
            attempt(bytes(changed), wrapped)
    with refused("InvalidCiphertextException"):
        attempt(two["ImportToken"], wrapped)
    with refused("InvalidCiphertextException"):
        attempt(one["ImportToken"], wrapped[:-1] + bytes([wrapped[-1] ^ 1]))
    assert state(kms, external["KeyId"]) == "PendingImport"
    attempt(one["ImportToken"], wrapped)


def test_a_token_expires_after_a_day(kms, stack, external, refused):
    parameters = kms.get_parameters_for_import(
        KeyId=external["KeyId"], WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    stack.advance_key_clock(1)
    time.sleep(2.5)
    with refused("ExpiredImportTokenException"):
        kms.import_key_material(
            KeyId=external["KeyId"],
            ImportToken=parameters["ImportToken"],
            EncryptedKeyMaterial=wrap(parameters, "RSAES_OAEP_SHA_256", os.urandom(32)),
            ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
        )


def test_the_end_of_material_follows_rules(kms, external, refused):
    key_id = external["KeyId"]
    moment = kms.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )["ParametersValidTo"] - timedelta(days=1)
    common = {"KeyId": key_id, "ImportToken": b"x", "EncryptedKeyMaterial": b"x"}
    with refused("ValidationException"):
        kms.import_key_material(**common)
    with refused("ValidationException"):
        kms.import_key_material(**common, ValidTo=moment, ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE")
    for end in (moment - timedelta(minutes=1), moment + timedelta(days=366)):
        with refused("ValidationException"):
            import_material(kms, key_id, os.urandom(32), ValidTo=end)
    with refused("ValidationException"):
        kms.import_key_material(**common, ExpirationModel="NEVER")


def test_f4_expired_material_is_deleted_once_with_its_event(kms, stack, external):
    key_id, material = external["KeyId"], os.urandom(32)
    parameters = kms.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    end = parameters["ParametersValidTo"] + timedelta(days=4)
    answer = kms.import_key_material(
        KeyId=key_id,
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=wrap(parameters, "RSAES_OAEP_SHA_256", material),
        ValidTo=end,
        KeyMaterialDescription="first:one/2_3 4.5-6",
    )
    metadata = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    assert metadata["ExpirationModel"] == "KEY_MATERIAL_EXPIRES"
    assert abs(metadata["ValidTo"] - end) < timedelta(seconds=1)
    stack.advance_key_clock(6)
    patience = time.monotonic() + 90
    while state(kms, key_id) != "PendingImport":
        assert time.monotonic() < patience
        time.sleep(0.2)
    metadata = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    assert "ExpirationModel" not in metadata and "ValidTo" not in metadata
    event = stack.record_where(
        lambda r: r["eventName"] == "DeleteExpiredKeyMaterial"
        and r["resources"][0]["ARN"] == external["Arn"]
    )
    assert event["serviceEventDetails"] == {"keyId": key_id, "keyMaterialId": answer["KeyMaterialId"]}
    [only] = kms.list_key_rotations(KeyId=key_id, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    assert (only["ImportState"], only["KeyMaterialDescription"]) == ("PENDING_IMPORT", "first:one/2_3 4.5-6")
    record = stack.record(answer)
    assert record["requestParameters"]["expirationModel"] == "KEY_MATERIAL_EXPIRES"
    assert record["responseElements"] == {"keyId": external["Arn"], "keyMaterialId": answer["KeyMaterialId"]}
    text = str(record)
    assert "importToken" not in text and "encryptedKeyMaterial" not in text
    record = stack.record(parameters)
    assert record["readOnly"] is True and record["responseElements"] is None
    assert record["requestParameters"] == {
        "keyId": key_id,
        "wrappingAlgorithm": "RSAES_OAEP_SHA_256",
        "wrappingKeySpec": "RSA_2048",
    }
    import_material(kms, key_id, material)
    deleted = kms.delete_imported_key_material(KeyId=key_id)
    assert (deleted["KeyId"], deleted["KeyMaterialId"]) == (external["Arn"], answer["KeyMaterialId"])
    assert stack.record(deleted)["eventName"] == "DeleteImportedKeyMaterial"
    assert kms.delete_imported_key_material(KeyId=key_id)["KeyMaterialId"] == answer["KeyMaterialId"]


def test_imported_keys_rotate_on_demand_to_material_that_waits(kms, external, refused):
    key_id = external["KeyId"]
    first = import_material(kms, key_id, os.urandom(32))["KeyMaterialId"]
    old = kms.encrypt(KeyId=key_id, Plaintext=b"old")["CiphertextBlob"]
    with refused("KMSInvalidStateException"):
        kms.rotate_key_on_demand(KeyId=key_id)
    with refused("UnsupportedOperationException", f"{external['Arn']} origin is EXTERNAL which is not valid for this operation."):
        kms.enable_key_rotation(KeyId=key_id)
    assert kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"] is False
    second = import_material(kms, key_id, os.urandom(32), ImportType="NEW_KEY_MATERIAL")["KeyMaterialId"]
    third = import_material(kms, key_id, os.urandom(32), ImportType="NEW_KEY_MATERIAL")["KeyMaterialId"]

    def materials():
        listed = kms.list_key_rotations(KeyId=key_id, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
        return [(one["KeyMaterialId"], one["KeyMaterialState"], one["ImportState"]) for one in listed]

    assert second != third
    assert materials() == [(first, "CURRENT", "IMPORTED"), (third, "PENDING_ROTATION", "IMPORTED")]
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["CurrentKeyMaterialId"] == first
    kms.rotate_key_on_demand(KeyId=key_id)
    assert materials() == [(first, "NON_CURRENT", "IMPORTED"), (third, "CURRENT", "IMPORTED")]
    assert kms.decrypt(CiphertextBlob=old)["Plaintext"] == b"old"
    kms.delete_imported_key_material(KeyId=key_id, KeyMaterialId=first)
    assert state(kms, key_id) == "PendingImport"
    with refused("NotFoundException"):
        kms.delete_imported_key_material(KeyId=key_id, KeyMaterialId="ab" * 32)


def test_only_external_keys_take_part(kms, key, refused):
    text = f"{key['Arn']} origin is AWS_KMS which is not valid for this operation."
    with refused("UnsupportedOperationException", text):
        kms.get_parameters_for_import(
            KeyId=key["KeyId"], WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
        )
    with refused("UnsupportedOperationException", text):
        kms.delete_imported_key_material(KeyId=key["KeyId"])


def test_wrapping_that_does_not_fit_is_refused(kms, external, refused):
    key_id = external["KeyId"]
    for algorithm, spec, code in [
        ("RSAES_PKCS1_V1_5", "RSA_2048", "UnsupportedOperationException"),
        ("SM2PKE", "SM2", "UnsupportedOperationException"),
        ("RSA_AES_KEY_WRAP_SHA_256", "RSA_2048", "ValidationException"),
        ("ROT13", "RSA_2048", "ValidationException"),
    ]:
        with refused(code):
            kms.get_parameters_for_import(KeyId=key_id, WrappingAlgorithm=algorithm, WrappingKeySpec=spec)
    rsa_key = kms.create_key(Origin="EXTERNAL", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    with refused("ValidationException"):
        kms.get_parameters_for_import(
            KeyId=rsa_key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_4096"
        )
