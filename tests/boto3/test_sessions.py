"""STS: who may assume a role, what the credentials are like, and who their bearer is."""

import re
from datetime import datetime, timezone

import pytest
from people import document, new_name, of_key, statement, trusting


def not_authorized(caller, role_arn):
    return f"User: {caller.arn} is not authorized to perform: sts:AssumeRole on resource: {role_arn}"


@pytest.fixture
def user(home):
    return home.user()


def test_a_role_that_trusts_a_user_needs_nothing_else(home, user, refused):
    role = home.role(trusting(user.arn))
    session = user.assume(role, "first")
    assert session.sts.get_caller_identity()["Arn"] == session.arn
    with refused("AccessDenied") as error:
        home.user().assume(role)
    assert error.text.startswith("User: ") and "sts:AssumeRole on resource: " + role.arn in error.text


def test_a_role_that_trusts_the_account_needs_an_identity_policy(home, user, refused):
    role, other = home.role(trusting(home.arn)), home.role(trusting(home.arn))
    with refused("AccessDenied") as error:
        user.assume(role)
    assert error.text.startswith(not_authorized(user, role.arn))
    user.may(statement("sts:AssumeRole", role.arn))
    user.assume(role)
    with refused("AccessDenied"):
        user.assume(other)


def test_an_identity_policy_without_trust_is_not_enough(home, user, refused):
    someone = home.user()
    role = home.role(trusting(someone.arn))
    user.may(statement("sts:*"))
    with refused("AccessDenied") as error:
        user.assume(role)
    assert error.text.startswith(not_authorized(user, role.arn))
    role.trusts(trusting(someone.arn), trusting(user.arn))
    user.assume(role)
    role.trusts(trusting(home.arn), trusting(user.arn, effect="Deny"))
    with refused("AccessDenied"):
        user.assume(role)
    role.trusts(trusting(user.arn))
    user.may(statement("sts:AssumeRole", effect="Deny"))
    with refused("AccessDenied", ending="with an explicit deny in an identity-based policy"):
        user.assume(role)


def test_across_accounts_both_sides_must_agree(home, abroad, refused):
    user, role = abroad.user(), home.role(trusting(abroad.arn))
    for untrusted in (home.role(trusting(home.arn)), role):
        with refused("AccessDenied"):
            user.assume(untrusted)
    user.may(statement("sts:AssumeRole", role.arn))
    session = user.assume(role, "visit")
    assert session.arn == f"arn:aws:sts::{home.id}:assumed-role/{role.name}/visit"
    identity = session.sts.get_caller_identity()
    assert (identity["Account"], identity["UserId"]) == (home.id, f"{role.id}:visit")
    role.trusts(trusting(user.arn))
    user.assume(role)
    user.may(statement("sts:GetSessionToken"))
    with refused("AccessDenied"):
        user.assume(role)


def test_the_assuming_is_in_both_accounts_trails(stack, home, abroad):
    user, role = abroad.user(statement("sts:AssumeRole")), home.role(trusting(abroad.arn))
    copies = stack.copies(user.assume(role, "visit").made, [home.id, abroad.id])
    assert copies[abroad.id]["userIdentity"]["arn"] == user.arn
    assert copies[home.id]["userIdentity"]["type"] == "AWSAccount"
    assert copies[home.id]["userIdentity"]["accountId"] == abroad.id
    assert copies[home.id]["sharedEventID"] == copies[abroad.id]["sharedEventID"]


def test_an_external_id(home, abroad, refused):
    role = home.role(trusting(abroad.arn, {"StringEquals": {"sts:ExternalId": "deal-17"}}))
    user = abroad.user(statement("sts:AssumeRole"))
    user.assume(role, ExternalId="deal-17")
    for given in ({}, {"ExternalId": "deal-18"}, {"ExternalId": "DEAL-17"}):
        with refused("AccessDenied"):
            user.assume(role, **given)
    with refused("ValidationError"):
        abroad.client("sts", parameter_validation=False).assume_role(
            RoleArn=role.arn, RoleSessionName="session", ExternalId="x"
        )


def test_unknown_roles_and_roots(home, abroad, user, refused):
    user.may(statement("sts:AssumeRole"))
    for arn in (f"arn:aws:iam::{home.id}:role/nobody", f"arn:aws:iam::{abroad.id}:role/nobody"):
        with refused("AccessDenied") as error:
            user.sts.assume_role(RoleArn=arn, RoleSessionName="session")
        assert error.text.startswith(not_authorized(user, arn))
    role = home.role(trusting([home.arn, abroad.arn]))
    for root in (home, abroad):
        with refused("AccessDenied", "Roles may not be assumed by root accounts."):
            root.assume(role)


def test_what_assume_role_answers(home, user):
    role = home.role(trusting(user.arn), Path="/team/")
    before = datetime.now(timezone.utc)
    made = user.sts.assume_role(RoleArn=role.arn, RoleSessionName="a.b@c=d,e+f-1")
    assert made["AssumedRoleUser"] == {
        "AssumedRoleId": f"{role.id}:a.b@c=d,e+f-1",
        "Arn": f"arn:aws:sts::{home.id}:assumed-role/{role.name}/a.b@c=d,e+f-1",
    }
    given = made["Credentials"]
    assert re.fullmatch("ASIA[A-Z2-7]{16}", given["AccessKeyId"])
    assert re.fullmatch("[A-Za-z0-9/+]{40}", given["SecretAccessKey"])
    assert 100 < len(given["SessionToken"]) <= 4096
    assert 3590 <= (given["Expiration"] - before).total_seconds() <= 3610
    assert re.fullmatch("AROA[A-Z2-7]{17}", role.id)


def test_how_long_a_session_lasts(home, user, refused):
    role = home.role(trusting(user.arn), MaxSessionDuration=7200)
    sts = user.client("sts", parameter_validation=False)
    for seconds in (900, 7200):
        session = user.assume(role, DurationSeconds=seconds)
        left = session.made["Credentials"]["Expiration"] - datetime.now(timezone.utc)
        assert seconds - 10 <= left.total_seconds() <= seconds + 10
    for seconds in (899, 7201, 43200, 43201):
        with refused("ValidationError"):
            sts.assume_role(RoleArn=role.arn, RoleSessionName="session", DurationSeconds=seconds)
    home.iam.update_role(RoleName=role.name, MaxSessionDuration=43200)
    user.assume(role, DurationSeconds=43200)


def test_chained_roles(home, user, refused):
    first = home.role(trusting(user.arn), MaxSessionDuration=43200)
    second = home.role(trusting(first.arn), MaxSessionDuration=43200)
    session = user.assume(first, "one", DurationSeconds=7200)
    chained = session.assume(second, "two", DurationSeconds=3600)
    assert chained.sts.get_caller_identity()["Arn"].endswith(f"assumed-role/{second.name}/two")
    with refused("ValidationError", ending="exceeds the 1 hour session limit for roles assumed by role chaining."):
        session.assume(second, DurationSeconds=3601)
    with refused("AccessDenied"):
        user.assume(second)


def test_trust_may_name_one_session(home, user, refused):
    first = home.role(trusting(user.arn))
    right, wrong = user.assume(first, "right"), user.assume(first, "wrong")
    second = home.role(trusting(right.arn))
    right.assume(second)
    with refused("AccessDenied"):
        wrong.assume(second)


def test_a_session_has_what_its_role_may(home, user, key, refused):
    role = home.role(trusting(user.arn))
    session = user.assume(role)
    with refused("AccessDeniedException", ending="because no identity-based policy allows the kms:Encrypt action") as error:
        session.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    assert error.text.startswith(f"User: {session.arn} is not authorized to perform: kms:Encrypt on resource: ")
    role.may(statement("kms:Encrypt", key["Arn"]))
    session.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    user.may(statement("kms:Decrypt"))
    with refused("AccessDeniedException"):
        session.kms.decrypt(CiphertextBlob=user_blob(home, key))
    home.iam.delete_role_policy(RoleName=role.name, PolicyName="test")
    with refused("AccessDeniedException"):
        session.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")


def user_blob(home, key):
    return home.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]


def test_a_key_policy_may_name_the_role_or_one_session(home, user, refused):
    role = home.role(trusting(user.arn))
    one, other = user.assume(role, "one"), user.assume(role, "other")
    key = home.key(of_key(role.arn, "kms:Encrypt"), of_key(one.arn, "kms:GenerateDataKey"))
    for session in (one, other):
        session.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    one.kms.generate_data_key(KeyId=key["Arn"], KeySpec="AES_256")
    with refused("AccessDeniedException"):
        other.kms.generate_data_key(KeyId=key["Arn"], KeySpec="AES_256")
    with refused("AccessDeniedException"):
        user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")


def test_tampered_tokens_and_half_credentials(stack, home, user, key):
    session = user.assume(home.role(trusting(user.arn), statement("kms:*")))
    key_id, secret, token = session.credentials
    other = user.assume(home.role(trusting(user.arn), statement("kms:*"))).credentials
    middle = len(token) // 2
    swapped = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]
    wrong = [
        (key_id, secret, swapped),
        (key_id, secret, token[:-8]),
        (key_id, secret, "nonsense"),
        (key_id, secret),
        (key_id, secret, other[2]),
        (other[0], secret, token),
        (*user.credentials, token),
    ]
    for credentials in wrong:
        with pytest.raises(Exception) as caught:
            stack.client("kms", credentials=credentials).encrypt(KeyId=key["Arn"], Plaintext=b"x")
        assert caught.value.response["Error"]["Code"] == "UnrecognizedClientException", (caught.value, credentials)
        with pytest.raises(Exception) as caught:
            stack.client("sts", credentials=credentials).get_caller_identity()
        assert caught.value.response["Error"]["Code"] == "InvalidClientTokenId", (caught.value, credentials)
    with pytest.raises(Exception) as caught:
        stack.client("kms", credentials=(key_id, "x" * 40, token)).encrypt(KeyId=key["Arn"], Plaintext=b"x")
    assert caught.value.response["Error"]["Code"] == "InvalidSignatureException"
    session.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")


def test_sessions_of_a_deleted_role_end(home, user, key, refused):
    name = new_name("role")
    role = home.role(trusting(user.arn), statement("kms:Encrypt"), RoleName=name)
    session = user.assume(role)
    session.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    home.iam.delete_role_policy(RoleName=name, PolicyName="test")
    home.iam.delete_role(RoleName=name)
    with refused("UnrecognizedClientException"):
        session.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    again = home.role(trusting(user.arn), statement("kms:Encrypt"), RoleName=name)
    assert again.arn == role.arn and again.id != role.id
    with refused("UnrecognizedClientException"):
        session.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    user.assume(again).kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")


def test_get_session_token(home, user, key, refused):
    before = datetime.now(timezone.utc)
    given = user.sts.get_session_token(DurationSeconds=900)["Credentials"]
    assert given["AccessKeyId"].startswith("ASIA")
    assert 890 <= (given["Expiration"] - before).total_seconds() <= 910
    credentials = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    temporary = lambda service: home.stack.client(service, credentials=credentials)  # noqa: E731
    assert temporary("sts").get_caller_identity()["Arn"] == user.arn
    with refused("AccessDeniedException"):
        temporary("kms").encrypt(KeyId=key["Arn"], Plaintext=b"x")
    user.may(statement(["kms:Encrypt", "iam:GetUser"]))
    temporary("kms").encrypt(KeyId=key["Arn"], Plaintext=b"x")
    with refused("AccessDenied"):
        temporary("sts").get_session_token()
    # AWS wants multi-factor authentication for this; docs/differences.md.
    assert temporary("iam").get_user(UserName=user.name)["User"]["Arn"] == user.arn
    long = user.sts.get_session_token()["Credentials"]["Expiration"] - datetime.now(timezone.utc)
    assert 43190 <= long.total_seconds() <= 43210
    unchecked = user.client("sts", parameter_validation=False)
    for seconds in (899, 129601):
        with refused("ValidationError"):
            unchecked.get_session_token(DurationSeconds=seconds)
    user.sts.get_session_token(DurationSeconds=129600)


def test_a_session_of_the_root_user_lasts_an_hour_at_most(home):
    given = home.sts.get_session_token(DurationSeconds=7200)["Credentials"]
    left = (given["Expiration"] - datetime.now(timezone.utc)).total_seconds()
    assert 3590 <= left <= 3610
    credentials = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    assert home.stack.client("sts", credentials=credentials).get_caller_identity()["Arn"] == home.arn


def test_an_inactive_access_key_ends_its_session_tokens(home, user, key, refused):
    user.may(statement("kms:Encrypt"))
    given = user.sts.get_session_token()["Credentials"]
    kms = home.stack.client("kms", credentials=(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]))
    kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    home.iam.delete_access_key(UserName=user.name, AccessKeyId=user.credentials[0])
    home.iam.delete_user_policy(UserName=user.name, PolicyName="test")
    home.iam.delete_user(UserName=user.name)
    with refused("UnrecognizedClientException"):
        kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")


def test_get_caller_identity_cannot_be_denied(home, user, service):
    user.may(statement("*", effect="Deny"))
    assert user.sts.get_caller_identity()["Arn"] == user.arn
    role = home.role(trusting(user.arn), statement("*", effect="Deny"))
    user.may(statement("sts:AssumeRole"))
    session = user.assume(role, Policy=document(statement("*", effect="Deny")))
    identity = session.sts.get_caller_identity()
    assert identity["UserId"] == f"{role.id}:session" and identity["Arn"] == session.arn
    root = home.sts.get_caller_identity()
    assert (root["UserId"], root["Arn"]) == (home.id, home.arn)


def test_get_access_key_info(home, abroad, user, refused):
    for key_id, account in ((user.credentials[0], home.id), (abroad.user().credentials[0], abroad.id)):
        user.may(statement("sts:GetAccessKeyInfo"))
        assert user.sts.get_access_key_info(AccessKeyId=key_id)["Account"] == account
    with refused("ValidationError"):
        home.sts.get_access_key_info(AccessKeyId="AKIAAAAAAAAAAAAAAAAA")
    with refused("AccessDenied"):
        home.user().sts.get_access_key_info(AccessKeyId=user.credentials[0])


def test_wrong_parameters(home, user, refused):
    role = home.role(trusting(user.arn))
    sts = user.client("sts", parameter_validation=False)
    good = {"RoleArn": role.arn, "RoleSessionName": "session"}
    for wrong in (
        {"RoleSessionName": "x"},
        {"RoleSessionName": "with space"},
        {"RoleSessionName": "n" * 65},
        {"RoleArn": "ann"},
        {"RoleArn": f"arn:aws:iam::{home.id}:user/{user.name}"},
        {"SourceIdentity": "x"},
        {"Tags": [{"Key": "", "Value": ""}]},
        {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]},
        {"TransitiveTagKeys": ["not-given"]},
    ):
        with pytest.raises(Exception) as caught:
            sts.assume_role(**good | wrong)
        code = caught.value.response["Error"]["Code"]
        assert code in ("ValidationError", "InvalidParameterValue"), (wrong, caught.value)
    for missing in good:
        with refused("ValidationError"):
            sts.assume_role(**{k: v for k, v in good.items() if k != missing})
