"""Grants for another account and for roles: constraints, tokens, who may end them, and their records."""

import pytest
from people import document, of_key, statement, trusting

CONTEXT = {"Department": "Finance", "Tier": "1"}


def grant(kms, key, grantee, *operations, **more):
    return kms.create_grant(KeyId=key["Arn"], GranteePrincipal=grantee, Operations=list(operations), **more)


@pytest.fixture
def role(home):
    """A role that its account's root delegates to IAM."""
    return home.role(trusting(home.arn))


@pytest.fixture
def assume(home):
    """Makes a session of a role of the first account."""
    someone = home.user(statement("sts:AssumeRole"))
    return lambda role, name="session", **given: someone.assume(role, name, **given)


def test_a_grant_to_another_account_is_for_its_principals_with_their_iam(home, abroad, key, refused):
    user = abroad.user()
    made = grant(home.kms, key, abroad.arn, "Encrypt", "DescribeKey")
    abroad.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    with refused("AccessDeniedException"):
        abroad.kms.decrypt(CiphertextBlob=home.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"])
    with refused("AccessDeniedException"):
        user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    user.may(statement("kms:Encrypt", key["Arn"]))
    user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x", GrantTokens=[made["GrantToken"]])
    user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    home.kms.revoke_grant(KeyId=key["KeyId"], GrantId=made["GrantId"])
    for caller in (abroad, user):
        with refused("AccessDeniedException"):
            caller.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")


def test_a_grant_to_a_user_of_another_account_takes_no_iam(home, abroad, key, refused):
    user, other = abroad.user(), abroad.user(statement("kms:*"))
    made = grant(
        home.kms, key, user.arn, "Encrypt", "Decrypt", Constraints={"EncryptionContextSubset": CONTEXT}
    )  # fmt: skip
    token = {"GrantTokens": [made["GrantToken"]]}
    for context in (CONTEXT, CONTEXT | {"more": ""}):
        sealed = user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x", EncryptionContext=context, **token)
        opened = user.kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=context)
        assert (opened["Plaintext"], opened["KeyId"]) == (b"x", key["Arn"])
    for context in ({}, {"Tier": "1"}, CONTEXT | {"Tier": "2"}):
        with refused("AccessDeniedException"):
            user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x", EncryptionContext=context, **token)
    for caller in (other, abroad):
        with refused("AccessDeniedException"):
            caller.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x", EncryptionContext=CONTEXT, **token)
    user.may(statement("kms:Encrypt", effect="Deny"))
    with refused("AccessDeniedException", ending="with an explicit deny in an identity-based policy"):
        user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x", EncryptionContext=CONTEXT)


def test_a_foreign_grantee_retires_its_grant(home, abroad, key, refused):
    user, other = abroad.user(), abroad.user(statement("kms:*"))
    made = grant(home.kms, key, user.arn, "Encrypt", "RetireGrant")
    by_other = grant(home.kms, key, user.arn, "Encrypt", RetiringPrincipal=other.arn)
    with refused("AccessDeniedException"):
        other.kms.retire_grant(KeyId=key["Arn"], GrantId=made["GrantId"])
    with refused("AccessDeniedException"):
        user.kms.retire_grant(GrantToken=by_other["GrantToken"])
    user.kms.retire_grant(GrantToken=made["GrantToken"])
    other.kms.retire_grant(KeyId=key["Arn"], GrantId=by_other["GrantId"])
    assert home.kms.list_grants(KeyId=key["KeyId"])["Grants"] == []


def test_a_foreign_use_by_a_grant_is_in_both_trails(stack, home, abroad, key):
    user = abroad.user()
    grant(home.kms, key, user.arn, "Encrypt")
    copies = stack.copies(user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x"), [home.id, abroad.id])
    assert copies[abroad.id]["userIdentity"]["arn"] == user.arn
    assert copies[home.id]["userIdentity"]["type"] == "AWSAccount"
    assert copies[home.id]["userIdentity"]["accountId"] == abroad.id
    assert copies[home.id]["sharedEventID"] == copies[abroad.id]["sharedEventID"]


def test_a_grant_to_a_role_is_for_all_its_sessions(home, key, role, assume, refused):
    made = grant(home.kms, key, role.arn, "Encrypt", Constraints={"EncryptionContextEquals": CONTEXT})
    (listed,) = home.kms.list_grants(KeyId=key["KeyId"])["Grants"]
    assert listed["GranteePrincipal"] == role.arn
    for session in (assume(role, "one"), assume(role, "other")):
        session.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x", EncryptionContext=CONTEXT)
        for context in ({}, {"Tier": "1"}, CONTEXT | {"more": ""}):
            with refused("AccessDeniedException"):
                session.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x", EncryptionContext=context)
    stranger = assume(home.role(trusting(home.arn)))
    token = {"GrantTokens": [made["GrantToken"]]}
    with refused("AccessDeniedException"):
        stranger.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x", EncryptionContext=CONTEXT, **token)


def test_a_grant_to_a_session_is_for_this_session_only(home, key, role, assume, refused):
    mine, other = assume(role, "mine"), assume(role, "other")
    made = grant(home.kms, key, mine.arn, "Encrypt")
    mine.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x", GrantTokens=[made["GrantToken"]])
    mine.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    with refused("AccessDeniedException"):
        other.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x", GrantTokens=[made["GrantToken"]])
    assume(role, "mine").kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    assert home.kms.list_grants(KeyId=key["KeyId"])["Grants"][0]["GranteePrincipal"] == mine.arn


def test_a_session_makes_and_retires_grants(stack, home, key, role, assume, refused):
    user = home.user()
    grant(home.kms, key, role.arn, "CreateGrant", "Decrypt")
    session = assume(role)
    made = grant(session.kms, key, user.arn, "Decrypt", RetiringPrincipal=role.arn)
    sealed = home.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    assert user.kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"
    with refused("AccessDeniedException"):
        grant(session.kms, key, user.arn, "Encrypt")
    record = stack.record(session.kms.retire_grant(KeyId=key["Arn"], GrantId=made["GrantId"]))
    assert record["userIdentity"]["type"] == "AssumedRole" and record["userIdentity"]["arn"] == session.arn
    with refused("AccessDeniedException"):
        user.kms.decrypt(CiphertextBlob=sealed)


def test_a_role_of_another_account(stack, home, abroad, key, refused):
    role = abroad.role(trusting(abroad.arn))
    session = abroad.user(statement("sts:AssumeRole")).assume(role, "away")
    grant(home.kms, key, role.arn, "Encrypt", Constraints={"EncryptionContextSubset": {"Tier": "1"}})
    answer = session.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x", EncryptionContext=CONTEXT)
    with refused("AccessDeniedException"):
        session.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    copies = stack.copies(answer, [home.id, abroad.id])
    assert copies[abroad.id]["userIdentity"]["type"] == "AssumedRole"
    assert copies[abroad.id]["userIdentity"]["arn"] == session.arn
    assert copies[home.id]["userIdentity"] == {
        "type": "AWSAccount",
        "principalId": f"{role.id}:away",
        "accountId": abroad.id,
    }


def test_a_session_policy_narrows_a_grant_to_the_role(home, key, role, assume, refused):
    grant(home.kms, key, role.arn, "Encrypt", "GenerateDataKey")
    narrow = assume(role, Policy=document(statement("kms:GenerateDataKey")))
    narrow.kms.generate_data_key(KeyId=key["Arn"], KeySpec="AES_256")
    with refused("AccessDeniedException"):
        narrow.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    grant(home.kms, key, narrow.arn, "Encrypt")
    narrow.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")


def test_a_deny_beats_a_grant(home, key, role, assume, refused):
    grant(home.kms, key, role.arn, "Encrypt")
    session = assume(role)
    session.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    role.may(statement("kms:Encrypt", effect="Deny"))
    with refused("AccessDeniedException", ending="with an explicit deny in an identity-based policy"):
        session.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    home.iam.delete_role_policy(RoleName=role.name, PolicyName="test")
    session.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    home.put(key, home.everything, of_key(role.arn, "kms:Encrypt", effect="Deny"))
    with refused("AccessDeniedException", ending="with an explicit deny in a resource-based policy"):
        session.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")


def test_grantees_must_exist(home, abroad, key, role, refused):
    with refused("InvalidArnException"):
        grant(home.kms, key, role.arn + "x", "Encrypt")
    with refused("InvalidArnException"):
        grant(home.kms, key, f"arn:aws:iam::{abroad.id}:user/nobody-at-all", "Encrypt")
    grant(home.kms, key, abroad.user().arn, "Encrypt")


def test_a_grant_dies_with_its_grantee(home, key, refused):
    user = home.user(UserName="grantee-that-comes-again")
    grant(home.kms, key, user.arn, "Encrypt")
    user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    home.iam.delete_access_key(UserName=user.name, AccessKeyId=user.credentials[0])
    home.iam.delete_user(UserName=user.name)
    again = home.user(UserName=user.name)
    assert again.arn == user.arn
    with refused("AccessDeniedException"):
        again.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
