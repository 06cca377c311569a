"""Audit records: who did it, in every form of userIdentity, and which account gets which copy."""

import re

import pytest
from golden import ID
from people import document, of_key, statement, trusting

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture
def user(home):
    return home.user(statement(["kms:*", "sts:*"]))


def id_of(user):
    return user.account.iam.get_user(UserName=user.name)["User"]["UserId"]


def of_user(user, **more):
    """The userIdentity of a user with an access key."""
    account = user.account
    return {
        "type": "IAMUser",
        "principalId": id_of(user),
        "arn": user.arn,
        "accountId": account.id,
        "accessKeyId": user.credentials[0],
        "userName": user.name,
    } | more


def of_root(account, **more):
    return {
        "type": "Root",
        "principalId": account.id,
        "arn": account.arn,
        "accountId": account.id,
        "accessKeyId": account.credentials[0],
    } | more


def attributes(record):
    """sessionContext.attributes, whose time is a time."""
    created = record["userIdentity"]["sessionContext"]["attributes"]["creationDate"]
    assert TIME.fullmatch(created)
    return {"creationDate": created, "mfaAuthenticated": "false"}


def session_token(stack, caller):
    """A client of a session of GetSessionToken, and its access key."""
    made = caller.sts.get_session_token()["Credentials"]
    credentials = (made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
    return stack.client("kms", credentials=credentials), made["AccessKeyId"]


def test_root_and_a_user(stack, home, user):
    assert stack.record(home.kms.list_keys(Limit=1))["userIdentity"] == of_root(home)
    assert stack.record(user.kms.list_keys(Limit=1))["userIdentity"] == of_user(user)
    assert stack.record(user.sts.get_caller_identity())["userIdentity"] == of_user(user)


def test_sessions_of_get_session_token(stack, home, user):
    for caller, of in ((home, of_root), (user, of_user)):
        kms, key_id = session_token(stack, caller)
        record = stack.record(kms.list_keys(Limit=1))
        context = {"attributes": attributes(record)}
        assert key_id.startswith("ASIA")
        assert record["userIdentity"] == of(caller, accessKeyId=key_id, sessionContext=context)


def test_a_session_of_a_role(stack, home, user):
    role = home.role(trusting(user.arn, actions=["sts:AssumeRole", "sts:SetSourceIdentity"]), statement("kms:*"), Path="/team/")
    session = user.assume(role, "golden", SourceIdentity="ann")
    record = stack.record(session.kms.list_keys(Limit=1))
    assert record["userIdentity"] == {
        "type": "AssumedRole",
        "principalId": f"{role.id}:golden",
        "arn": f"arn:aws:sts::{home.id}:assumed-role/{role.name}/golden",
        "accountId": home.id,
        "accessKeyId": session.credentials[0],
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role.id,
                "arn": f"arn:aws:iam::{home.id}:role/team/{role.name}",
                "accountId": home.id,
                "userName": role.name,
            },
            "webIdFederationData": {},
            "attributes": attributes(record),
            "sourceIdentity": "ann",
        },
    }


def test_a_service_for_itself(stack, home, abroad, key, service):
    s3 = service("s3")
    home.put(key, home.everything, of_key({"Service": s3.name}, "kms:Encrypt"))
    record = stack.record(s3.client("kms").encrypt(KeyId=key["Arn"], Plaintext=b"x"))
    assert record["userIdentity"] == {"type": "AWSService", "invokedBy": "s3.amazonaws.com"}
    assert (record["sourceIPAddress"], record["userAgent"]) == ("s3.amazonaws.com", "s3.amazonaws.com")
    assert record["resources"] == [resource(key)] and record["recipientAccountId"] == home.id
    assert "sharedEventID" not in record
    # What services do is recorded in the deployment's first account, too.
    there = abroad.key(of_key({"Service": s3.name}, "kms:Encrypt"))
    answer = s3.client("kms").encrypt(KeyId=there["Arn"], Plaintext=b"x")
    own, theirs = check_copies(stack.copies(answer, [home.id, abroad.id]), home.id, abroad.id)
    assert own["userIdentity"] == theirs["userIdentity"] == {"type": "AWSService", "invokedBy": "s3.amazonaws.com"}


def test_a_service_on_behalf_of_a_user(stack, user, key, service):
    record = stack.record(service("s3").on_behalf_of(user).encrypt(KeyId=key["Arn"], Plaintext=b"x"))
    identity = record["userIdentity"]
    # The service signs with its own key; the record shows the caller.
    assert identity == of_user(user, accessKeyId=identity["accessKeyId"], invokedBy="s3.amazonaws.com")
    assert identity["accessKeyId"] != user.credentials[0]
    assert (record["sourceIPAddress"], record["userAgent"]) == ("s3.amazonaws.com", "s3.amazonaws.com")


def resource(key):
    return {"accountId": key["AWSAccountId"], "type": "AWS::KMS::Key", "ARN": key["Arn"]}


def check_copies(copies, caller, owner):
    """The same request in two accounts: under different ids, with one that they share."""
    own, theirs = copies[caller], copies[owner]
    assert own["eventID"] != theirs["eventID"] and own["requestID"] == theirs["requestID"]
    assert own["sharedEventID"] == theirs["sharedEventID"] and ID.fullmatch(own["sharedEventID"])
    assert own["sharedEventID"] not in (own["eventID"], theirs["eventID"])
    differing = {"userIdentity", "eventID", "recipientAccountId", "resources"}
    assert {k: v for k, v in own.items() if k not in differing} == {k: v for k, v in theirs.items() if k not in differing}
    return own, theirs


@pytest.fixture
def foreigner(abroad):
    return abroad.user(statement(["kms:*", "sts:*"]))


def test_the_key_of_another_account(stack, home, abroad, foreigner):
    key = home.key(of_key(foreigner.arn, "kms:Encrypt"))
    copies = stack.copies(foreigner.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x"), [abroad.id, home.id])
    own, theirs = check_copies(copies, abroad.id, home.id)
    assert own["userIdentity"] == of_user(foreigner)
    assert theirs["userIdentity"] == {"type": "AWSAccount", "principalId": id_of(foreigner), "accountId": abroad.id}
    assert own["resources"] == theirs["resources"] == [resource(key)]


def test_the_key_of_another_account_by_a_session(stack, home, abroad, foreigner):
    key = home.key(of_key(abroad.arn, "kms:Encrypt"))
    role = abroad.role(trusting(foreigner.arn), statement("kms:*"))
    session = foreigner.assume(role, "golden")
    copies = stack.copies(session.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x"), [abroad.id, home.id])
    _, theirs = check_copies(copies, abroad.id, home.id)
    assert theirs["userIdentity"] == {"type": "AWSAccount", "principalId": f"{role.id}:golden", "accountId": abroad.id}


def test_the_key_of_another_account_through_a_service(stack, home, abroad, foreigner, service):
    key = home.key(of_key(abroad.arn, "kms:Encrypt"))
    answer = service("s3").on_behalf_of(foreigner).encrypt(KeyId=key["Arn"], Plaintext=b"x")
    own, theirs = check_copies(stack.copies(answer, [abroad.id, home.id]), abroad.id, home.id)
    assert own["userIdentity"]["invokedBy"] == "s3.amazonaws.com"
    seen = {"type": "AWSAccount", "principalId": id_of(foreigner), "accountId": abroad.id, "invokedBy": "s3.amazonaws.com"}
    assert theirs["userIdentity"] == seen


def test_an_owner_sees_of_two_keys_its_own(stack, home, abroad, foreigner):
    key = home.key(of_key(foreigner.arn, ["kms:Encrypt", "kms:ReEncryptFrom"]))
    there = abroad.key()
    blob = foreigner.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")["CiphertextBlob"]
    answer = foreigner.kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=there["KeyId"])
    own, theirs = check_copies(stack.copies(answer, [abroad.id, home.id]), abroad.id, home.id)
    assert own["resources"] == [resource(key), resource(there)] and theirs["resources"] == [resource(key)]


def test_a_failure_that_is_no_denial_is_shared_and_a_denial_is_not(stack, home, abroad, foreigner, refused):
    key = home.key(of_key(foreigner.arn, ["kms:Encrypt", "kms:GenerateDataKey"]), KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
    with refused("InvalidKeyUsageException") as usage:
        foreigner.kms.generate_data_key(KeyId=key["Arn"], KeySpec="AES_256")
    own, _ = check_copies(stack.copies(usage.error, [abroad.id, home.id]), abroad.id, home.id)
    assert own["errorCode"] == "InvalidKeyUsageException"
    with refused("AccessDeniedException") as denial:
        foreigner.kms.decrypt(KeyId=key["Arn"], CiphertextBlob=b"x" * 256, EncryptionAlgorithm="RSAES_OAEP_SHA_256")
    record = stack.record(denial.error)
    assert record["recipientAccountId"] == abroad.id and "sharedEventID" not in record
    assert record["errorCode"] == "AccessDenied" and record["resources"] == [resource(key)]


def test_the_role_of_another_account(stack, home, abroad, foreigner):
    role = home.role(trusting(foreigner.arn))
    answer = foreigner.sts.assume_role(RoleArn=role.arn, RoleSessionName="golden")
    own, theirs = check_copies(stack.copies(answer, [abroad.id, home.id]), abroad.id, home.id)
    assert own["userIdentity"] == of_user(foreigner)
    assert theirs["userIdentity"] == {"type": "AWSAccount", "principalId": id_of(foreigner), "accountId": abroad.id}
    assert own["resources"] == theirs["resources"] == [{"accountId": home.id, "type": "AWS::IAM::Role", "ARN": role.arn}]


def test_a_change_of_another_accounts_key_is_recorded_in_both(stack, home, abroad, foreigner):
    key = home.key(of_key(foreigner.arn, ["kms:CreateGrant", "kms:RevokeGrant"]))
    grant = {"KeyId": key["Arn"], "GranteePrincipal": foreigner.arn, "Operations": ["Decrypt"]}
    own, theirs = check_copies(stack.copies(foreigner.kms.create_grant(**grant), [abroad.id, home.id]), abroad.id, home.id)
    assert own["responseElements"]["keyId"] == key["Arn"] and theirs["recipientAccountId"] == home.id


def test_policies_of_roles_are_no_secret_but_of_sessions_neither(stack, home, user):
    role = home.role(trusting(user.arn), statement("kms:*"))
    policy = document(statement("kms:ListKeys"))
    made = user.sts.assume_role(RoleArn=role.arn, RoleSessionName="golden", Policy=policy)
    record = stack.record(made)
    assert record["requestParameters"] == {"roleArn": role.arn, "roleSessionName": "golden", "policy": policy}
    assert set(record["responseElements"]["credentials"]) == {"accessKeyId", "expiration"}
