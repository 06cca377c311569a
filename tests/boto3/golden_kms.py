"""The cases of the golden records of KMS: each operation done, and refused."""

import time
from datetime import timedelta

from golden import HERE, THERE, Case
from people import document
from states import public_point
from test_import import wrap

CONTEXT = {"purpose": "golden", "tenant": "a \"quoted\" one"}
TAGS = [{"TagKey": "cost-center", "TagValue": "42"}, {"TagKey": "empty", "TagValue": ""}]
OAEP = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
NOWHERE = "alias/no-such-alias"
UNKNOWN_GRANT = "ab" * 32
STORE = {"CustomKeyStoreId": "cks-1234567890abcdef0"}


def ok(operation, make, **more):
    return Case("kms", operation, make, **more)


def no(operation, refused, make, **more):
    return Case("kms", operation, make, refused, **more)


def denied(operation, make):
    return Case("kms", operation, make, "AccessDeniedException", caller="stranger")


def on(kind, **given):
    """The parameters of a request about a key that stays as it is."""
    return lambda w: {"KeyId": getattr(w, kind).id} | given


def on_new(given=None, **made):
    """The parameters of a request about a new key."""
    return lambda w: {"KeyId": w.key(**made).id} | (given or {})


def nowhere(**given):
    return lambda w: {"KeyId": NOWHERE} | given


def alias_of(w, key=None):
    name = "alias/" + w.named("alias")
    if key:
        w.home.kms.create_alias(AliasName=name, TargetKeyId=key.id)
    return name


def sealed(w, key=None, **given):
    return w.home.kms.encrypt(KeyId=(key or w.symmetric).id, Plaintext=w.canary(), **given)["CiphertextBlob"]


def pending_deletion(w):
    key = w.key()
    w.home.kms.schedule_key_deletion(KeyId=key.id, PendingWindowInDays=7)
    return key


def disabled(w):
    key = w.key()
    w.home.kms.disable_key(KeyId=key.id)
    return key


def grant(w, **given):
    key = w.symmetric
    made = w.home.kms.create_grant(KeyId=key.id, GranteePrincipal=w.grantee.arn, Operations=["Decrypt"], **given)
    w.names.give(made["GrantId"], "grant")
    return {"KeyId": key.id, "GrantId": made["GrantId"]}, made["GrantToken"]


def new_material(w, key=None, **given):
    """The parameters of an import into a key that waits for its material."""
    key = key or w.key(Origin="EXTERNAL")
    parameters = w.home.kms.get_parameters_for_import(KeyId=key.id, **OAEP)
    material = w.canary()[-32:]
    w.secrets.append(("key material", material))
    wrapped = wrap(parameters, OAEP["WrappingAlgorithm"], material)
    if given.get("ExpirationModel") == "KEY_MATERIAL_EXPIRES":
        # By the key clock, which tests move on.
        given["ValidTo"] = parameters["ParametersValidTo"] + timedelta(days=3)
    return {"KeyId": key.id, "ImportToken": parameters["ImportToken"], "EncryptedKeyMaterial": wrapped} | given


def imported(w, **given):
    key = w.key(Origin="EXTERNAL")
    made = w.home.kms.import_key_material(**new_material(w, key, ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE"))
    w.names.give(made["KeyMaterialId"], "material")
    return {"KeyId": key.id} | given


def family(w):
    """A multi-Region key with a replica that is there."""
    key = w.key(MultiRegion=True)
    w.home.kms.replicate_key(KeyId=key.id, ReplicaRegion=THERE)
    while w.there.describe_key(KeyId=key.id)["KeyMetadata"]["KeyState"] != "Enabled":
        time.sleep(0.05)
    return key


def signed(w, **given):
    made = w.home.kms.sign(KeyId=w.signing.id, Message=b"golden", SigningAlgorithm="ECDSA_SHA_256")
    return {"KeyId": w.signing.id, "SigningAlgorithm": "ECDSA_SHA_256", "Message": b"golden", "Signature": made["Signature"]} | given


def maced(w, **given):
    made = w.home.kms.generate_mac(KeyId=w.mac.id, Message=b"golden", MacAlgorithm="HMAC_SHA_256")
    return {"KeyId": w.mac.id, "MacAlgorithm": "HMAC_SHA_256", "Message": b"golden", "Mac": made["Mac"]} | given


def encapsulated(w, **given):
    made = w.home.kms.encapsulate(KeyId=w.kem.id, EncapsulationAlgorithm="ML_KEM")
    blob = made["SharedSecretCiphertextBlob"]
    return {"KeyId": w.kem.id, "EncapsulationAlgorithm": "ML_KEM", "SharedSecretCiphertextBlob": blob} | given


def cloud_hsm(w):
    return {"CustomKeyStoreName": "hsm", "CloudHsmClusterId": "cluster-1a23b4cdefg", "KeyStorePassword": "kmsPswd-canary",
            "TrustAnchorCertificate": "certificate"}  # fmt: skip


def external_store(w):
    secret = {"AccessKeyId": "ABCDE12345670EXAMPLE", "RawSecretAccessKey": "DXjSUawnel2fr6SKC7G25CNxTyWKE5PF9XX6H/u9pSo="}
    return STORE | {"NewCustomKeyStoreName": "proxied", "XksProxyUriEndpoint": "https://xks.example.com",
                    "XksProxyUriPath": "/golden/kms/xks/v1", "XksProxyConnectivity": "PUBLIC_ENDPOINT",
                    "XksProxyAuthenticationCredential": secret}  # fmt: skip


def admin_only(w):
    return document(w.home.everything)


CASES = [
    ok("CancelKeyDeletion", lambda w: {"KeyId": pending_deletion(w).id}),
    no("CancelKeyDeletion", "KMSInvalidStateException", on("symmetric")),
    ok("CreateAlias", lambda w: {"AliasName": alias_of(w), "TargetKeyId": w.symmetric.arn}),
    no("CreateAlias", "AlreadyExistsException", lambda w: {"AliasName": alias_of(w, w.symmetric), "TargetKeyId": w.symmetric.id}),
    ok("CreateGrant", lambda w: {
        "KeyId": w.symmetric.arn, "GranteePrincipal": w.grantee.arn, "RetiringPrincipal": w.user.arn, "Name": "golden",
        "Operations": ["Decrypt", "GenerateDataKey"], "Constraints": {"EncryptionContextSubset": CONTEXT},
    }),
    ok("CreateGrant", lambda w: {
        "KeyId": w.symmetric.id, "GranteePrincipal": w.grantee.arn, "Operations": ["Encrypt"], "GrantTokens": [grant(w)[1]],
        "Constraints": {"EncryptionContextEquals": CONTEXT},
    }, name="with a grant token"),
    no("CreateGrant", "DryRunOperationException", lambda w: {
        "KeyId": w.symmetric.id, "GranteePrincipal": w.grantee.arn, "Operations": ["Decrypt"], "DryRun": True}),
    no("CreateGrant", "ValidationException", lambda w: {
        "KeyId": w.symmetric.id, "GranteePrincipal": w.grantee.arn, "Operations": ["NoSuchOperation"]}),
    ok("CreateKey", lambda w: {}),
    ok("CreateKey", lambda w: {
        "Description": "golden", "KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY", "Tags": TAGS, "MultiRegion": True,
        "Policy": admin_only(w), "BypassPolicyLockoutSafetyCheck": True,
    }, name="with everything"),
    ok("CreateKey", lambda w: {"Origin": "EXTERNAL", "KeySpec": "HMAC_384", "KeyUsage": "GENERATE_VERIFY_MAC"}, name="external"),
    no("CreateKey", "MalformedPolicyDocumentException", lambda w: {"Policy": '{"Version": "2012-10-17"}'}),
    no("CreateKey", "ValidationException", lambda w: {"KeySpec": "DES_56"}),
    denied("CreateKey", lambda w: {"Description": "not mine"}),
    ok("Decapsulate", encapsulated),
    no("Decapsulate", "InvalidCiphertextException", lambda w: encapsulated(w, SharedSecretCiphertextBlob=w.canary() * 18)),
    ok("Decrypt", lambda w: {"CiphertextBlob": sealed(w, EncryptionContext=CONTEXT), "EncryptionContext": CONTEXT}),
    ok("Decrypt", lambda w: {"CiphertextBlob": sealed(w), "KeyId": w.symmetric.arn}, name="with a key"),
    no("Decrypt", "InvalidCiphertextException", lambda w: {"CiphertextBlob": sealed(w, EncryptionContext=CONTEXT)}),
    no("Decrypt", "IncorrectKeyException", lambda w: {"CiphertextBlob": sealed(w), "KeyId": w.other.id}),
    denied("Decrypt", lambda w: {"CiphertextBlob": sealed(w)}),
    ok("DeleteAlias", lambda w: {"AliasName": alias_of(w, w.symmetric)}),
    no("DeleteAlias", "NotFoundException", lambda w: {"AliasName": alias_of(w)}),
    ok("DeleteImportedKeyMaterial", imported),
    no("DeleteImportedKeyMaterial", "UnsupportedOperationException", on("symmetric")),
    ok("DeriveSharedSecret", lambda w: {"KeyId": w.agreeing.id, "KeyAgreementAlgorithm": "ECDH", "PublicKey": public_point()}),
    no("DeriveSharedSecret", "ValidationException", lambda w: {
        "KeyId": w.agreeing.id, "KeyAgreementAlgorithm": "ECDH", "PublicKey": w.canary()}),
    ok("DescribeKey", lambda w: {"KeyId": alias_of(w, w.symmetric)}),
    no("DescribeKey", "NotFoundException", nowhere()),
    denied("DescribeKey", on("symmetric")),
    ok("DisableKey", on_new()),
    no("DisableKey", "KMSInvalidStateException", lambda w: {"KeyId": pending_deletion(w).id}),
    ok("DisableKeyRotation", on_new()),
    no("DisableKeyRotation", "UnsupportedOperationException", on("signing")),
    ok("EnableKey", lambda w: {"KeyId": disabled(w).arn}),
    no("EnableKey", "KMSInvalidStateException", lambda w: {"KeyId": pending_deletion(w).id}),
    ok("EnableKeyRotation", on_new({"RotationPeriodInDays": 180})),
    ok("EnableKeyRotation", on_new(), name="with the usual period"),
    no("EnableKeyRotation", "ValidationException", on("symmetric", RotationPeriodInDays=2561)),
    no("EnableKeyRotation", "DisabledException", lambda w: {"KeyId": disabled(w).id}),
    ok("Encapsulate", on("kem", EncapsulationAlgorithm="ML_KEM")),
    no("Encapsulate", "InvalidKeyUsageException", on("symmetric", EncapsulationAlgorithm="ML_KEM")),
    ok("Encrypt", lambda w: {"KeyId": w.symmetric.id, "Plaintext": w.canary(), "EncryptionContext": CONTEXT}),
    ok("Encrypt", lambda w: {"KeyId": alias_of(w, w.symmetric), "Plaintext": w.canary()}, name="by alias"),
    no("Encrypt", "NotFoundException", lambda w: {"KeyId": NOWHERE, "Plaintext": w.canary()}),
    no("Encrypt", "DisabledException", lambda w: {"KeyId": disabled(w).id, "Plaintext": w.canary()}),
    no("Encrypt", "DryRunOperationException", lambda w: {"KeyId": w.symmetric.id, "Plaintext": w.canary(), "DryRun": True}),
    no("Encrypt", "ValidationException", lambda w: {"KeyId": w.symmetric.id, "Plaintext": w.canary() * 120}),
    denied("Encrypt", lambda w: {"KeyId": w.symmetric.arn, "Plaintext": w.canary()}),
    ok("GenerateDataKey", on("symmetric", KeySpec="AES_256", EncryptionContext=CONTEXT)),
    ok("GenerateDataKey", on("symmetric", NumberOfBytes=24), name="by length"),
    no("GenerateDataKey", "InvalidKeyUsageException", on("signing", KeySpec="AES_128")),
    ok("GenerateDataKeyPair", on("symmetric", KeyPairSpec="ECC_NIST_P256", EncryptionContext=CONTEXT)),
    denied("GenerateDataKeyPair", on("symmetric", KeyPairSpec="ECC_NIST_P256")),
    ok("GenerateDataKeyPairWithoutPlaintext", on("symmetric", KeyPairSpec="ECC_NIST_P256")),
    no("GenerateDataKeyPairWithoutPlaintext", "NotFoundException", nowhere(KeyPairSpec="ECC_NIST_P256")),
    ok("GenerateDataKeyWithoutPlaintext", on("symmetric", KeySpec="AES_128")),
    no("GenerateDataKeyWithoutPlaintext", "DisabledException", lambda w: {"KeyId": disabled(w).id, "NumberOfBytes": 32}),
    ok("GenerateMac", lambda w: {"KeyId": w.mac.id, "MacAlgorithm": "HMAC_SHA_256", "Message": w.canary()}),
    no("GenerateMac", "InvalidKeyUsageException", lambda w: {
        "KeyId": w.mac.id, "MacAlgorithm": "HMAC_SHA_512", "Message": w.canary()}),
    ok("GenerateRandom", lambda w: {"NumberOfBytes": 32}),
    no("GenerateRandom", "ValidationException", lambda w: {"NumberOfBytes": 1025}),
    denied("GenerateRandom", lambda w: {"NumberOfBytes": 32}),
    ok("GetKeyLastUsage", on("symmetric")),
    no("GetKeyLastUsage", "NotFoundException", lambda w: {"KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab"}),
    ok("GetKeyPolicy", on("symmetric", PolicyName="default")),
    ok("GetKeyPolicy", on("symmetric"), name="of no name"),
    no("GetKeyPolicy", "NotFoundException", on("symmetric", PolicyName="another")),
    denied("GetKeyPolicy", on("symmetric")),
    ok("GetKeyRotationStatus", on("symmetric")),
    no("GetKeyRotationStatus", "UnsupportedOperationException", on("signing")),
    ok("GetParametersForImport", on_new(OAEP, Origin="EXTERNAL")),
    no("GetParametersForImport", "UnsupportedOperationException", on("symmetric", **OAEP)),
    ok("GetPublicKey", on("signing")),
    no("GetPublicKey", "UnsupportedOperationException", on("symmetric")),
    ok("ImportKeyMaterial", lambda w: new_material(
        w, ExpirationModel="KEY_MATERIAL_EXPIRES", ImportType="NEW_KEY_MATERIAL", KeyMaterialDescription="first")),
    ok("ImportKeyMaterial", lambda w: new_material(w, ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE"), name="for ever"),
    no("ImportKeyMaterial", "InvalidImportTokenException", lambda w: new_material(
        w, ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE", ImportToken=w.canary())),
    ok("ListAliases", lambda w: {"Limit": 5}),
    ok("ListAliases", on("symmetric"), name="of a key"),
    no("ListAliases", "InvalidMarkerException", lambda w: {"Marker": "no-marker"}),
    ok("ListGrants", lambda w: grant(w)[0] | {"Limit": 10, "GranteePrincipal": w.grantee.arn}),
    no("ListGrants", "NotFoundException", lambda w: {"KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab"}),
    ok("ListKeyPolicies", on("symmetric", Limit=10)),
    denied("ListKeyPolicies", on("symmetric")),
    ok("ListKeyRotations", on("symmetric", IncludeKeyMaterial="ALL_KEY_MATERIAL", Limit=10)),
    no("ListKeyRotations", "UnsupportedOperationException", on("mac")),
    ok("ListKeys", lambda w: {"Limit": 1}),
    denied("ListKeys", lambda w: {}),
    ok("ListResourceTags", on("symmetric", Limit=10)),
    no("ListResourceTags", "InvalidMarkerException", on("symmetric", Marker="no-marker")),
    ok("ListRetirableGrants", lambda w: {"RetiringPrincipal": w.user.arn, "Limit": 10}),
    denied("ListRetirableGrants", lambda w: {"RetiringPrincipal": w.stranger.arn}),
    ok("PutKeyPolicy", lambda w: {"KeyId": w.key().id, "Policy": admin_only(w)}),
    ok("PutKeyPolicy", lambda w: {
        "KeyId": w.key().id, "PolicyName": "default", "Policy": admin_only(w), "BypassPolicyLockoutSafetyCheck": True}, name="bypassing"),
    no("PutKeyPolicy", "MalformedPolicyDocumentException", lambda w: {"KeyId": w.symmetric.id, "Policy": '{"Version": "2012-10-17"}'}),
    ok("ReEncrypt", lambda w: {
        "CiphertextBlob": sealed(w, EncryptionContext=CONTEXT), "SourceEncryptionContext": CONTEXT,
        "DestinationKeyId": w.other.id, "DestinationEncryptionContext": {"level": "3A"}}),
    ok("ReEncrypt", lambda w: {"CiphertextBlob": sealed(w), "SourceKeyId": w.symmetric.id, "DestinationKeyId": w.symmetric.arn},
       name="under the same key"),
    no("ReEncrypt", "NotFoundException", lambda w: {"CiphertextBlob": sealed(w), "DestinationKeyId": NOWHERE}),
    ok("ReplicateKey", lambda w: {
        "KeyId": w.key(MultiRegion=True).id, "ReplicaRegion": THERE, "Description": "golden", "Tags": TAGS, "Policy": admin_only(w)}),
    no("ReplicateKey", "UnsupportedOperationException", on("symmetric", ReplicaRegion=THERE)),
    ok("RetireGrant", lambda w: {"GrantToken": grant(w, RetiringPrincipal=w.user.arn)[1]}),
    ok("RetireGrant", lambda w: {"KeyId": w.symmetric.arn, "GrantId": grant(w, RetiringPrincipal=w.user.arn)[0]["GrantId"]}, name="by id"),
    no("RetireGrant", "NotFoundException", lambda w: {"KeyId": w.symmetric.arn, "GrantId": UNKNOWN_GRANT}),
    ok("RevokeGrant", lambda w: grant(w)[0]),
    no("RevokeGrant", "NotFoundException", on("symmetric", GrantId=UNKNOWN_GRANT)),
    ok("RotateKeyOnDemand", on_new()),
    no("RotateKeyOnDemand", "DisabledException", lambda w: {"KeyId": disabled(w).id}),
    ok("ScheduleKeyDeletion", on_new({"PendingWindowInDays": 7})),
    ok("ScheduleKeyDeletion", lambda w: {"KeyId": family(w).id}, name="with replicas"),
    no("ScheduleKeyDeletion", "ValidationException", on("symmetric", PendingWindowInDays=3)),
    ok("Sign", lambda w: {"KeyId": w.signing.id, "Message": w.canary(), "SigningAlgorithm": "ECDSA_SHA_256"}),
    no("Sign", "InvalidKeyUsageException", lambda w: {
        "KeyId": w.signing.id, "Message": w.canary(), "MessageType": "RAW", "SigningAlgorithm": "RSASSA_PSS_SHA_256"}),
    ok("TagResource", on_new({"Tags": TAGS})),
    no("TagResource", "TagException", on("symmetric", Tags=[{"TagKey": "aws:mine", "TagValue": "x"}])),
    denied("TagResource", on("symmetric", Tags=TAGS)),
    ok("UntagResource", on_new({"TagKeys": ["cost-center", "never-there"]}, Tags=TAGS)),
    no("UntagResource", "NotFoundException", lambda w: {"KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab", "TagKeys": ["a"]}),
    ok("UpdateAlias", lambda w: {"AliasName": alias_of(w, w.symmetric), "TargetKeyId": w.other.id}),
    no("UpdateAlias", "NotFoundException", lambda w: {"AliasName": alias_of(w), "TargetKeyId": w.other.id}),
    ok("UpdateKeyDescription", on_new({"Description": "another"})),
    no("UpdateKeyDescription", "KMSInvalidStateException", lambda w: {"KeyId": pending_deletion(w).id, "Description": ""}),
    ok("UpdatePrimaryRegion", lambda w: {"KeyId": family(w).id, "PrimaryRegion": THERE}, records=2),
    no("UpdatePrimaryRegion", "UnsupportedOperationException", lambda w: {"KeyId": w.key(MultiRegion=True).id, "PrimaryRegion": HERE}),
    ok("Verify", signed),
    no("Verify", "KMSInvalidSignatureException", lambda w: signed(w, Message=w.canary())),
    ok("VerifyMac", maced),
    no("VerifyMac", "KMSInvalidMacException", lambda w: maced(w, Message=w.canary())),
    no("ConnectCustomKeyStore", "UnsupportedOperationException", lambda w: STORE),
    no("CreateCustomKeyStore", "UnsupportedOperationException", cloud_hsm),
    no("DeleteCustomKeyStore", "UnsupportedOperationException", lambda w: STORE),
    no("DescribeCustomKeyStores", "UnsupportedOperationException", lambda w: {"CustomKeyStoreName": "hsm", "Limit": 10}),
    no("DisconnectCustomKeyStore", "UnsupportedOperationException", lambda w: STORE),
    no("UpdateCustomKeyStore", "UnsupportedOperationException", external_store),
]  # fmt: skip
