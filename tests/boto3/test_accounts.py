"""Several accounts: keys used across them, what never works across them, and both accounts' records (source text B8)."""

import uuid

import pytest
from people import denied_because, of_key, statement

NOT_HERE = (
    "on this resource because the resource does not exist in this Region, no resource-based policies allow access, "
    "or a resource-based policy explicitly denies access"
)
NOT_THIS_CIPHERTEXT = (
    "is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext because the resource "
    "does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly "
    "denies access"
)


@pytest.fixture(params=["from home", "from abroad"])
def sides(request, home, abroad):
    """Owner of a key, and who uses it: both ways."""
    return (home, abroad) if request.param == "from abroad" else (abroad, home)


def test_accounts_are_made_and_listed(stack, new_account):
    name = f"named-{uuid.uuid4().hex[:8]}"
    wanted = f"{uuid.uuid4().int % 10**12:012}"
    (made,) = stack.said("account", "create", name, "--id", wanted)
    assert made["account"] == wanted and made["name"] == name
    caller = stack.client("sts", credentials=(made["accessKeyId"], made["secretAccessKey"])).get_caller_identity()
    assert (caller["Account"], caller["Arn"]) == (wanted, f"arn:aws:iam::{wanted}:root")
    listed = {one["account"]: one for one in stack.said("account", "list")}
    assert listed[wanted]["name"] == name
    assert made["secretAccessKey"] not in str(listed)
    for arguments in (["again", "--id", wanted], ["short", "--id", "12"]):
        done = stack.trent("account", "create", *arguments)
        assert done.returncode != 0 and done.stderr and not done.stdout
    assert new_account().id not in (wanted, stack.client("sts").get_caller_identity()["Account"])


def test_b8_key_policy_and_identity_policy_both_ways(sides, refused):
    owner, other = sides
    user, key = other.user(), owner.key()
    use = lambda: user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")  # noqa: E731
    with refused("AccessDeniedException") as error:
        use()
    assert error.text == f"User: {user.arn} is not authorized to perform: kms:Encrypt {NOT_HERE}"
    user.may(statement("kms:Encrypt", key["Arn"]))
    with refused("AccessDeniedException", ending=NOT_HERE):
        use()
    for principal in (other.arn, other.id, user.arn):
        owner.put(key, owner.everything, of_key(principal, "kms:Encrypt"))
        use()
        user.may(statement("kms:Decrypt", key["Arn"]))
        with refused("AccessDeniedException", ending=denied_because("kms:Encrypt", "identity-based policy")) as error:
            use()
        assert f"kms:Encrypt on resource: {key['Arn']} " in error.text
        user.may(statement("kms:Encrypt", key["Arn"].replace(":key/", ":*/")))
        use()
    owner.put(key, owner.everything, of_key(other.user().arn, "kms:Encrypt"))
    with refused("AccessDeniedException", ending=NOT_HERE):
        use()


def test_the_root_user_of_another_account_needs_only_the_key_policy(sides, refused):
    owner, other = sides
    key = owner.key()
    with refused("AccessDeniedException", ending=NOT_HERE):
        other.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    owner.put(key, owner.everything, of_key(other.arn, "kms:Encrypt"))
    other.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    with refused("AccessDeniedException"):
        other.kms.decrypt(CiphertextBlob=owner.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"])


def test_everybody_in_a_key_policy_still_takes_an_identity_policy(sides, refused):
    owner, other = sides
    user, key = other.user(), owner.key(of_key("*", "kms:Encrypt"))
    with refused("AccessDeniedException", ending=denied_because("kms:Encrypt", "identity-based policy")):
        user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    user.may(statement("kms:Encrypt", key["Arn"]))
    user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    owner.user().kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")


def test_denials_of_either_account_count(sides, refused):
    owner, other = sides
    user = other.user(statement("kms:*"))
    key = owner.key(of_key(other.arn, "kms:*"), of_key(user.arn, "kms:Encrypt", effect="Deny"))
    with refused("AccessDeniedException"):
        user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    user.kms.generate_data_key(KeyId=key["Arn"], KeySpec="AES_256")
    user.may(statement("kms:*"), statement("kms:GenerateDataKey", effect="Deny"))
    with refused("AccessDeniedException", ending="with an explicit deny in an identity-based policy"):
        user.kms.generate_data_key(KeyId=key["Arn"], KeySpec="AES_256")


def test_ids_and_names_are_of_the_callers_account_and_arns_of_any(sides, alias, refused):
    owner, other = sides
    key = owner.key(of_key(other.arn, "kms:*"))
    owner.kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    alias_arn = key["Arn"].split(":key/")[0] + f":{alias}"
    for call in (
        lambda name: other.kms.encrypt(KeyId=name, Plaintext=b"x"),
        lambda name: other.kms.describe_key(KeyId=name),
    ):
        for name in (key["KeyId"], alias):
            with refused("NotFoundException"):
                call(name)
        for name in (key["Arn"], alias_arn):
            call(name)
    with refused("AccessDeniedException", ending=NOT_HERE):
        other.kms.encrypt(KeyId=alias_arn + "-of-nobody", Plaintext=b"x")
    with refused("AccessDeniedException", ending=NOT_HERE):
        other.kms.encrypt(KeyId=f"{key['Arn'].partition('/')[0]}/{uuid.uuid4()}", Plaintext=b"x")
    with refused("AccessDeniedException", ending=NOT_HERE):
        other.kms.encrypt(KeyId=f"arn:aws:kms:us-east-1:{uuid.uuid4().int % 10**12:012}:key/{uuid.uuid4()}", Plaintext=b"x")


def test_an_alias_of_ones_own_is_not_the_other_accounts(sides, alias):
    owner, other = sides
    for side in (owner, other):
        side.kms.create_alias(AliasName=alias, TargetKeyId=side.key()["KeyId"])
    used = [side.kms.encrypt(KeyId=alias, Plaintext=b"x")["KeyId"].split(":")[4] for side in (owner, other)]
    assert used == [owner.id, other.id]


def test_a_ciphertext_finds_its_key_in_another_account(sides, refused):
    owner, other = sides
    key, user = owner.key(), other.user(statement("kms:Decrypt"))
    sealed = owner.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    with refused("AccessDeniedException", ending=NOT_THIS_CIPHERTEXT):
        user.kms.decrypt(CiphertextBlob=sealed)
    owner.put(key, owner.everything, of_key(other.arn, "kms:Decrypt"))
    opened = user.kms.decrypt(CiphertextBlob=sealed)
    assert (opened["Plaintext"], opened["KeyId"]) == (b"x", key["Arn"])
    assert user.kms.decrypt(CiphertextBlob=sealed, KeyId=key["Arn"])["Plaintext"] == b"x"


def test_re_encrypt_from_one_account_into_another(sides, refused):
    owner, other = sides
    source, destination = owner.key(of_key(other.arn, "kms:ReEncryptFrom")), other.key()
    user = other.user(statement("kms:ReEncrypt*"))
    sealed = owner.kms.encrypt(KeyId=source["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    moved = user.kms.re_encrypt(CiphertextBlob=sealed, DestinationKeyId=destination["KeyId"])
    assert (moved["SourceKeyId"], moved["KeyId"]) == (source["Arn"], destination["Arn"])
    assert other.kms.decrypt(CiphertextBlob=moved["CiphertextBlob"])["Plaintext"] == b"x"
    with refused("AccessDeniedException"):
        user.kms.re_encrypt(CiphertextBlob=moved["CiphertextBlob"], DestinationKeyId=source["Arn"])


def test_what_works_across_accounts(sides):
    owner, other = sides
    user = other.user(statement("kms:*"))
    everybody = of_key(other.arn, "kms:*")
    key = owner.key(everybody)["Arn"]
    signing = owner.key(everybody, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["Arn"]
    mac = owner.key(everybody, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["Arn"]
    agreement = owner.key(everybody, KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")["Arn"]
    kem = owner.key(everybody, KeySpec="ML_KEM_512", KeyUsage="ENCAPSULATE_DECAPSULATE")["Arn"]
    kms = user.kms
    kms.describe_key(KeyId=key)
    kms.get_key_rotation_status(KeyId=key)
    kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    kms.generate_data_key_without_plaintext(KeyId=key, KeySpec="AES_256")
    kms.generate_data_key_pair(KeyId=key, KeyPairSpec="ECC_NIST_P256")
    kms.generate_data_key_pair_without_plaintext(KeyId=key, KeyPairSpec="ECC_NIST_P256")
    public = kms.get_public_key(KeyId=agreement)["PublicKey"]
    kms.derive_shared_secret(KeyId=agreement, KeyAgreementAlgorithm="ECDH", PublicKey=public)
    message = {"Message": b"m"}
    signature = kms.sign(KeyId=signing, SigningAlgorithm="ECDSA_SHA_256", **message)["Signature"]
    assert kms.verify(KeyId=signing, SigningAlgorithm="ECDSA_SHA_256", Signature=signature, **message)["SignatureValid"]
    tag = kms.generate_mac(KeyId=mac, MacAlgorithm="HMAC_SHA_256", **message)["Mac"]
    assert kms.verify_mac(KeyId=mac, MacAlgorithm="HMAC_SHA_256", Mac=tag, **message)["MacValid"]
    carried = kms.encapsulate(KeyId=kem, EncapsulationAlgorithm="ML_KEM")["SharedSecretCiphertextBlob"]
    kms.decapsulate(KeyId=kem, EncapsulationAlgorithm="ML_KEM", SharedSecretCiphertextBlob=carried)
    made = kms.create_grant(KeyId=key, GranteePrincipal=user.arn, RetiringPrincipal=user.arn, Operations=["Decrypt"])
    (listed,) = kms.list_grants(KeyId=key)["Grants"]
    assert (listed["GrantId"], listed["IssuingAccount"]) == (made["GrantId"], other.arn)
    assert [one["KeyId"] for one in kms.list_retirable_grants(RetiringPrincipal=user.arn)["Grants"]] == [key]
    kms.retire_grant(KeyId=key, GrantId=made["GrantId"])
    again = kms.create_grant(KeyId=key, GranteePrincipal=user.arn, Operations=["Decrypt"])
    kms.revoke_grant(KeyId=key, GrantId=again["GrantId"])


NEVER = {
    "cancel_key_deletion": {},
    "delete_imported_key_material": {},
    "disable_key": {},
    "disable_key_rotation": {},
    "enable_key": {},
    "enable_key_rotation": {},
    "get_key_last_usage": {},
    "get_key_policy": {},
    "get_parameters_for_import": {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"},
    "import_key_material": {
        "ImportToken": b"x", "EncryptedKeyMaterial": b"x", "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    },  # fmt: skip
    "list_key_policies": {},
    "list_key_rotations": {},
    "list_resource_tags": {},
    "put_key_policy": {"Policy": "{}"},
    "replicate_key": {"ReplicaRegion": "eu-west-1"},
    "rotate_key_on_demand": {},
    "schedule_key_deletion": {},
    "tag_resource": {"Tags": [{"TagKey": "a", "TagValue": "b"}]},
    "untag_resource": {"TagKeys": ["a"]},
    "update_key_description": {"Description": "theirs"},
    "update_primary_region": {"PrimaryRegion": "eu-west-1"},
}


@pytest.fixture(scope="module")
def given_away(home, abroad):
    """A key of the first account whose policy allows the second one everything."""
    return home.key(of_key(abroad.arn, "kms:*"))


@pytest.mark.parametrize("operation", NEVER)
def test_what_never_works_across_accounts(home, abroad, given_away, refused, operation):
    user = abroad.user(statement("kms:*"))
    for kms in (abroad.kms, user.kms):
        with refused("AccessDeniedException"):
            getattr(kms, operation)(KeyId=given_away["Arn"], **NEVER[operation])
    metadata = home.kms.describe_key(KeyId=given_away["KeyId"])["KeyMetadata"]
    assert (metadata["KeyState"], metadata["Description"]) == ("Enabled", "")


def test_aliases_stay_within_their_account(home, abroad, given_away, alias, refused):
    user = abroad.user(statement("kms:*"))
    for kms in (abroad.kms, user.kms):
        with refused("AccessDeniedException"):
            kms.create_alias(AliasName=alias, TargetKeyId=given_away["Arn"])
        with refused("NotFoundException"):
            kms.list_aliases(KeyId=given_away["Arn"])
    assert home.kms.list_aliases(KeyId=given_away["KeyId"])["Aliases"] == []


def test_lists_show_the_callers_account_only(home, abroad):
    theirs, mine = abroad.key()["KeyId"], home.key()["KeyId"]
    listed = {one["KeyId"] for page in abroad.kms.get_paginator("list_keys").paginate() for one in page["Keys"]}
    assert theirs in listed and mine not in listed
    name = home.user().name
    assert name not in [one["UserName"] for one in abroad.iam.list_users()["Users"]]
    abroad.user(UserName=name)


def test_a_use_is_in_both_accounts_trails(stack, sides):
    owner, other = sides
    user = other.user(statement("kms:Encrypt"))
    key = owner.key(of_key(other.arn, "kms:Encrypt"))
    answer = user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x", EncryptionContext={"a": "b"})
    copies = stack.copies(answer, [owner.id, other.id])
    mine, theirs = copies[other.id], copies[owner.id]
    user_id = other.iam.get_user(UserName=user.name)["User"]["UserId"]
    assert mine["userIdentity"] == {
        "type": "IAMUser",
        "principalId": user_id,
        "arn": user.arn,
        "accountId": other.id,
        "accessKeyId": user.credentials[0],
        "userName": user.name,
    }
    assert theirs["userIdentity"] == {"type": "AWSAccount", "principalId": user_id, "accountId": other.id}
    assert mine["sharedEventID"] == theirs["sharedEventID"] and mine["eventID"] != theirs["eventID"]
    of_key_ = [{"accountId": owner.id, "type": "AWS::KMS::Key", "ARN": key["Arn"]}]
    for copy in (mine, theirs):
        assert copy["resources"] == of_key_ and copy["eventName"] == "Encrypt" and copy["requestID"]
        assert copy["requestParameters"]["encryptionContext"] == {"a": "b"}


def test_a_refused_use_is_only_in_the_callers_trail(stack, sides, refused):
    owner, other = sides
    user, key = other.user(statement("kms:Encrypt")), owner.key()
    with refused("AccessDeniedException") as error:
        user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    record = stack.copies(error.error, [other.id])[other.id]
    assert record["errorCode"] == "AccessDenied" and record["errorMessage"] == error.text
    assert record["userIdentity"]["arn"] == user.arn and "sharedEventID" not in record


def test_a_use_in_ones_own_account_has_one_record(stack, home):
    user = home.user()
    key = home.key(of_key(user.arn, "kms:Encrypt"))
    record = stack.record(user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x"))
    assert record["recipientAccountId"] == home.id and "sharedEventID" not in record


def test_both_accounts_chains_verify(stack, sides):
    owner, other = sides
    key = owner.key(of_key(other.arn, "kms:Encrypt"))
    stack.copies(other.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x"), [owner.id, other.id])
    done = stack.trent("audit", "verify")
    assert done.returncode == 0, done.stdout + done.stderr
