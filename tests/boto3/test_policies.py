"""Key policies (source texts A2, B2): default policy, principals, wildcards, explicit deny, lockout."""

import json

import pytest

DEFAULT = """{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::ACCOUNT:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}"""


def statement(principal, action, effect="Allow", **more):
    return {"Effect": effect, "Principal": {"AWS": principal}, "Action": action, "Resource": "*", **more}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture
def root(account):
    return statement(f"arn:aws:iam::{account}:root", "kms:*")


def test_a2_a_key_without_a_policy_gets_the_default_policy(kms, key, account):
    answer = kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")
    assert answer["Policy"] == DEFAULT.replace("ACCOUNT", account)
    assert answer["PolicyName"] == "default"
    assert kms.list_key_policies(KeyId=key["KeyId"])["PolicyNames"] == ["default"]


def test_a_policy_comes_back_word_for_word(kms, key, root):
    text = " " + document(root) + "\n"
    kms.put_key_policy(KeyId=key["KeyId"], PolicyName="default", Policy=text)
    assert kms.get_key_policy(KeyId=key["KeyId"])["Policy"] == text


def test_encrypt_by_a_stranger_is_denied_and_recorded(stack, kms, key, stranger, refused):
    caller = stack.record(stranger_error(stranger, key))["userIdentity"]
    with refused("AccessDeniedException") as error:
        stranger.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    assert error.text == (
        f"User: {caller['arn']} is not authorized to perform: kms:Encrypt on resource: {key['Arn']} "
        "because no identity-based policy allows the kms:Encrypt action"
    )
    record = stack.record(error.error)
    assert record["errorCode"] == "AccessDenied" and record["errorMessage"] == error.text
    assert record["userIdentity"]["type"] == "IAMUser"
    assert record["resources"] == [{"accountId": key["AWSAccountId"], "type": "AWS::KMS::Key", "ARN": key["Arn"]}]


def stranger_error(stranger, key):
    try:
        stranger.describe_key(KeyId=key["KeyId"])
    except Exception as error:
        return error
    raise AssertionError("a stranger was let in")


def test_a_named_user_may_do_what_the_policy_says_and_nothing_else(stack, kms, key, root, new_user, refused):
    arn, credentials = new_user()
    user = stack.client("kms", credentials=credentials)
    kms.put_key_policy(KeyId=key["KeyId"], Policy=document(root, statement(arn, ["kms:Enc*", "kms:DescribeKey"])))
    sealed = user.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    user.describe_key(KeyId=key["KeyId"])
    with refused("AccessDeniedException"):
        user.decrypt(CiphertextBlob=sealed)
    with refused("AccessDeniedException"):
        user.schedule_key_deletion(KeyId=key["KeyId"])
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled"


def test_an_explicit_deny_beats_an_allow_even_for_root(kms, key, root, account, refused):
    deny = statement("*", "kms:Decrypt", effect="Deny", Sid="NoDecrypt")
    kms.put_key_policy(KeyId=key["KeyId"], Policy=document(root, deny))
    sealed = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    with refused("AccessDeniedException") as error:
        kms.decrypt(CiphertextBlob=sealed, KeyId=key["KeyId"])
    assert error.text.endswith("with an explicit deny in a resource-based policy")
    assert f"arn:aws:iam::{account}:root" in error.text
    kms.put_key_policy(KeyId=key["KeyId"], Policy=document(root))
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"


def test_without_the_account_in_the_policy_even_root_is_denied(stack, kms, key, new_user, refused):
    arn, credentials = new_user()
    policy = document(statement(arn, "kms:*"))
    kms.put_key_policy(KeyId=key["KeyId"], Policy=policy, BypassPolicyLockoutSafetyCheck=True)
    with refused("AccessDeniedException") as error:
        kms.describe_key(KeyId=key["KeyId"])
    assert error.text.endswith("because no resource-based policy allows the kms:DescribeKey action")
    assert stack.client("kms", credentials=credentials).describe_key(KeyId=key["KeyId"])


def test_b2_a_policy_that_locks_the_caller_out_needs_the_bypass(kms, key, new_user, refused):
    arn, _ = new_user()
    policy = document(statement(arn, "kms:*"))
    message = "The new key policy will not allow you to update the key policy in the future."
    with refused("MalformedPolicyDocumentException", message):
        kms.put_key_policy(KeyId=key["KeyId"], Policy=policy)
    with refused("MalformedPolicyDocumentException", message):
        kms.create_key(Policy=policy)
    kms.describe_key(KeyId=key["KeyId"])
    made = kms.create_key(Policy=policy, BypassPolicyLockoutSafetyCheck=True)["KeyMetadata"]
    with refused("AccessDeniedException"):
        kms.describe_key(KeyId=made["KeyId"])


@pytest.mark.parametrize(
    "policy",
    [
        "",
        "[]",
        "{",
        '{"Version": "2012-10-17"}',
        '{"Version": "2011-01-01", "Statement": []}',
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Permit", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}',
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}',
        '{"Version": "2012-10-17", "Extra": 1, "Statement": []}',
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:user/nobody-here"}, "Action": "kms:*", "Resource": "*"}]}',
    ],
)
def test_policies_that_are_none_change_nothing(stack, key, policy):
    kms = stack.client("kms", parameter_validation=False)
    before = kms.get_key_policy(KeyId=key["KeyId"])["Policy"]
    with pytest.raises(Exception) as caught:
        kms.put_key_policy(KeyId=key["KeyId"], Policy=policy, BypassPolicyLockoutSafetyCheck=True)
    expected = "MalformedPolicyDocumentException" if policy else "ValidationException"
    assert caught.value.response["Error"]["Code"] == expected
    assert kms.get_key_policy(KeyId=key["KeyId"])["Policy"] == before


def test_only_the_default_policy_has_a_name(kms, key, refused):
    with refused("NotFoundException"):
        kms.get_key_policy(KeyId=key["KeyId"], PolicyName="other")


def test_lists_need_iam_permission(stranger, refused):
    for call, action in ((stranger.list_keys, "ListKeys"), (stranger.list_aliases, "ListAliases")):
        with refused("AccessDeniedException") as error:
            call()
        assert f"kms:{action} on resource: * because no identity-based policy allows" in error.text
    with refused("AccessDeniedException"):
        stranger.create_key()
    with refused("AccessDeniedException"):
        stranger.generate_random(NumberOfBytes=1)
