"""Every operation in every state of its key: the table of the AWS KMS Developer Guide, "Key states of AWS KMS keys".

A state that a key passes through (Creating, Updating) counts as seen when the answer came while it lasted; otherwise
the operation is tried on another key. Unavailable occurs in key stores only.
"""

import pytest
from botocore.exceptions import ClientError

from states import ELSEWHERE, HERE, THERE, World, new_alias, public_point

STATES = "Enabled Disabled PendingDeletion PendingReplicaDeletion PendingImport Creating Updating".split()

# ok: succeeds; a number: the error of this number; -: cannot occur (a key that is Creating has no grants yet). Rows are:
# operation, kind of key, cells.
TABLE = """
CancelKeyDeletion                    symmetric   4   4   ok  ok  4   4   4
CreateAlias                          symmetric   ok  ok  3   3   ok  ok  ok
CreateGrant                          symmetric   ok  1   3   3   5   14  ok
Decapsulate                          kem         ok  1   3   3   -   14  ok
Decrypt                              symmetric   ok  1   3   3   5   14  ok
DeleteAlias                          symmetric   ok  ok  ok  ok  ok  ok  ok
DeleteImportedKeyMaterial            external    ok  ok  ok  ok  ok  14  15
DeleteImportedKeyMaterial            symmetric   9   9   9   9   -   9   9
DeriveSharedSecret                   agree       ok  1   3   3   5   14  ok
DescribeKey                          symmetric   ok  ok  ok  ok  ok  ok  ok
DisableKey                           symmetric   ok  ok  3   3   5   14  15
DisableKeyRotation                   symmetric   ok  1   3   3   6   14  ok
DisableKeyRotation                   external    6   6   6   6   6   6   6
DisableKeyRotation                   sign        7   7   7   7   7   7   7
EnableKey                            symmetric   ok  ok  3   3   5   14  15
EnableKeyRotation                    symmetric   ok  1   3   3   6   14  ok
EnableKeyRotation                    external    6   6   6   6   6   6   6
EnableKeyRotation                    mac         7   7   7   7   7   7   7
Encapsulate                          kem         ok  1   3   3   -   14  ok
Encrypt                              symmetric   ok  1   3   3   5   14  ok
GenerateDataKey                      symmetric   ok  1   3   3   5   14  ok
GenerateDataKeyPair                  symmetric   ok  1   3   3   5   14  ok
GenerateDataKeyPairWithoutPlaintext  symmetric   ok  1   3   3   5   14  ok
GenerateDataKeyWithoutPlaintext      symmetric   ok  1   3   3   5   14  ok
GenerateMac                          mac         ok  1   3   3   5   14  ok
GetKeyLastUsage                      symmetric   ok  ok  ok  ok  ok  ok  ok
GetKeyPolicy                         symmetric   ok  ok  ok  ok  ok  ok  ok
GetKeyRotationStatus                 symmetric   ok  ok  ok  ok  6   ok  ok
GetKeyRotationStatus                 external    ok  ok  ok  ok  6   -   ok
GetKeyRotationStatus                 sign        7   7   7   7   7   7   7
GetParametersForImport               external    ok  ok  8   8   ok  14  15
GetParametersForImport               symmetric   9   9   9   9   -   9   9
GetPublicKey                         sign        ok  ok  3   3   ok  14  ok
GetPublicKey                         mac         7   7   7   7   7   7   7
ImportKeyMaterial                    external    ok  ok  3   3   ok  14  ok
ImportKeyMaterial                    symmetric   9   9   9   9   -   9   9
ListAliases                          symmetric   ok  ok  ok  ok  ok  ok  ok
ListGrants                           symmetric   ok  ok  ok  ok  ok  ok  ok
ListKeyPolicies                      symmetric   ok  ok  ok  ok  ok  ok  ok
ListKeyRotations                     symmetric   ok  ok  ok  ok  ok  ok  ok
ListKeyRotations                     mac         7   7   7   7   7   7   7
ListResourceTags                     symmetric   ok  ok  ok  ok  ok  ok  ok
PutKeyPolicy                         symmetric   ok  ok  ok  ok  ok  ok  ok
ReEncrypt:from                       symmetric   ok  1   3   3   5   14  ok
ReEncrypt:to                         symmetric   ok  1   3   3   5   14  ok
ReplicateKey                         symmetric   ok  1   3   3   5   14  15
RetireGrant                          symmetric   ok  ok  ok  ok  ok  -   ok
RevokeGrant                          symmetric   ok  ok  ok  ok  ok  -   ok
RotateKeyOnDemand                    symmetric   ok  1   3   3   5   14  ok
RotateKeyOnDemand                    mac         7   7   7   7   7   7   7
ScheduleKeyDeletion                  symmetric   ok  ok  3   3   ok  ok  15
Sign                                 sign        ok  1   3   3   5   14  ok
TagResource                          symmetric   ok  ok  3   3   ok  ok  ok
UntagResource                        symmetric   ok  ok  3   3   ok  ok  ok
UpdateAlias:from                     symmetric   ok  ok  ok  ok  ok  ok  ok
UpdateAlias:to                       symmetric   ok  ok  3   3   ok  ok  ok
UpdateKeyDescription                 symmetric   ok  ok  3   3   ok  ok  ok
UpdatePrimaryRegion                  symmetric   ok  1   3   3   5   14  ok
Verify                               sign        ok  1   3   3   5   14  ok
VerifyMac                            mac         ok  1   3   3   5   14  ok
"""

PENDING = {"PendingDeletion": "pending deletion", "PendingReplicaDeletion": "pending replica deletion"}
NO_MATERIAL = (
    "is pending import because no key material has ever been imported or one of the imported key materials is deleted "
    "or expired."
)
SPECS = {"sign": "ECC_NIST_P256", "mac": "HMAC_256"}

# The errors by the table's numbers: code, and the text after the key's ARN.
ERRORS = {
    "1": lambda key, state: ("DisabledException", "is disabled."),
    "3": lambda key, state: ("KMSInvalidStateException", f"is {PENDING[state]}."),
    "4": lambda key, state: ("KMSInvalidStateException", "is not pending deletion."),
    "5": lambda key, state: ("KMSInvalidStateException", NO_MATERIAL),
    "6": lambda key, state: wrong_origin("EXTERNAL"),
    "7": lambda key, state: (
        "UnsupportedOperationException",
        f"key spec is {SPECS[key.kind]} which is not valid for this operation.",
    ),
    "8": lambda key, state: ("KMSInvalidStateException", f"is {PENDING[state]}."),
    "9": lambda key, state: wrong_origin("AWS_KMS"),
    "14": lambda key, state: ("KMSInvalidStateException", "is creating."),
    "15": lambda key, state: ("KMSInvalidStateException", "is updating."),
}


def wrong_origin(origin):
    return "UnsupportedOperationException", f"origin is {origin} which is not valid for this operation."


def of_key(name, **more):
    """A call with the key's id and nothing else of the key's."""
    return lambda key: getattr(key.kms, name)(KeyId=key.id, **more)


def import_again(key):
    parameters = key.made.get("import", {"ImportToken": b"x", "EncryptedKeyMaterial": b"x"})
    key.kms.import_key_material(KeyId=key.id, ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE", **parameters)


def re_encrypt_to(key):
    other = key.world.other(key.region)
    key.kms.re_encrypt(CiphertextBlob=other.made["blob"], DestinationKeyId=key.id)


def update_alias_to(key):
    alias = new_alias()
    key.kms.create_alias(AliasName=alias, TargetKeyId=key.world.other(key.region).id)
    key.kms.update_alias(AliasName=alias, TargetKeyId=key.id)


def name_it(key):
    key.made["alias"] = new_alias()
    key.kms.create_alias(AliasName=key.made["alias"], TargetKeyId=key.id)


def grant_on_it(key):
    root = f"arn:aws:iam::{key.arn.split(':')[4]}:root"
    given = key.kms.create_grant(
        KeyId=key.id, GranteePrincipal=root, RetiringPrincipal=root, Operations=["DescribeKey"]
    )
    key.made["grant"] = given["GrantId"]


def put_key_policy(key):
    policy = key.kms.get_key_policy(KeyId=key.id)["Policy"]
    key.kms.put_key_policy(KeyId=key.id, Policy=policy)


def update_primary_region(key):
    to = THERE if key.region == HERE else HERE
    key.kms.update_primary_region(KeyId=key.id, PrimaryRegion=to)


SIGNED = {"Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
MAC = {"Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
DATA_KEY = {"KeySpec": "AES_256"}
PAIR = {"KeyPairSpec": "ECC_NIST_P256"}
WRAPPING = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
TAG = {"TagKey": "team", "TagValue": "red"}
KEM = {"EncapsulationAlgorithm": "ML_KEM"}

CALLS = {
    "CancelKeyDeletion": of_key("cancel_key_deletion"),
    "CreateAlias": lambda key: key.kms.create_alias(AliasName=new_alias(), TargetKeyId=key.id),
    "CreateGrant": grant_on_it,
    "Decapsulate": lambda key: key.kms.decapsulate(
        KeyId=key.id, SharedSecretCiphertextBlob=key.made["secret"], **KEM
    ),
    "Decrypt": lambda key: key.kms.decrypt(CiphertextBlob=key.made["blob"]),
    "DeleteAlias": lambda key: key.kms.delete_alias(AliasName=key.made["alias"]),
    "DeleteImportedKeyMaterial": of_key("delete_imported_key_material"),
    "DeriveSharedSecret": of_key("derive_shared_secret", KeyAgreementAlgorithm="ECDH", PublicKey=public_point()),
    "DescribeKey": of_key("describe_key"),
    "DisableKey": of_key("disable_key"),
    "DisableKeyRotation": of_key("disable_key_rotation"),
    "EnableKey": of_key("enable_key"),
    "EnableKeyRotation": of_key("enable_key_rotation"),
    "Encapsulate": of_key("encapsulate", **KEM),
    "Encrypt": of_key("encrypt", Plaintext=b"x"),
    "GenerateDataKey": of_key("generate_data_key", **DATA_KEY),
    "GenerateDataKeyPair": of_key("generate_data_key_pair", **PAIR),
    "GenerateDataKeyPairWithoutPlaintext": of_key("generate_data_key_pair_without_plaintext", **PAIR),
    "GenerateDataKeyWithoutPlaintext": of_key("generate_data_key_without_plaintext", **DATA_KEY),
    "GenerateMac": of_key("generate_mac", **MAC),
    "GetKeyLastUsage": of_key("get_key_last_usage"),
    "GetKeyPolicy": of_key("get_key_policy"),
    "GetKeyRotationStatus": of_key("get_key_rotation_status"),
    "GetParametersForImport": of_key("get_parameters_for_import", **WRAPPING),
    "GetPublicKey": of_key("get_public_key"),
    "ImportKeyMaterial": import_again,
    "ListAliases": of_key("list_aliases"),
    "ListGrants": of_key("list_grants"),
    "ListKeyPolicies": of_key("list_key_policies"),
    "ListKeyRotations": of_key("list_key_rotations"),
    "ListResourceTags": of_key("list_resource_tags"),
    "PutKeyPolicy": put_key_policy,
    "ReEncrypt:from": lambda key: key.kms.re_encrypt(
        CiphertextBlob=key.made["blob"], DestinationKeyId=key.world.other(key.region).id
    ),
    "ReEncrypt:to": re_encrypt_to,
    "ReplicateKey": of_key("replicate_key", ReplicaRegion=ELSEWHERE),
    "RetireGrant": lambda key: key.kms.retire_grant(KeyId=key.arn, GrantId=key.made["grant"]),
    "RevokeGrant": lambda key: key.kms.revoke_grant(KeyId=key.id, GrantId=key.made["grant"]),
    "RotateKeyOnDemand": of_key("rotate_key_on_demand"),
    "ScheduleKeyDeletion": of_key("schedule_key_deletion", PendingWindowInDays=7),
    "Sign": of_key("sign", **SIGNED),
    "TagResource": of_key("tag_resource", Tags=[TAG]),
    "UntagResource": of_key("untag_resource", TagKeys=["team"]),
    "UpdateAlias:from": lambda key: key.kms.update_alias(
        AliasName=key.made["alias"], TargetKeyId=key.world.other(key.region).id
    ),
    "UpdateAlias:to": update_alias_to,
    "UpdateKeyDescription": of_key("update_key_description", Description="words"),
    "UpdatePrimaryRegion": update_primary_region,
    "Verify": lambda key: key.kms.verify(KeyId=key.id, Signature=key.made["signature"], **SIGNED),
    "VerifyMac": lambda key: key.kms.verify_mac(KeyId=key.id, Mac=key.made["mac"], **MAC),
}

# What an operation needs on the key before it comes into its state.
PREPARED = {
    "DeleteAlias": name_it,
    "UpdateAlias:from": name_it,
    "RetireGrant": grant_on_it,
    "RevokeGrant": grant_on_it,
}

# After these the key is not in the state any more in which they found it.
SPENDING = {
    "CancelKeyDeletion",
    "DeleteImportedKeyMaterial",
    "DisableKey",
    "EnableKey",
    "ImportKeyMaterial",
    "ReplicateKey",
    "ScheduleKeyDeletion",
    "UpdatePrimaryRegion",
}


def cells():
    rows = [line.split() for line in TABLE.strip().splitlines()]
    found = [
        (operation, kind, state, cell)
        for operation, kind, *row in rows
        for state, cell in zip(STATES, row, strict=True)
        if cell != "-"
    ]
    # The keys of a passing state serve as many operations as their time allows.
    return sorted(found, key=lambda one: (STATES.index(one[2]), one[1]))


@pytest.fixture(scope="module")
def world(stack):
    return World(stack)


def a_key(world, operation, kind, state, spent):
    """A key in this state, of its own where the operation changes it or needs something of it."""
    family = operation == "UpdatePrimaryRegion"
    if spent or family or operation in PREPARED:
        return world.make(kind, state, PREPARED.get(operation), family)
    return world.key(kind, state)


def outcome(key, operation):
    """`None`, or the code and text of the refusal."""
    try:
        CALLS[operation](key)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    return None


@pytest.mark.parametrize(
    ("operation", "kind", "state", "cell"), [pytest.param(*one, id="-".join(one)) for one in cells()]
)
def test_the_state_of_a_key_decides(world, operation, kind, state, cell):
    passing = state in ("Creating", "Updating")
    for _ in range(20):
        key = a_key(world, operation, kind, state, spent=cell == "ok" and operation in SPENDING)
        before = key.metadata()
        got = outcome(key, operation)
        if not passing or key.still_passing():
            break
    else:
        pytest.fail(f"the key was never {state} for long enough")
    assert before["KeyState"] == state
    if cell == "ok":
        assert got is None
        if operation in SPENDING:
            return
    else:
        code, text = ERRORS[cell](key, state)
        assert got == (code, f"{key.arn} {text}")
        after = key.metadata()
        if passing:
            # Its time may be over by now.
            for changing in ("KeyState", "Enabled"):
                before.pop(changing), after.pop(changing)
        assert after == before
    world.keep(kind, state, key)


def test_a_key_without_material_has_no_public_key(world, refused):
    key = world.enabled("sign", imported=True, samples=False)
    with refused("KMSInvalidStateException"):
        key.kms.get_public_key(KeyId=key.id)


def test_every_operation_on_a_key_has_its_row():
    rows = {line.split()[0] for line in TABLE.strip().splitlines()}
    assert rows == set(CALLS)
