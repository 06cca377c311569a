"""AWS managed keys: how they come to be, what they allow, and that nobody changes them (source texts A7, G1 to G5)."""

import json
import uuid

import pytest
from people import denied_because, statement
from program import wait_for
from test_cli import aws

REGION = "us-east-1"


@pytest.fixture(scope="module")
def account_with_key(new_account, service):
    """A new account, its key `aws/s3`, and a data key that S3 made with it for a user."""
    account = new_account()
    user = account.user(statement("kms:GenerateDataKey"))
    made = service("s3").on_behalf_of(user).generate_data_key(KeyId="alias/aws/s3", KeySpec="AES_256")
    key = account.kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    assert made["KeyId"] == key["Arn"]
    return account, key, made


def test_g1_a_fresh_account_has_no_keys(stack, new_account):
    account = new_account()
    assert json.loads(aws(stack, "aws kms list-keys", credentials=account.credentials)) == {"Keys": []}
    assert account.client("kms", "eu-central-1").list_keys()["Keys"] == []


def test_g2_the_first_use_by_a_service_makes_its_key(account_with_key):
    account, key, _ = account_with_key
    assert (key["KeyManager"], key["KeySpec"], key["Origin"]) == ("AWS", "SYMMETRIC_DEFAULT", "AWS_KMS")
    assert (key["KeyUsage"], key["KeyState"], key["MultiRegion"]) == ("ENCRYPT_DECRYPT", "Enabled", False)
    assert key["AWSAccountId"] == account.id and key["Description"]
    aliases = [one for one in account.kms.list_aliases()["Aliases"] if one.get("TargetKeyId")]
    assert [(one["AliasName"], one["TargetKeyId"]) for one in aliases] == [("alias/aws/s3", key["KeyId"])]
    assert [one["KeyId"] for one in account.kms.list_keys()["Keys"]] == [key["KeyId"]]


def test_g2_it_is_one_key_per_account_and_region(account_with_key, new_account, service):
    account, key, _ = account_with_key
    user, other = account.user(statement("kms:*")), new_account()
    s3 = service("s3")
    again = s3.on_behalf_of(user).generate_data_key(KeyId="alias/aws/s3", KeySpec="AES_256")
    assert again["KeyId"] == key["Arn"]
    elsewhere = s3.on_behalf_of(user, "eu-west-1").generate_data_key(KeyId="alias/aws/s3", KeySpec="AES_256")
    assert elsewhere["KeyId"].startswith(f"arn:aws:kms:eu-west-1:{account.id}:key/")
    theirs = s3.on_behalf_of(other).generate_data_key(KeyId="alias/aws/s3", KeySpec="AES_256")
    assert theirs["KeyId"].startswith(f"arn:aws:kms:{REGION}:{other.id}:key/")


@pytest.mark.parametrize("name", ["ebs", "rds", "secretsmanager", "ssm", "lambda", "dynamodb"])
def test_g2_describe_key_on_a_predefined_alias_makes_the_key(account_with_key, name):
    account, _, _ = account_with_key
    made = account.kms.describe_key(KeyId=f"alias/aws/{name}")["KeyMetadata"]
    assert made["KeyManager"] == "AWS"
    assert account.kms.describe_key(KeyId=f"alias/aws/{name}")["KeyMetadata"] == made
    assert made["KeyId"] in [one["KeyId"] for one in account.kms.list_keys()["Keys"]]


def test_an_alias_of_no_service_makes_nothing(account_with_key, refused):
    account, _, _ = account_with_key
    before = len(account.kms.list_keys()["Keys"])
    with refused("NotFoundException"):
        account.kms.describe_key(KeyId="alias/aws/no-such-service")
    assert len(account.kms.list_keys()["Keys"]) == before


def test_describing_takes_permission_before_a_key_is_made(new_account, refused):
    account = new_account()
    user = account.user()
    with refused("AccessDeniedException"):
        user.kms.describe_key(KeyId="alias/aws/ebs")
    user.may(statement("kms:DescribeKey"))
    made = user.kms.describe_key(KeyId="alias/aws/ebs")["KeyMetadata"]
    assert made["KeyManager"] == "AWS" and made["AWSAccountId"] == account.id


def test_g3_its_policy_lets_the_service_in_and_shows_the_account_its_metadata(account_with_key):
    account, key, _ = account_with_key
    policy = json.loads(account.kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"])
    assert policy["Version"] == "2012-10-17" and policy["Id"] == "auto-s3-2"
    use, metadata = policy["Statement"]
    assert use["Sid"] == "Allow access through S3 for all principals in the account that are authorized to use S3"
    assert use["Effect"] == "Allow" and use["Principal"] == {"AWS": "*"} and use["Resource"] == "*"
    assert sorted(use["Action"]) == sorted(
        ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"]
    )
    assert use["Condition"] == {
        "StringEquals": {"kms:CallerAccount": account.id, "kms:ViaService": f"s3.{REGION}.amazonaws.com"}
    }
    assert metadata["Sid"] == "Allow direct access to key metadata to the account"
    assert metadata["Principal"] == {"AWS": account.arn} and "Condition" not in metadata
    assert sorted(metadata["Action"]) == sorted(["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"])


def test_g3_any_principal_of_the_account_uses_it_through_the_service(account_with_key, home, service, refused):
    account, key, made = account_with_key
    s3, user = service("s3"), account.user()
    opened = s3.on_behalf_of(user).decrypt(CiphertextBlob=made["CiphertextBlob"])
    assert opened["Plaintext"] == made["Plaintext"] and opened["KeyId"] == key["Arn"]
    with refused("AccessDeniedException"):
        s3.on_behalf_of(home).decrypt(CiphertextBlob=made["CiphertextBlob"])
    with refused("AccessDeniedException"):
        service("rds").on_behalf_of(user).decrypt(CiphertextBlob=made["CiphertextBlob"])
    with refused("AccessDeniedException"):
        s3.client("kms").decrypt(CiphertextBlob=made["CiphertextBlob"])
    forbidden = account.user(statement("kms:Decrypt", effect="Deny"))
    with refused("AccessDeniedException", ending="with an explicit deny in an identity-based policy"):
        s3.on_behalf_of(forbidden).decrypt(CiphertextBlob=made["CiphertextBlob"])


DIRECT_USES = {
    "Encrypt": lambda kms, key, blob: kms.encrypt(KeyId=key, Plaintext=b"x"),
    "Decrypt": lambda kms, key, blob: kms.decrypt(CiphertextBlob=blob),
    "GenerateDataKey": lambda kms, key, blob: kms.generate_data_key(KeyId=key, KeySpec="AES_256"),
    "GenerateDataKeyWithoutPlaintext": lambda kms, key, blob: kms.generate_data_key_without_plaintext(
        KeyId=key, KeySpec="AES_256"
    ),
    "ReEncryptFrom": lambda kms, key, blob: kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=key),
    "CreateGrant": lambda kms, key, blob: kms.create_grant(
        KeyId=key, GranteePrincipal=f"arn:aws:iam::{key.split(':')[4]}:root", Operations=["Decrypt"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("action", DIRECT_USES)
def test_a7_nobody_uses_it_directly(account_with_key, refused, action):
    account, key, made = account_with_key
    user = account.user(statement("kms:*"))
    for caller in (account, user):
        with refused("AccessDeniedException") as error:
            DIRECT_USES[action](caller.kms, key["Arn"], made["CiphertextBlob"])
        assert f"kms:{action} " in error.text and caller.arn in error.text


def test_a7_a_key_must_be_named_and_the_alias_of_a_customer_key_works(home, key, alias, refused):
    unchecked = home.client("kms", parameter_validation=False)
    with refused("ValidationException"):
        unchecked.encrypt(Plaintext=b"x")
    home.kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    assert home.kms.encrypt(KeyId=alias, Plaintext=b"x")["KeyId"] == key["Arn"]
    assert home.kms.describe_key(KeyId="alias/aws/secretsmanager")["KeyMetadata"]["KeyManager"] == "AWS"
    with refused("AccessDeniedException", ending=denied_because("kms:Encrypt", "resource-based policy")):
        home.kms.encrypt(KeyId="alias/aws/secretsmanager", Plaintext=b"x")


def test_g4_the_account_can_view_it(account_with_key):
    account, key, _ = account_with_key
    kms, key_id = account.kms, {"KeyId": key["KeyId"]}
    assert kms.describe_key(**key_id)["KeyMetadata"]["KeyManager"] == "AWS"
    assert kms.list_key_policies(**key_id)["PolicyNames"] == ["default"]
    assert kms.list_resource_tags(**key_id)["Tags"] == []
    assert kms.list_grants(**key_id)["Grants"] == []
    assert [one["AliasName"] for one in kms.list_aliases(**key_id)["Aliases"]] == ["alias/aws/s3"]


CHANGES = {
    "enable_key": {},
    "disable_key": {},
    "schedule_key_deletion": {},
    "cancel_key_deletion": {},
    "enable_key_rotation": {},
    "disable_key_rotation": {},
    "rotate_key_on_demand": {},
    "put_key_policy": {"Policy": "POLICY", "BypassPolicyLockoutSafetyCheck": True},
    "update_key_description": {"Description": "mine"},
    "tag_resource": {"Tags": [{"TagKey": "a", "TagValue": "b"}]},
    "untag_resource": {"TagKeys": ["a"]},
    "replicate_key": {"ReplicaRegion": "eu-west-1"},
    "update_primary_region": {"PrimaryRegion": "eu-west-1"},
    "get_parameters_for_import": {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"},
    "delete_imported_key_material": {},
}


@pytest.mark.parametrize("operation", CHANGES)
def test_g4_nobody_changes_it(account_with_key, service, refused, operation):
    account, key, _ = account_with_key
    before = account.kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    policy = account.kms.get_key_policy(KeyId=key["KeyId"])["Policy"]
    given = CHANGES[operation] | ({"Policy": policy} if operation == "put_key_policy" else {})
    user = account.user(statement("kms:*"))
    for kms in (account.kms, user.kms, service("s3").on_behalf_of(user)):
        with pytest.raises(Exception) as caught:
            getattr(kms, operation)(KeyId=key["KeyId"], **given)
        code = caught.value.response["Error"]["Code"]
        assert code in ("AccessDeniedException", "NotAuthorizedException", "UnsupportedOperationException"), caught.value
    assert account.kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] == before
    assert account.kms.get_key_policy(KeyId=key["KeyId"])["Policy"] == policy


def test_g4_nobody_makes_or_moves_its_alias(account_with_key, refused):
    account, key, _ = account_with_key
    mine = account.key()
    for kms in (account.kms, account.user(statement("kms:*")).kms):
        for call in (
            lambda: kms.create_alias(AliasName="alias/aws/mine", TargetKeyId=mine["KeyId"]),  # noqa: B023
            lambda: kms.update_alias(AliasName="alias/aws/s3", TargetKeyId=mine["KeyId"]),  # noqa: B023
            lambda: kms.delete_alias(AliasName="alias/aws/s3"),  # noqa: B023
        ):
            with refused("NotAuthorizedException"):
                call()
        with refused("AccessDeniedException"):
            kms.create_alias(AliasName=f"alias/{uuid.uuid4()}", TargetKeyId=key["KeyId"])
    aliases = account.kms.list_aliases(KeyId=key["KeyId"])["Aliases"]
    assert [one["AliasName"] for one in aliases] == ["alias/aws/s3"]
    account.kms.schedule_key_deletion(KeyId=mine["KeyId"], PendingWindowInDays=7)


def test_g5_it_rotates_every_year(stack, new_account, service):
    account = new_account()
    user, s3 = account.user(), service("s3")
    made = s3.on_behalf_of(user).generate_data_key(KeyId="alias/aws/s3", KeySpec="AES_256")
    key = account.kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    status = account.kms.get_key_rotation_status(KeyId=key["KeyId"])
    assert status["KeyRotationEnabled"] is True and status.get("RotationPeriodInDays", 365) == 365
    stack.advance_key_clock(days=366)
    rotated = lambda: account.kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]  # noqa: E731
    wait_for("rotation", lambda: rotated()["CurrentKeyMaterialId"] != key["CurrentKeyMaterialId"])
    opened = s3.on_behalf_of(user).decrypt(CiphertextBlob=made["CiphertextBlob"])
    assert opened["Plaintext"] == made["Plaintext"] and opened["KeyMaterialId"] == key["CurrentKeyMaterialId"]
