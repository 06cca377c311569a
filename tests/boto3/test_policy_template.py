"""`trent policy template`: the key policies that AWS's console makes (source text B9)."""

import json

import pytest
from people import of_key, statement

ADMINISTRATION = [
    "kms:Create*", "kms:Describe*", "kms:Enable*", "kms:List*", "kms:Put*", "kms:Update*", "kms:Revoke*",
    "kms:Disable*", "kms:Get*", "kms:Delete*", "kms:TagResource", "kms:UntagResource", "kms:ScheduleKeyDeletion",
    "kms:CancelKeyDeletion", "kms:RotateKeyOnDemand",
]  # fmt: skip
DELETION = ["kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"]
USE = {
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"): [
        "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey",
    ],
    ("RSA_2048", "ENCRYPT_DECRYPT"): [
        "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:DescribeKey", "kms:GetPublicKey",
    ],
    ("RSA_2048", "SIGN_VERIFY"): ["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign", "kms:Verify"],
    ("HMAC_256", "GENERATE_VERIFY_MAC"): ["kms:DescribeKey", "kms:GenerateMac", "kms:VerifyMac"],
    ("ECC_NIST_P256", "KEY_AGREEMENT"): ["kms:DescribeKey", "kms:GetPublicKey", "kms:DeriveSharedSecret"],
}  # fmt: skip
GRANTS = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]


@pytest.fixture(scope="session")
def template(stack, home):
    def make(*arguments):
        done = stack.trent("policy", "template", "--account", home.id, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return make


def listed(value):
    return value if isinstance(value, list) else [value]


def actions(text):
    """Sid → actions of a policy."""
    return {one["Sid"]: listed(one["Action"]) for one in json.loads(text)["Statement"]}


def test_b9_administrators_may_be_kept_from_deleting_the_key(home, template, refused):
    administrator = home.user()
    key = home.key()
    for more, may_delete in (([], True), (["--no-delete"], False)):
        text = template("--administrator", administrator.arn, *more)
        home.kms.put_key_policy(KeyId=key["KeyId"], Policy=text)
        administrator.kms.disable_key(KeyId=key["KeyId"])
        administrator.kms.enable_key(KeyId=key["KeyId"])
        with refused("AccessDeniedException"):
            administrator.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
        if may_delete:
            administrator.kms.schedule_key_deletion(KeyId=key["KeyId"])
            administrator.kms.cancel_key_deletion(KeyId=key["KeyId"])
            administrator.kms.enable_key(KeyId=key["KeyId"])
        else:
            with refused("AccessDeniedException"):
                administrator.kms.schedule_key_deletion(KeyId=key["KeyId"])
    home.kms.schedule_key_deletion(KeyId=key["KeyId"])
    with refused("AccessDeniedException"):
        administrator.kms.cancel_key_deletion(KeyId=key["KeyId"])
    home.kms.cancel_key_deletion(KeyId=key["KeyId"])


def test_the_four_statements(home, abroad, template):
    administrator, user = home.user(), home.user()
    text = template("--administrator", administrator.arn, "--user", user.arn, "--other-account", abroad.id)
    policy = json.loads(text)
    assert policy["Version"] == "2012-10-17" and policy["Id"].startswith("key-consolepolicy-")
    root, administrators, users, attachment = policy["Statement"]
    assert root["Sid"] == "Enable IAM User Permissions"
    assert root["Principal"] == {"AWS": home.arn} and listed(root["Action"]) == ["kms:*"]
    assert administrators["Sid"] == "Allow access for Key Administrators"
    assert listed(administrators["Principal"]["AWS"]) == [administrator.arn]
    assert sorted(administrators["Action"]) == sorted(ADMINISTRATION)
    assert users["Sid"] == "Allow use of the key"
    assert sorted(users["Action"]) == sorted(USE["SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"])
    assert attachment["Sid"] == "Allow attachment of persistent resources"
    assert sorted(attachment["Action"]) == sorted(GRANTS)
    (operator,) = attachment["Condition"]
    assert operator == "Bool" and str(attachment["Condition"]["Bool"]["kms:GrantIsForAWSResource"]).lower() == "true"
    for statement_ in (users, attachment):
        assert sorted(statement_["Principal"]["AWS"]) == sorted([user.arn, abroad.arn])
    assert {one["Effect"] for one in policy["Statement"]} == {"Allow"}
    assert {one["Resource"] for one in policy["Statement"]} == {"*"}


def test_statements_that_nobody_was_chosen_for_are_left_out(home, template):
    user = home.user()
    assert list(actions(template())) == ["Enable IAM User Permissions"]
    assert list(actions(template("--administrator", user.arn))) == [
        "Enable IAM User Permissions",
        "Allow access for Key Administrators",
    ]
    assert "Allow access for Key Administrators" not in actions(template("--user", user.arn))
    kept = actions(template("--administrator", user.arn, "--no-delete"))["Allow access for Key Administrators"]
    assert sorted(kept) == sorted(set(ADMINISTRATION) - set(DELETION))


@pytest.mark.parametrize(("spec", "usage"), USE, ids=["-".join(kind) for kind in USE])
def test_what_users_may_depends_on_the_kind_of_key(home, template, spec, usage):
    user = home.user()
    made = actions(template("--user", user.arn, "--spec", spec, "--usage", usage))
    assert sorted(made["Allow use of the key"]) == sorted(USE[spec, usage])


def test_administrators_of_imported_and_multi_region_keys_may_more(home, template):
    of = lambda *more: set(actions(template("--administrator", home.user().arn, *more))["Allow access for Key Administrators"])  # noqa: E731
    assert of("--origin", "EXTERNAL") - set(ADMINISTRATION) == {"kms:ImportKeyMaterial"}
    assert of("--multi-region") - set(ADMINISTRATION) == {"kms:ReplicateKey", "kms:UpdatePrimaryRegion"}


def test_the_policy_works_as_it_reads(home, abroad, template, refused):
    user, foreigner, key = home.user(), abroad.user(statement("kms:*")), home.key()
    text = template("--user", user.arn, "--other-account", abroad.id)
    home.kms.put_key_policy(KeyId=key["KeyId"], Policy=text)
    for caller in (user, foreigner):
        sealed = caller.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")["CiphertextBlob"]
        assert caller.kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"
        with refused("AccessDeniedException"):
            caller.kms.create_grant(KeyId=key["Arn"], GranteePrincipal=user.arn, Operations=["Decrypt"])
        with refused("AccessDeniedException"):
            caller.kms.disable_key(KeyId=key["Arn"])
    without = of_key(home.arn, "kms:*")
    home.put(key, without)
    with refused("AccessDeniedException"):
        user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")


def test_nonsense_is_refused(stack):
    for arguments in (
        ["--account", "12"],
        ["--account", "111122223333", "--administrator", "ann"],
        ["--account", "111122223333", "--other-account", "4444"],
        ["--account", "111122223333", "--spec", "RSA_1"],
        [],
    ):
        done = stack.trent("policy", "template", *arguments)
        assert done.returncode != 0 and done.stdout == "" and done.stderr
