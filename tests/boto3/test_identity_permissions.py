"""What it takes to create, tag, name and share keys (source texts B1 to B8)."""

import pytest
from people import denied_because, document, of_key, statement

TAG = [{"TagKey": "team", "TagValue": "red"}]
LOCKED_OUT = "The new key policy will not allow you to update the key policy in the future."


def test_b1_create_key_takes_an_iam_policy_on_every_resource(home, key, refused):
    user = home.user()
    with refused("AccessDeniedException", ending=denied_because("kms:CreateKey", "identity-based policy")) as error:
        user.kms.create_key()
    assert error.text.startswith(f"User: {user.arn} is not authorized to perform: kms:CreateKey on resource: * ")
    of_keys = f"arn:aws:kms:us-east-1:{home.id}:key/*"
    user.may(statement("kms:CreateKey", of_keys))
    with refused("AccessDeniedException"):
        user.kms.create_key()
    single = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:CreateKey", "Resource": "*"}}'
    home.iam.put_user_policy(UserName=user.name, PolicyName="test", PolicyDocument=single)
    made = user.kms.create_key()["KeyMetadata"]
    assert home.kms.describe_key(KeyId=made["KeyId"])["KeyMetadata"]["Enabled"]
    with refused("AccessDeniedException"):
        user.kms.describe_key(KeyId=made["KeyId"])


def test_b1_no_key_policy_can_let_anybody_create_keys(home, refused):
    user = home.user()
    home.key(of_key(user.arn, "kms:*"))
    with refused("AccessDeniedException", ending=denied_because("kms:CreateKey", "identity-based policy")):
        user.kms.create_key()


def test_b2_whoever_makes_a_key_must_be_able_to_change_its_policy(home, refused):
    user = home.user(statement("kms:CreateKey"))
    for policy in (
        document(of_key(home.arn, "kms:*")),
        document(home.everything, of_key(user.arn, "kms:Encrypt")),
        document(home.everything, of_key(user.arn, "kms:PutKeyPolicy", effect="Deny")),
    ):
        with refused("MalformedPolicyDocumentException", LOCKED_OUT):
            user.kms.create_key(Policy=policy)
        made = user.kms.create_key(Policy=policy, BypassPolicyLockoutSafetyCheck=True)["KeyMetadata"]
        with refused("AccessDeniedException"):
            user.kms.put_key_policy(KeyId=made["KeyId"], Policy=policy)
    own = user.kms.create_key(Policy=document(of_key(user.arn, "kms:PutKeyPolicy")))["KeyMetadata"]
    user.kms.put_key_policy(KeyId=own["KeyId"], Policy=document(of_key(user.arn, "kms:Put*")))
    user.kms.create_key()


def test_b2_an_identity_policy_passes_the_check_where_the_account_is_named(home, refused):
    user = home.user(statement(["kms:CreateKey", "kms:PutKeyPolicy"]))
    delegating = document(home.everything)
    made = user.kms.create_key(Policy=delegating)["KeyMetadata"]
    user.kms.put_key_policy(KeyId=made["KeyId"], Policy=delegating)
    someone = home.user()
    with refused("MalformedPolicyDocumentException", LOCKED_OUT):
        user.kms.create_key(Policy=document(of_key(someone.arn, "kms:*")))
    with refused("MalformedPolicyDocumentException", LOCKED_OUT):
        user.kms.put_key_policy(KeyId=made["KeyId"], Policy=document(of_key(someone.arn, "kms:*")))
    user.may(statement(["kms:CreateKey", "kms:PutKeyPolicy"]), statement("kms:PutKeyPolicy", effect="Deny"))
    with refused("MalformedPolicyDocumentException", LOCKED_OUT):
        user.kms.create_key(Policy=delegating)
    user.may(
        statement("kms:CreateKey"),
        statement("kms:PutKeyPolicy", condition={"StringEquals": {"kms:KeySpec": "ECC_NIST_P256"}}),
    )
    with refused("MalformedPolicyDocumentException", LOCKED_OUT):
        user.kms.create_key(Policy=delegating)
    user.kms.create_key(Policy=delegating, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")


def test_b3_tags_at_creation_take_an_iam_policy(home, refused):
    user = home.user(statement("kms:CreateKey"))
    own = document(home.everything, of_key(user.arn, ["kms:TagResource", "kms:PutKeyPolicy"]))
    with refused("AccessDeniedException", ending=denied_because("kms:TagResource", "identity-based policy")):
        user.kms.create_key(Policy=own, Tags=TAG)
    made = user.kms.create_key(Policy=own)["KeyMetadata"]
    user.kms.tag_resource(KeyId=made["KeyId"], Tags=TAG)
    assert home.kms.list_resource_tags(KeyId=made["KeyId"])["Tags"] == TAG


def test_b3_tags_at_creation_with_the_iam_policy(home, refused):
    user = home.user(statement(["kms:CreateKey", "kms:TagResource"]))
    made = user.kms.create_key(Tags=TAG)["KeyMetadata"]
    assert home.kms.list_resource_tags(KeyId=made["KeyId"])["Tags"] == TAG
    user.may(statement("kms:*"), statement("kms:TagResource", effect="Deny"))
    with refused("AccessDeniedException", ending="with an explicit deny in an identity-based policy"):
        user.kms.create_key(Tags=TAG)


@pytest.mark.parametrize("by", ["key policy", "identity policy"])
def test_b4_an_alias_takes_permission_on_the_key_and_on_the_alias(home, alias, refused, by):
    user = home.user()
    key = home.key(*([of_key(user.arn, "kms:CreateAlias")] if by == "key policy" else []))
    alias_arn = f"arn:aws:kms:us-east-1:{home.id}:{alias}"
    on_key = [statement("kms:CreateAlias", key["Arn"])] if by == "identity policy" else []
    on_alias = [statement("kms:CreateAlias", alias_arn)]
    if on_key:
        user.may(*on_key)
    with refused("AccessDeniedException", ending=denied_because("kms:CreateAlias", "identity-based policy")) as error:
        user.kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    assert f"kms:CreateAlias on resource: {alias_arn} " in error.text
    other = home.key()
    user.may(*on_alias)
    with refused("AccessDeniedException", ending=denied_because("kms:CreateAlias", "identity-based policy")) as error:
        user.kms.create_alias(AliasName=alias, TargetKeyId=other["KeyId"])
    assert f"kms:CreateAlias on resource: {other['Arn']} " in error.text
    assert not home.kms.list_aliases(KeyId=other["KeyId"])["Aliases"]
    user.may(*on_key, *on_alias)
    user.kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    assert [one["AliasArn"] for one in home.kms.list_aliases(KeyId=key["KeyId"])["Aliases"]] == [alias_arn]


def test_b4_moving_an_alias_takes_permission_on_the_alias_and_both_keys(home, alias, refused):
    (one, other), user = (home.key() for _ in range(2)), home.user()
    home.kms.create_alias(AliasName=alias, TargetKeyId=one["KeyId"])
    resources = [f"arn:aws:kms:us-east-1:{home.id}:{alias}", one["Arn"], other["Arn"]]
    for missing in resources:
        user.may(statement("kms:UpdateAlias", [resource for resource in resources if resource != missing]))
        with refused("AccessDeniedException") as error:
            user.kms.update_alias(AliasName=alias, TargetKeyId=other["KeyId"])
        assert f"kms:UpdateAlias on resource: {missing} " in error.text
    user.may(statement("kms:UpdateAlias", resources))
    user.kms.update_alias(AliasName=alias, TargetKeyId=other["KeyId"])
    for missing in (resources[0], resources[2]):
        user.may(statement("kms:DeleteAlias", [resource for resource in resources if resource != missing]))
        with refused("AccessDeniedException") as error:
            user.kms.delete_alias(AliasName=alias)
        assert f"kms:DeleteAlias on resource: {missing} " in error.text
    user.may(statement("kms:DeleteAlias", [resources[0], resources[2]]))
    user.kms.delete_alias(AliasName=alias)


AS_PRINTED = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Tags on keys", "Effect": "Allow", "Action": {"kms:TagResource"}, "Resource": "arn:aws:kms:*:ACCOUNT:key/*"},
    {"Sid": "Names of keys", "Effect": "Allow", "Action": {"kms:CreateAlias"}, "Resource": "arn:aws:kms:*:ACCOUNT:alias/*"},
    {"Sid": "New keys", "Effect": "Allow", "Action": ["kms:CreateKey", "kms:ListKeys", "kms:ListAliases"], "Resource": "*"}
  ]
}"""


def test_b5_the_example_policy_as_printed_and_corrected(home, alias, refused):
    printed = AS_PRINTED.replace("ACCOUNT", home.id)
    with_sids = printed.replace('{"kms:TagResource"}', '"kms:TagResource"').replace(
        '{"kms:CreateAlias"}', '["kms:CreateAlias"]'
    )
    corrected = with_sids.replace("Tags on keys", "Tags").replace("Names of keys", "Names").replace("New keys", "New")
    user = home.user()
    for malformed in (printed, with_sids):
        with refused("MalformedPolicyDocument"):
            home.iam.put_user_policy(UserName=user.name, PolicyName="test", PolicyDocument=malformed)
        with refused("MalformedPolicyDocument"):
            home.iam.create_policy(PolicyName=f"b5-{user.name}", PolicyDocument=malformed)
    assert home.iam.list_user_policies(UserName=user.name)["PolicyNames"] == []
    home.iam.put_user_policy(UserName=user.name, PolicyName="test", PolicyDocument=corrected)
    made = user.kms.create_key(Tags=TAG)["KeyMetadata"]
    user.kms.tag_resource(KeyId=made["KeyId"], Tags=[{"TagKey": "more", "TagValue": ""}])
    user.kms.list_keys(Limit=1)
    user.kms.list_aliases(Limit=1)
    with refused("AccessDeniedException"):
        user.kms.create_alias(AliasName=alias, TargetKeyId=made["KeyId"])
    home.put(made, home.everything, of_key(user.arn, "kms:CreateAlias"))
    user.kms.create_alias(AliasName=alias, TargetKeyId=made["KeyId"])


@pytest.mark.parametrize("operation", ["ListKeys", "ListAliases"])
def test_b6_lists_take_an_iam_policy(home, refused, operation):
    user = home.user()
    call = {"ListKeys": user.kms.list_keys, "ListAliases": user.kms.list_aliases}[operation]
    home.key(of_key(user.arn, f"kms:{operation}"))
    with refused("AccessDeniedException", ending=denied_because(f"kms:{operation}", "identity-based policy")):
        call(Limit=1)
    user.may(statement(f"kms:{operation}"))
    call(Limit=1)
    user.may(statement(f"kms:{operation}", f"arn:aws:kms:us-east-1:{home.id}:key/*"))
    with refused("AccessDeniedException"):
        call(Limit=1)


def test_b7_the_account_in_the_key_policy_is_the_door_for_iam(home, key, refused):
    user = home.user()
    with refused("AccessDeniedException", ending=denied_because("kms:Encrypt", "identity-based policy")):
        user.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    user.may(statement("kms:Encrypt", key["Arn"]))
    user.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    admin = home.user()
    home.put(key, of_key(admin.arn, "kms:*"), BypassPolicyLockoutSafetyCheck=True)
    with refused("AccessDeniedException", ending=denied_because("kms:Encrypt", "resource-based policy")):
        user.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    with refused("AccessDeniedException", ending=denied_because("kms:Encrypt", "resource-based policy")):
        home.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    admin.kms.put_key_policy(KeyId=key["KeyId"], Policy=document(of_key(home.arn, "kms:Decrypt"), of_key(admin.arn, "kms:*")))
    with refused("AccessDeniedException", ending=denied_because("kms:Encrypt", "resource-based policy")):
        user.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    admin.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")


@pytest.mark.parametrize("form", ["root ARN", "account id"])
def test_b7_both_ways_to_write_the_account(home, refused, form):
    principal = home.arn if form == "root ARN" else home.id
    user = home.user(statement("kms:DescribeKey"))
    key = home.kms.create_key(Policy=document(of_key(principal, "kms:*")))["KeyMetadata"]
    user.kms.describe_key(KeyId=key["KeyId"])
    with refused("AccessDeniedException"):
        user.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")


def test_b8_another_account_takes_the_key_policy_and_its_own_iam(home, abroad, refused):
    user, key = abroad.user(), home.key()
    use = lambda: user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")  # noqa: E731
    with refused("AccessDeniedException"):
        use()
    user.may(statement("kms:Encrypt", key["Arn"]))
    with refused("AccessDeniedException"):
        use()
    home.put(key, home.everything, of_key(abroad.arn, "kms:Encrypt"))
    use()
    user.may(statement("kms:Decrypt", key["Arn"]))
    with refused("AccessDeniedException", ending=denied_because("kms:Encrypt", "identity-based policy")):
        use()
