"""`trent explain`: which statement of which policy decided, and which conditions failed, without their values."""

import json

import pytest
import raw
from people import document, of_key, statement, trusting
from program import wait_for


@pytest.fixture
def explained(stack):
    """The explanations of a refusal, once they are there."""

    def ask(error):
        request_id = error.error.response["ResponseMetadata"]["RequestId"]

        def answers():
            done = stack.trent("explain", request_id)
            return [json.loads(line) for line in done.stdout.splitlines()] if done.returncode == 0 else None

        return wait_for("explanation", answers, patience=20)

    return ask


@pytest.fixture
def user(home):
    return home.user()


def test_nothing_allows(home, key, user, refused, explained):
    with refused("AccessDeniedException") as error:
        user.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    (one,) = explained(error)
    assert (one["action"], one["keyArn"], one["account"]) == ("kms:Encrypt", key["Arn"], home.id)
    assert (one["outcome"], one["decidedBy"]) == ("implicitDeny", "identity-based policy")
    assert one["requestId"] == error.error.response["ResponseMetadata"]["RequestId"]
    (delegating,) = one["statements"]
    assert delegating["sid"] == "Enable IAM User Permissions" and delegating["policyType"] == "resource-based policy"
    assert one["verdicts"]["resourceBased"] == "allows" and one["verdicts"]["identityBased"] == "silent"


def test_a_failed_condition_is_named_without_its_values(home, key, user, refused, explained):
    context = {"aws:secret-of-context": "the value that was sent"}
    condition = {"StringEquals": {"kms:EncryptionContext:aws:secret-of-context": "the value that is wanted"}}
    user.may(statement("kms:Encrypt", key["Arn"], condition=condition, Sid="OnlyInContext"))
    with refused("AccessDeniedException") as error:
        user.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"plain text of mine", EncryptionContext=context)
    (one,) = explained(error)
    failed = [each for each in one["statements"] if each["outcome"] == "conditionsFailed"]
    assert [(each["policyType"], each["source"], each["sid"]) for each in failed] == [
        ("identity-based policy", "test", "OnlyInContext")
    ]
    assert failed[0]["failedConditions"] == [
        {"operator": "StringEquals", "key": "kms:EncryptionContext:aws:secret-of-context"}
    ]
    text = json.dumps(one)
    for value in (*context.values(), "the value that is wanted", "plain text of mine"):
        assert value not in text


def test_a_deny_in_the_key_policy_is_named(home, user, refused, explained):
    key = home.key(
        of_key(user.arn, "kms:Encrypt", Sid="Let the user in"), of_key("*", "kms:Encrypt", "Deny", Sid="Nobody encrypts")
    )
    with refused("AccessDeniedException") as error:
        user.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    (one,) = explained(error)
    (decisive,) = [each for each in one["statements"] if each["decisive"]]
    assert (decisive["sid"], decisive["effect"], decisive["index"]) == ("Nobody encrypts", "Deny", 2)
    assert one["outcome"] == "explicitDeny" and one["decidedBy"] == "resource-based policy"


def test_a_deny_in_a_managed_policy_is_named_with_its_arn(home, key, user, refused, explained):
    arn = home.policy(statement("kms:*"), statement("kms:Encrypt", effect="Deny", Sid="NeverEncrypt"))
    home.iam.attach_user_policy(UserName=user.name, PolicyArn=arn)
    with refused("AccessDeniedException") as error:
        user.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    text = json.dumps(explained(error))
    assert arn in text and "NeverEncrypt" in text


def test_boundaries_session_policies_and_grants_are_named(home, key, user, refused, explained):
    boundary = home.policy(statement("kms:Decrypt", Sid="OnlyDecrypt"))
    user.may(statement("kms:*"))
    home.iam.put_user_permissions_boundary(UserName=user.name, PermissionsBoundary=boundary)
    with refused("AccessDeniedException") as error:
        user.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    assert boundary in json.dumps(explained(error))
    someone = home.user()
    session = someone.assume(
        home.role(trusting(someone.arn), statement("kms:*")), Policy=document(statement("kms:Decrypt", Sid="Narrow"))
    )
    with refused("AccessDeniedException") as error:
        session.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    assert "session" in json.dumps(explained(error)).lower()
    grantee = home.user()
    grant = home.kms.create_grant(
        KeyId=key["KeyId"], GranteePrincipal=grantee.arn, Operations=["Encrypt"],
        Constraints={"EncryptionContextSubset": {"tier": "constrained value"}},
    )["GrantId"]  # fmt: skip
    with refused("AccessDeniedException") as error:
        grantee.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    text = json.dumps(explained(error))
    assert grant in text and "constrained value" not in text


def test_each_denied_question_is_explained(home, user, refused, explained):
    source, destination = home.key(of_key(user.arn, "kms:ReEncryptFrom")), home.key()
    sealed = home.kms.encrypt(KeyId=source["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    with refused("AccessDeniedException") as error:
        user.kms.re_encrypt(CiphertextBlob=sealed, DestinationKeyId=destination["Arn"])
    (one,) = explained(error)
    assert "kms:ReEncryptTo" in json.dumps(one) and destination["Arn"] in json.dumps(one)


def test_an_assumption_that_was_refused(home, user, refused, explained):
    role = home.role(trusting(home.arn, {"StringEquals": {"sts:ExternalId": "the-wanted-id"}}))
    user.may(statement("sts:AssumeRole"))
    with refused("AccessDenied") as error:
        user.assume(role, ExternalId="another-id")
    text = json.dumps(explained(error))
    assert "sts:ExternalId" in text and "role trust policy" in text
    assert "the-wanted-id" not in text and "another-id" not in text


def test_nothing_is_known_of_other_requests(stack, home, key):
    allowed = home.kms.describe_key(KeyId=key["KeyId"])["ResponseMetadata"]["RequestId"]
    for request_id in (allowed, "12345678-1234-4234-8234-123456789012"):
        done = stack.trent("explain", request_id)
        assert done.returncode != 0 and done.stdout == "" and done.stderr
    assert stack.trent("explain", "nonsense").returncode != 0


def explain(stack, caller, key, request_id):
    """The operation of the API, signed by this caller."""
    key_id, secret = caller.credentials
    body = json.dumps({"KeyId": key["Arn"], "RequestId": request_id}).encode()
    return raw.send(stack, raw.signed(stack, body, "Trent.Explain", key_id=key_id, secret=secret), body)


def test_whoever_may_read_the_policy_is_told_over_the_api(stack, home, abroad, key, user, refused, explained):
    with refused("AccessDeniedException") as error:
        user.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    (known,) = explained(error)
    request_id = known["requestId"]
    assert (answer := explain(stack, user, key, request_id)).code == "AccessDeniedException", answer.body
    assert explain(stack, abroad.user(), key, request_id).code == "AccessDeniedException"
    reader = home.user()
    reader.may(statement("kms:GetKeyPolicy", key["Arn"]))
    answer = json.loads(explain(stack, reader, key, request_id).body)
    assert (answer["KeyId"], answer["RequestId"]) == (key["Arn"], request_id)
    (told,) = answer["Explanations"]
    assert told["Account"] == home.id and told["Decision"]["statements"] == known["statements"]
    # Nothing is told of another key, or of what nobody was denied.
    reader.may(statement("kms:GetKeyPolicy"))
    assert json.loads(explain(stack, reader, home.key(), request_id).body)["Explanations"] == []
    nothing = "12345678-1234-4234-8234-123456789012"
    assert json.loads(explain(stack, reader, key, nothing).body)["Explanations"] == []
    for body in (b"{}", b'{"KeyId": "x", "RequestId": "nonsense"}'):
        assert raw.send(stack, raw.signed(stack, body, "Trent.Explain"), body).code == "ValidationException"
    assert stack.record_where(
        lambda record: record["eventName"] == "Explain"
        and (record.get("userIdentity") or {}).get("arn") == user.arn
    )["errorCode"] == "AccessDenied"
