"""Audit records of what is refused before anybody is known, of what is throttled, and of what is too large to show."""

import json

from golden import ID
from people import document
from raw import send, signed

LARGE = 100 * 1024


def record_of(stack, answer):
    """The one record of a raw answer."""
    request_id = answer.headers["x-amzn-requestid"]
    return stack.record_where(lambda record: record.get("requestID") == request_id, request_id)


def refused_record(answer, code, name="ListKeys", **more):
    """The whole record of a request of nobody's to KMS, but for ids and times."""
    return {
        "eventVersion": "1.11",
        "userIdentity": {"type": "Unknown"},
        "eventSource": "kms.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "127.0.0.1",
        "userAgent": "golden",
        "errorCode": code,
        "requestParameters": None,
        "responseElements": None,
        "requestID": answer.headers["x-amzn-requestid"],
        "readOnly": True,
        "resources": [],
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "eventCategory": "Management",
    } | more


def check(stack, answer, code, **more):
    record = record_of(stack, answer)
    assert ID.fullmatch(record.pop("eventID")) and record.pop("eventTime")
    if answer.message is not None:
        more["errorMessage"] = answer.message[:1024]
    assert answer.code == code
    assert record == refused_record(answer, code, **more)


def headers(stack, body=b"{}", **given):
    return signed(stack, body, headers=[("User-Agent", "golden")], **given)


def of_key(key_id):
    return {"userIdentity": {"type": "Unknown", "accessKeyId": key_id}}


def test_requests_that_are_not_authenticated(stack):
    key_id = stack.access_key_id
    forged = send(stack, headers(stack, secret="x" * 40), b"{}")
    check(stack, forged, "InvalidSignatureException", **of_key(key_id))
    stranger = send(stack, headers(stack, key_id="AKIANOSUCHACCESSKEY0"), b"{}")
    check(stack, stranger, "UnrecognizedClientException", **of_key("AKIANOSUCHACCESSKEY0"))
    token = send(stack, headers(stack) | {"X-Amz-Security-Token": "no token"}, b"{}")
    assert record_of(stack, token)["userIdentity"]["type"] == "Unknown" and token.status == 400
    unsigned = {name: value for name, value in headers(stack).items() if name != "Authorization"}
    check(stack, send(stack, unsigned, b"{}"), "MissingAuthenticationTokenException")
    broken = headers(stack) | {"Authorization": "AWS4-HMAC-SHA256 Credential=x"}
    check(stack, send(stack, broken, b"{}"), "IncompleteSignatureException")


def test_what_a_request_of_nobodys_asked_for_is_recorded_without_its_secrets(stack, key):
    body = json.dumps({"KeyId": key["KeyId"], "Plaintext": "Y2FuYXJ5LWNhbmFyeQ==", "EncryptionContext": {"a": "b"}}).encode()
    forged = send(stack, headers(stack, body, target="TrentService.Encrypt", secret="x" * 40), body)
    parameters = {"keyId": key["KeyId"], "encryptionAlgorithm": "SYMMETRIC_DEFAULT", "encryptionContext": {"a": "b"}}
    check(stack, forged, "InvalidSignatureException", name="Encrypt", requestParameters=parameters, **of_key(stack.access_key_id))


def test_operations_that_there_are_not(stack):
    answer = send(stack, headers(stack, target="TrentService.NoSuchOperation"), b"{}")
    check(stack, answer, "UnknownOperationException", name="UnknownOperation", readOnly=False, **of_key(stack.access_key_id))


def test_operations_of_the_other_services_that_are_not_served(stack, refused):
    iam, cloudtrail = stack.client("iam"), stack.client("cloudtrail")
    for call, code, source in (
        (iam.list_instance_profiles, "InvalidAction", "iam.amazonaws.com"),
        (cloudtrail.list_trails, "UnknownOperationException", "cloudtrail.amazonaws.com"),
    ):
        with refused(code) as error:
            call()
        record = stack.record(error.error)
        assert (record["eventName"], record["eventSource"], record["errorCode"]) == ("UnknownOperation", source, code)
        assert record["userIdentity"] == {"type": "Unknown", "accessKeyId": stack.access_key_id}
        assert record["requestParameters"] is None and "recipientAccountId" not in record


def test_a_body_that_is_too_large(stack):
    body = b'{"Plaintext": "' + b"Y2Fu" * 280_000 + b'"}'
    answer = send(stack, headers(stack, body, target="TrentService.Encrypt"), body)
    assert answer.status == 413
    check(stack, answer, "RequestEntityTooLargeException", name="Encrypt", **of_key(stack.access_key_id))


def test_a_body_that_is_no_request(stack):
    body = b'{"Limit": "ten"}'
    record = record_of(stack, send(stack, headers(stack, body), body))
    assert record["errorCode"] == "SerializationException" and record["requestParameters"] is None
    assert record["userIdentity"]["type"] == "Root"


def test_long_texts_are_cut_at_a_kibibyte(stack, refused):
    kms = stack.client("kms", user_agent_extra="é" * 1000)
    long = "k" * 2000
    with refused("NotFoundException") as error:
        kms.describe_key(KeyId=long + "!")
    record = stack.record(error.error)
    assert len(error.text) > 2000
    assert record["errorMessage"] == error.text[:1024]
    agent = record["userAgent"]
    assert agent.startswith("Boto3/") and len(agent.encode()) in (1023, 1024)


def large_policy(account):
    """A policy that is as large as policies may be."""
    everything = {"Sid": "all"} | account.everything
    rest = 32_768 - len(document(everything)) - 2
    return json.dumps({"Version": "2012-10-17", "Statement": [everything]}) + " " * rest


def test_parameters_and_elements_above_100_kib_are_left_out(stack, home):
    """As CloudTrail does, the record says how large they were."""
    tags = [{"TagKey": f"{n:02}" + "\U0001f511" * 126, "TagValue": "\U0001f511" * 256} for n in range(50)]
    key = home.key(MultiRegion=True)
    answer = home.kms.replicate_key(
        KeyId=key["KeyId"], ReplicaRegion="eu-west-1", Policy=large_policy(home), Description="\U0001f511" * 8192, Tags=tags
    )
    record = stack.record(answer)
    for member in ("requestParameters", "responseElements"):
        note = record[member]
        assert note.pop("originalSize") > LARGE
        assert note == {"omitted": True, "reason": f"{member} too large"}
    assert record["resources"][0]["ARN"] == key["Arn"] and record["eventName"] == "ReplicateKey"
