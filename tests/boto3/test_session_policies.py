"""Sessions that are narrower than their role: session policies, session tags, source identity, and their records."""

import re

import pytest
from people import document, of_key, statement, trusting

TAGS = [{"Key": "team", "Value": "red"}, {"Key": "stage", "Value": "test"}]


def may_tag(principal, *actions, condition=None):
    """Trust that lets sessions carry tags or a source identity."""
    return trusting(principal, condition, ["sts:AssumeRole", *actions])


@pytest.fixture
def user(home):
    return home.user()


@pytest.fixture
def role(home, user):
    """A role with every right in KMS."""
    return home.role(trusting(user.arn), statement("kms:*"))


def encrypt(caller, key, **given):
    return caller.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x", **given)


def data_key(caller, key):
    return caller.kms.generate_data_key(KeyId=key["Arn"], KeySpec="AES_256")


def test_a_session_policy_narrows(stack, home, key, user, role, refused):
    policy = document(statement("kms:Encrypt", key["Arn"]))
    session = user.assume(role, Policy=policy)
    answer = encrypt(session, key)
    with refused("AccessDeniedException", ending="because no session policy allows the kms:GenerateDataKey action") as error:
        data_key(session, key)
    for record in (stack.record(answer), stack.record(error.error)):
        assert record["userIdentity"]["type"] == "AssumedRole" and record["userIdentity"]["arn"] == session.arn
    assert stack.record(error.error)["errorCode"] == "AccessDenied"
    with refused("AccessDeniedException"):
        encrypt(session, home.key())
    data_key(user.assume(role), key)
    assert 0 <= session.made["PackedPolicySize"] <= 100


def test_a_session_policy_never_widens(home, key, user, refused):
    poor = home.role(trusting(user.arn), statement("kms:Encrypt"))
    session = user.assume(poor, Policy=document(statement("kms:*")))
    encrypt(session, key)
    with refused("AccessDeniedException", ending="because no identity-based policy allows the kms:GenerateDataKey action"):
        data_key(session, key)


def test_managed_policies_narrow_together_with_the_inline_one(home, key, user, role, refused):
    encrypting, generating = home.policy(statement("kms:Encrypt")), home.policy(statement("kms:GenerateDataKey"))
    session = user.assume(role, PolicyArns=[{"arn": encrypting}])
    encrypt(session, key)
    with refused("AccessDeniedException"):
        data_key(session, key)
    both = user.assume(role, PolicyArns=[{"arn": encrypting}, {"arn": generating}])
    encrypt(both, key)
    data_key(both, key)
    mixed = user.assume(role, PolicyArns=[{"arn": encrypting}], Policy=document(statement("kms:GenerateDataKey")))
    encrypt(mixed, key)
    data_key(mixed, key)
    with refused("AccessDeniedException"):
        mixed.kms.describe_key(KeyId=key["Arn"])


def test_a_deny_in_a_session_policy(key, user, role, refused):
    session = user.assume(role, Policy=document(statement("kms:*"), statement("kms:Encrypt", effect="Deny")))
    data_key(session, key)
    with refused("AccessDeniedException", ending="with an explicit deny in a session policy"):
        encrypt(session, key)


def test_a_session_policy_limits_what_a_key_policy_gives_the_role_but_not_the_session(home, user, refused):
    role = home.role(trusting(user.arn))
    session = user.assume(role, "narrow", Policy=document(statement("kms:DescribeKey")))
    key = home.key(of_key(role.arn, "kms:Encrypt"), of_key(session.arn, "kms:GenerateDataKey"))
    with refused("AccessDeniedException", ending="because no session policy allows the kms:Encrypt action"):
        encrypt(session, key)
    data_key(session, key)
    encrypt(user.assume(role, "wide"), key)


def test_bad_session_policies(home, user, role, refused):
    for bad in (
        "{",
        "[]",
        document({"Effect": "Allow", "Action": "kms:*"}),
        document({"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": "*"}),
        document(statement("nothing")),
    ):
        with refused("MalformedPolicyDocument"):
            user.assume(role, Policy=bad)
    with refused("MalformedPolicyDocument"):
        user.assume(role, PolicyArns=[{"arn": f"arn:aws:iam::{home.id}:policy/nobody"}])
    unchecked = user.client("sts", parameter_validation=False)
    with refused("PackedPolicyTooLarge"):
        user.assume(role, Policy=document(statement("kms:*", Sid="s" * 2048)))
    with refused("ValidationError"):
        unchecked.assume_role(
            RoleArn=role.arn, RoleSessionName="session",
            PolicyArns=[{"arn": home.policy(statement("kms:*"))} for _ in range(11)],
        )  # fmt: skip


def test_session_tags_are_the_principals_tags(home, key, user, refused):
    condition = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
    role = home.role(
        may_tag(user.arn, "sts:TagSession"), statement("kms:Encrypt", condition=condition),
        Tags=[{"Key": "team", "Value": "blue"}],
    )  # fmt: skip
    with refused("AccessDeniedException"):
        encrypt(user.assume(role), key)
    encrypt(user.assume(role, Tags=TAGS), key)
    with refused("AccessDeniedException"):
        encrypt(user.assume(role, Tags=[{"Key": "team", "Value": "green"}]), key)
    home.iam.tag_role(RoleName=role.name, Tags=[{"Key": "team", "Value": "red"}])
    encrypt(user.assume(role), key)


def test_tags_take_the_permission_to_tag(home, user, refused):
    role = home.role(trusting(user.arn))
    with refused("AccessDenied") as error:
        user.assume(role, Tags=TAGS)
    assert "sts:TagSession on resource: " + role.arn in error.text
    red = may_tag(user.arn, "sts:TagSession", condition={"StringEquals": {"aws:RequestTag/team": "red"}})
    role.trusts(red)
    user.assume(role, Tags=TAGS)
    with refused("AccessDenied"):
        user.assume(role, Tags=[{"Key": "team", "Value": "blue"}])
    role.trusts(
        may_tag(user.arn, "sts:TagSession", condition={"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}})
    )
    user.assume(role, Tags=[{"Key": "team", "Value": "blue"}])
    with refused("AccessDenied"):
        user.assume(role, Tags=TAGS)


def test_transitive_tags_stay_through_chained_roles(home, key, user, refused):
    first = home.role(may_tag(user.arn, "sts:TagSession"))
    second = home.role(
        may_tag(first.arn, "sts:TagSession"),
        statement("kms:Encrypt", condition={"StringEquals": {"aws:PrincipalTag/team": "red"}}),
        statement("kms:GenerateDataKey", condition={"StringEquals": {"aws:PrincipalTag/stage": "test"}}),
    )
    chained = user.assume(first, Tags=TAGS, TransitiveTagKeys=["team"]).assume(second)
    encrypt(chained, key)
    with refused("AccessDeniedException"):
        data_key(chained, key)
    with refused("ValidationError"):
        user.assume(first, Tags=TAGS, TransitiveTagKeys=["team"]).assume(second, Tags=[{"Key": "team", "Value": "x"}])


def test_a_source_identity_stays(stack, home, key, user, refused):
    condition = {"StringEquals": {"aws:SourceIdentity": "ann"}}
    first = home.role(may_tag(user.arn, "sts:SetSourceIdentity"), statement("kms:Encrypt", condition=condition))
    second = home.role(
        may_tag(first.arn, "sts:SetSourceIdentity"), statement("kms:GenerateDataKey", condition=condition)
    )
    session = user.assume(first, SourceIdentity="ann")
    assert session.made["SourceIdentity"] == "ann"
    record = stack.record(encrypt(session, key))
    assert record["userIdentity"]["sessionContext"]["sourceIdentity"] == "ann"
    chained = session.assume(second)
    assert stack.record(data_key(chained, key))["userIdentity"]["sessionContext"]["sourceIdentity"] == "ann"
    with refused("AccessDenied"):
        session.assume(second, SourceIdentity="bob")
    with refused("AccessDeniedException"):
        encrypt(user.assume(first, SourceIdentity="bob"), key)
    without = home.role(trusting(user.arn))
    with refused("AccessDenied") as error:
        user.assume(without, SourceIdentity="ann")
    assert "sts:SetSourceIdentity" in error.text


def test_the_record_of_a_session(stack, home, key, user, role):
    session = user.assume(role, "recorded")
    record = stack.record(encrypt(session, key))
    identity = record["userIdentity"]
    context = identity.pop("sessionContext")
    assert identity == {
        "type": "AssumedRole",
        "principalId": f"{role.id}:recorded",
        "arn": session.arn,
        "accountId": home.id,
        "accessKeyId": session.credentials[0],
    }
    assert context["sessionIssuer"] == {
        "type": "Role",
        "principalId": role.id,
        "arn": role.arn,
        "accountId": home.id,
        "userName": role.name,
    }
    attributes = context["attributes"]
    assert attributes["mfaAuthenticated"] == "false"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", attributes["creationDate"])


def test_the_record_of_a_session_token(stack, home, key, user):
    user.may(statement("kms:Encrypt"))
    given = user.sts.get_session_token()["Credentials"]
    credentials = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    record = stack.record(stack.client("kms", credentials=credentials).encrypt(KeyId=key["Arn"], Plaintext=b"x"))
    identity = record["userIdentity"]
    assert (identity["type"], identity["arn"], identity["userName"]) == ("IAMUser", user.arn, user.name)
    assert identity["accessKeyId"] == given["AccessKeyId"]
    assert set(identity["sessionContext"]["attributes"]) == {"mfaAuthenticated", "creationDate"}


def test_the_record_of_assume_role_has_no_secret(stack, home, user, role):
    session = user.assume(role, "recorded", Policy=document(statement("kms:*")))
    record = stack.record(session.made)
    assert (record["eventSource"], record["eventName"]) == ("sts.amazonaws.com", "AssumeRole")
    assert record["requestParameters"]["roleArn"] == role.arn
    assert record["requestParameters"]["roleSessionName"] == "recorded"
    elements = record["responseElements"]
    assert elements["credentials"]["accessKeyId"] == session.credentials[0]
    assert elements["assumedRoleUser"] == {"assumedRoleId": f"{role.id}:recorded", "arn": session.arn}
    text = str(record)
    assert session.credentials[1] not in text and "secretAccessKey" not in text
    assert session.credentials[2] not in text
