"""Keys of every spec, usage and origin that AWS allows, and what becomes of every other combination (C1-C3, F3)."""

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, mlkem, rsa

from specs import (
    DERIVED,
    ENCAPSULATED,
    KINDS,
    LARGEST,
    LISTED_AS,
    OLD_SPECS,
    SIGNATURE,
    SPECS,
    USAGES,
    can_be_imported,
    is_symmetric,
)

ROTATION = [
    "enable_key_rotation",
    "disable_key_rotation",
    "get_key_rotation_status",
    "list_key_rotations",
    "rotate_key_on_demand",
]

# Spec → its public key, in a second library; SM2 and ML-KEM-512 are looked at byte by byte.
PUBLIC = {
    "RSA_2048": (rsa.RSAPublicKey, 2048),
    "RSA_3072": (rsa.RSAPublicKey, 3072),
    "RSA_4096": (rsa.RSAPublicKey, 4096),
    "ECC_NIST_P256": (ec.EllipticCurvePublicKey, 256),
    "ECC_NIST_P384": (ec.EllipticCurvePublicKey, 384),
    "ECC_NIST_P521": (ec.EllipticCurvePublicKey, 521),
    "ECC_SECG_P256K1": (ec.EllipticCurvePublicKey, 256),
    "ECC_NIST_EDWARDS25519": (ed25519.Ed25519PublicKey, None),
    "ML_DSA_44": (mldsa.MLDSA44PublicKey, None),
    "ML_DSA_65": (mldsa.MLDSA65PublicKey, None),
    "ML_DSA_87": (mldsa.MLDSA87PublicKey, None),
    "ML_KEM_768": (mlkem.MLKEM768PublicKey, None),
    "ML_KEM_1024": (mlkem.MLKEM1024PublicKey, None),
}
# SubjectPublicKeyInfo up to the key: the curve of GB/T 32918 (RFC 5480 with its OID), id-alg-ml-kem-512.
PREFIX = {
    "SM2": bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004"),
    "ML_KEM_512": bytes.fromhex("30820332300b06096086480165030404010382032100"),
}


def every_kind(kinds=KINDS):
    return pytest.mark.parametrize(("spec", "usage", "origin"), kinds, ids=["-".join(kind) for kind in kinds])


def expected_metadata(account, made, spec, usage, origin):
    """KeyMetadata of a new key, but for what differs between keys."""
    waits = origin == "EXTERNAL"
    return {
        "AWSAccountId": account,
        "Arn": f"arn:aws:kms:us-east-1:{account}:key/{made['KeyId']}",
        "Enabled": not waits,
        "Description": "",
        "KeyUsage": usage,
        "KeyState": "PendingImport" if waits else "Enabled",
        "Origin": origin,
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": spec,
        "KeySpec": spec,
        LISTED_AS[usage]: SPECS[spec][usage],
        "MultiRegion": False,
    }


@every_kind()
def test_c1_c2_create_key_shows_what_the_key_is_and_nothing_else(keys, account, spec, usage, origin):
    made = dict(keys.key(spec, usage, origin))
    expected = expected_metadata(account, made, spec, usage, origin)
    own = {"KeyId", "CreationDate"}
    if spec == "SYMMETRIC_DEFAULT" and origin == "AWS_KMS":
        own.add("CurrentKeyMaterialId")
    assert {member: value for member, value in made.items() if member not in own} == expected
    assert own <= set(made)


@every_kind()
def test_describe_key_shows_the_same_and_the_imported_material(kms, keys, spec, usage, origin):
    made = keys.key(spec, usage, origin)
    now = kms.describe_key(KeyId=made["KeyId"])["KeyMetadata"]
    if origin == "EXTERNAL":
        assert now.pop("ExpirationModel") == "KEY_MATERIAL_DOES_NOT_EXPIRE"
        assert (now.pop("KeyState"), now.pop("Enabled")) == ("Enabled", True)
        assert (now.pop("CurrentKeyMaterialId", None) is not None) == (spec == "SYMMETRIC_DEFAULT")
        made = {member: value for member, value in made.items() if member not in ("KeyState", "Enabled")}
    assert now == made


@every_kind()
def test_c4_the_public_key_of_asymmetric_keys_comes_out_in_der(kms, keys, refused, spec, usage, origin):
    made = keys.key(spec, usage, origin)
    if is_symmetric(spec):
        with refused("UnsupportedOperationException"):
            kms.get_public_key(KeyId=made["KeyId"])
        return
    answer = kms.get_public_key(KeyId=made["KeyId"])
    der = answer.pop("PublicKey")
    answer.pop("ResponseMetadata")
    assert answer == {
        "KeyId": made["Arn"],
        "CustomerMasterKeySpec": spec,
        "KeySpec": spec,
        "KeyUsage": usage,
        LISTED_AS[usage]: SPECS[spec][usage],
    }
    if origin == "EXTERNAL":
        assert der == keys.material(spec)[1]
    if spec in PREFIX:
        assert der.startswith(PREFIX[spec])
        return
    public, (kind, bits) = serialization.load_der_public_key(der), PUBLIC[spec]
    assert isinstance(public, kind)
    assert bits is None or public.key_size == bits


def of_usage(usage):
    return [kind for kind in KINDS if kind[1] == usage]


@every_kind(of_usage("ENCRYPT_DECRYPT"))
def test_c5_encryption_keys_encrypt_with_each_algorithm(kms, keys, refused, spec, usage, origin):
    key = keys.key(spec, usage, origin)
    for algorithm in SPECS[spec][usage]:
        named = {"KeyId": key["KeyId"], "EncryptionAlgorithm": algorithm}
        plaintext = b"x" * LARGEST[spec, algorithm]
        sealed = kms.encrypt(Plaintext=plaintext, **named)
        assert (sealed["KeyId"], sealed["EncryptionAlgorithm"]) == (key["Arn"], algorithm)
        opened = kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], **named)
        assert (opened["Plaintext"], opened["EncryptionAlgorithm"]) == (plaintext, algorithm)
        assert ("KeyMaterialId" in opened) == (spec == "SYMMETRIC_DEFAULT")
        with refused("ValidationException"):
            kms.encrypt(Plaintext=plaintext + b"x", **named)
        moved = kms.re_encrypt(
            CiphertextBlob=sealed["CiphertextBlob"],
            SourceKeyId=key["KeyId"],
            SourceEncryptionAlgorithm=algorithm,
            DestinationKeyId=keys.key("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")["KeyId"],
        )
        assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"])["Plaintext"] == plaintext
    if spec != "SYMMETRIC_DEFAULT":
        text = f"Algorithm SYMMETRIC_DEFAULT is incompatible with key spec {spec}."
        with refused("InvalidKeyUsageException", text):
            kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
        with refused("InvalidKeyUsageException"):
            kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256")
        with refused("InvalidKeyUsageException"):
            kms.generate_data_key_pair(KeyId=key["KeyId"], KeyPairSpec="ECC_NIST_P256")


@every_kind(of_usage("SIGN_VERIFY"))
def test_signing_keys_sign_with_each_algorithm(kms, keys, refused, spec, usage, origin):
    key = keys.key(spec, usage, origin)
    for algorithm in SPECS[spec][usage]:
        prehashed = algorithm == "ED25519_PH_SHA_512"
        kind = {"MessageType": "DIGEST"} if prehashed else {}
        message = hashlib.sha512(b"m").digest() if prehashed else b"m"
        named = {"KeyId": key["KeyId"], "SigningAlgorithm": algorithm, **kind}
        signed = kms.sign(Message=message, **named)
        assert (signed["KeyId"], signed["SigningAlgorithm"]) == (key["Arn"], algorithm)
        signature = signed["Signature"]
        assert len(signature) == SIGNATURE.get(spec, len(signature))
        verified = kms.verify(Message=message, Signature=signature, **named)
        assert (verified["SignatureValid"], verified["KeyId"]) == (True, key["Arn"])
        with refused("KMSInvalidSignatureException"):
            kms.verify(Message=message[:-1] + b"x", Signature=signature, **named)
    wrong = "ECDSA_SHA_384" if spec != "ECC_NIST_P384" else "ECDSA_SHA_256"
    with refused("InvalidKeyUsageException", f"Algorithm {wrong} is incompatible with key spec {spec}."):
        kms.sign(KeyId=key["KeyId"], Message=b"m", SigningAlgorithm=wrong)


@every_kind(of_usage("GENERATE_VERIFY_MAC"))
def test_mac_keys_make_macs_of_their_own_length(kms, keys, refused, spec, usage, origin):
    key, [algorithm] = keys.key(spec, usage, origin), SPECS[spec][usage]
    named = {"KeyId": key["KeyId"], "MacAlgorithm": algorithm, "Message": b"m"}
    made = kms.generate_mac(**named)
    assert (made["KeyId"], made["MacAlgorithm"]) == (key["Arn"], algorithm)
    bits = spec.removeprefix("HMAC_")
    assert len(made["Mac"]) == int(bits) // 8
    if origin == "EXTERNAL":
        assert made["Mac"] == hmac.digest(keys.material(spec)[0], b"m", f"sha{bits}")
    verified = kms.verify_mac(Mac=made["Mac"], **named)
    assert (verified["MacValid"], verified["KeyId"]) == (True, key["Arn"])
    for wrong in (made["Mac"][:-1], bytes(len(made["Mac"]))):
        with refused("KMSInvalidMacException"):
            kms.verify_mac(Mac=wrong, **named)
    other = "HMAC_SHA_256" if bits != "256" else "HMAC_SHA_512"
    with refused("InvalidKeyUsageException"):
        kms.generate_mac(**named | {"MacAlgorithm": other})


@every_kind(of_usage("KEY_AGREEMENT"))
def test_key_agreement_keys_agree_with_each_other(kms, keys, refused, spec, usage, origin):
    one, other = (keys.key(spec, usage, o) for o in ("AWS_KMS", "EXTERNAL"))
    mine, peer = (one, other) if origin == "AWS_KMS" else (other, one)
    secrets = []
    for key, with_key in ((mine, peer), (peer, mine)):
        public = kms.get_public_key(KeyId=with_key["KeyId"])["PublicKey"]
        answer = kms.derive_shared_secret(KeyId=key["KeyId"], KeyAgreementAlgorithm="ECDH", PublicKey=public)
        assert (answer["KeyId"], answer["KeyAgreementAlgorithm"]) == (key["Arn"], "ECDH")
        assert answer["KeyOrigin"] == key["Origin"]
        secrets.append(answer["SharedSecret"])
    assert secrets[0] == secrets[1] and len(secrets[0]) == DERIVED[spec]
    another = "ECC_NIST_P384" if spec != "ECC_NIST_P384" else "ECC_NIST_P256"
    public = kms.get_public_key(KeyId=keys.key(another, usage)["KeyId"])["PublicKey"]
    with refused("ValidationException"):
        kms.derive_shared_secret(KeyId=mine["KeyId"], KeyAgreementAlgorithm="ECDH", PublicKey=public)


@every_kind(of_usage("ENCAPSULATE_DECAPSULATE"))
def test_encapsulated_secrets_come_out_again(kms, keys, refused, spec, usage, origin):
    key = keys.key(spec, usage, origin)
    named = {"KeyId": key["KeyId"], "EncapsulationAlgorithm": "ML_KEM"}
    made = kms.encapsulate(**named)
    carried = made["SharedSecretCiphertextBlob"]
    assert (made["KeyId"], len(made["SharedSecret"]), len(carried)) == (key["Arn"], 32, ENCAPSULATED[spec])
    opened = kms.decapsulate(SharedSecretCiphertextBlob=carried, **named)
    assert (opened["SharedSecret"], opened["KeyId"]) == (made["SharedSecret"], key["Arn"])
    changed = carried[:-1] + bytes([carried[-1] ^ 1])
    rejected = kms.decapsulate(SharedSecretCiphertextBlob=changed, **named)["SharedSecret"]
    assert len(rejected) == 32 and rejected != made["SharedSecret"]
    with refused("InvalidCiphertextException"):
        kms.decapsulate(SharedSecretCiphertextBlob=carried[:-1], **named)


# One operation for each usage.
USES = {
    "ENCRYPT_DECRYPT": ("Encrypt", {"Plaintext": b"x"}),
    "SIGN_VERIFY": ("Sign", {"Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}),
    "GENERATE_VERIFY_MAC": ("GenerateMac", {"Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}),
    "KEY_AGREEMENT": ("DeriveSharedSecret", {"KeyAgreementAlgorithm": "ECDH", "PublicKey": b"x"}),
    "ENCAPSULATE_DECAPSULATE": ("Encapsulate", {"EncapsulationAlgorithm": "ML_KEM"}),
}


def call(kms, operation, **parameters):
    [method] = [python for python, name in kms.meta.method_to_api_mapping.items() if name == operation]
    return getattr(kms, method)(**parameters)


@every_kind()
def test_c3_no_key_does_what_it_is_not_for(kms, keys, refused, spec, usage, origin):
    key = keys.key(spec, usage, origin)
    for other, (operation, parameters) in USES.items():
        if other == usage:
            continue
        text = f"{key['Arn']} key usage is {usage} which is not valid for {operation}."
        with refused("InvalidKeyUsageException", text):
            call(kms, operation, KeyId=key["KeyId"], **parameters)


@every_kind()
def test_symmetric_encryption_keys_rotate_and_no_others(kms, keys, refused, spec, usage, origin):
    key_id = keys.key(spec, usage, origin)["KeyId"]
    if spec != "SYMMETRIC_DEFAULT":
        for operation in ROTATION:
            with refused("UnsupportedOperationException"):
                getattr(kms, operation)(KeyId=key_id)
        return
    before = kms.describe_key(KeyId=key_id)["KeyMetadata"]["CurrentKeyMaterialId"]
    if origin == "EXTERNAL":
        with refused("UnsupportedOperationException"):
            kms.enable_key_rotation(KeyId=key_id)
        with refused("KMSInvalidStateException"):
            kms.rotate_key_on_demand(KeyId=key_id)
        assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["CurrentKeyMaterialId"] == before
        return
    kms.enable_key_rotation(KeyId=key_id)
    assert kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"] is True
    kms.disable_key_rotation(KeyId=key_id)
    kms.rotate_key_on_demand(KeyId=key_id)
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["CurrentKeyMaterialId"] != before


@every_kind()
def test_f3_material_is_imported_again_where_it_was_and_nowhere_else(kms, keys, refused, spec, usage, origin):
    key_id = keys.key(spec, usage, origin)["KeyId"]
    if origin == "AWS_KMS":
        with refused("UnsupportedOperationException"):
            kms.get_parameters_for_import(
                KeyId=key_id, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
            )
        return
    kms.delete_imported_key_material(KeyId=key_id)
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "PendingImport"
    answer = keys.import_into(key_id, spec)
    assert ("KeyMaterialId" in answer) == (spec == "SYMMETRIC_DEFAULT")
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "Enabled"


@every_kind()
def test_e1_every_key_can_be_scheduled_for_deletion(kms, keys, spec, usage, origin):
    key = keys.key(spec, usage, origin)
    before = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    answer = kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    assert (answer["KeyId"], answer["KeyState"]) == (key["Arn"], "PendingDeletion")
    pending = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    changed = {"KeyState": "PendingDeletion", "Enabled": False, "DeletionDate": answer["DeletionDate"]}
    assert pending == before | changed
    kms.cancel_key_deletion(KeyId=key["KeyId"])
    kms.enable_key(KeyId=key["KeyId"])
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] == before


@pytest.mark.parametrize("spec", SPECS)
def test_c3_specs_and_usages_that_do_not_fit_are_refused(kms, refused, spec):
    before = kms.list_keys(Limit=1000)["Keys"]
    for usage in USAGES:
        if usage not in SPECS[spec]:
            with refused("ValidationException", f"KeyUsage {usage} is not compatible with KeySpec {spec}"):
                kms.create_key(KeySpec=spec, KeyUsage=usage)
    if spec != "SYMMETRIC_DEFAULT":
        with refused("ValidationException"):
            kms.create_key(KeySpec=spec)
    for usage in SPECS[spec]:
        for origin in ("AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"):
            with refused("UnsupportedOperationException"):
                kms.create_key(KeySpec=spec, KeyUsage=usage, Origin=origin)
        if not can_be_imported(spec):
            with refused("UnsupportedOperationException"):
                kms.create_key(KeySpec=spec, KeyUsage=usage, Origin="EXTERNAL")
    assert kms.list_keys(Limit=1000)["Keys"] == before


@pytest.mark.parametrize("spec", OLD_SPECS)
def test_c1_the_older_name_of_the_spec_is_taken_and_given_back(kms, spec):
    usage = next(iter(SPECS[spec]))
    # Keys without material are made at once, whatever their spec.
    made = kms.create_key(CustomerMasterKeySpec=spec, KeyUsage=usage, Origin="EXTERNAL")["KeyMetadata"]
    assert (made["CustomerMasterKeySpec"], made["KeySpec"]) == (spec, spec)


def test_the_two_names_of_the_spec_exclude_each_other(kms, refused):
    with refused("ValidationException"):
        kms.create_key(KeySpec="HMAC_256", CustomerMasterKeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    with refused("ValidationException"):
        kms.create_key(CustomerMasterKeySpec="ML_DSA_44", KeyUsage="SIGN_VERIFY")
