"""CloudTrail's LookupEvents and ListPublicKeys, through boto3 and the AWS CLI."""

import datetime
import json
import time

import pytest
import raw
from botocore.exceptions import ParamValidationError
from conftest import Refused
from people import denied_because, denied_in, of_key, statement
from program import wait_for
from test_cli import aws

LOOK_UP = "cloudtrail:LookupEvents"
TARGET = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101"


def pages(cloudtrail, **wanted):
    """Every event that fits, page after page."""
    return [event for page in cloudtrail.get_paginator("lookup_events").paginate(**wanted) for event in page["Events"]]


def by(key, value):
    return {"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]}


def id_of(answer):
    """The request id of an answer or an error."""
    response = getattr(answer, "response", answer)
    return response["ResponseMetadata"]["RequestId"]


def seen(cloudtrail, answers):
    """The events of these answers, newest first, once the trail has all of them."""
    wanted = {id_of(answer) for answer in answers}

    def all_of_them():
        found = [event for event in pages(cloudtrail) if json.loads(event["CloudTrailEvent"]).get("requestID") in wanted]
        return found if len(found) == len(wanted) else None

    return wait_for("events", all_of_them, patience=20)


@pytest.fixture(scope="module")
def history(new_account):
    """An account, its user, its key and what was done with it."""
    account = new_account()
    key = account.key()
    user = account.user(statement("kms:Encrypt"))
    answers = [user.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x") for _ in range(3)]
    answers.append(account.kms.disable_key(KeyId=key["KeyId"]))
    with Refused("AccessDeniedException") as refused:
        user.kms.describe_key(KeyId=key["KeyId"])
    answers.append(refused.error)
    cloudtrail = account.client("cloudtrail")
    seen(cloudtrail, answers)
    return account, user, key, answers


def names(record):
    """What a record is found by, attribute by attribute, as CloudTrail documents them."""
    identity = record["userIdentity"]
    named = {"Root": "root", "AWSService": identity.get("invokedBy")}.get(identity.get("type"), identity.get("userName"))
    resources = record.get("resources") or []
    arns = {one["ARN"] for one in resources}
    return {
        "EventId": {record["eventID"]},
        "EventName": {record["eventName"]},
        "ReadOnly": {str(record["readOnly"]).lower()},
        "Username": {named},
        "ResourceType": {one["type"] for one in resources},
        "ResourceName": arns | {arn.rpartition("/")[2] for arn in arns},
        "EventSource": {record["eventSource"]},
        "AccessKeyId": {identity.get("accessKeyId")},
    }


def test_events_are_found_by_each_attribute(stack, history):
    account, user, key, answers = history
    cloudtrail = account.client("cloudtrail")
    one = seen(cloudtrail, answers[:1])[0]
    attributes = {
        "EventId": one["EventId"],
        "EventName": "Encrypt",
        "ReadOnly": "false",
        "Username": user.arn.rpartition("/")[2],
        "ResourceType": "AWS::KMS::Key",
        "ResourceName": key["Arn"],
        "EventSource": "kms.amazonaws.com",
        "AccessKeyId": user.credentials[0],
    }
    # Lookups make records, too: what is compared ends before the first of these.
    until = {"EndTime": one["EventTime"] + datetime.timedelta(seconds=60)}
    everything = {event["EventId"]: json.loads(event["CloudTrailEvent"]) for event in pages(cloudtrail, **until)}
    everything = {name: record for name, record in everything.items() if record["eventSource"] != "cloudtrail.amazonaws.com"}
    for attribute, value in attributes.items():
        expected = {name for name, record in everything.items() if value in names(record)[attribute]}
        found = {event["EventId"] for event in pages(cloudtrail, **by(attribute, value), **until)}
        assert found & everything.keys() == expected and expected, attribute
        command = f"aws cloudtrail lookup-events --lookup-attributes AttributeKey={attribute},AttributeValue={value}"
        told = json.loads(aws(stack, command, credentials=account.credentials))["Events"]
        assert {event["EventId"] for event in told} & everything.keys() == expected, command
    by_id = {event["EventId"] for event in pages(cloudtrail, **by("ResourceName", key["KeyId"]))}
    assert by_id == {event["EventId"] for event in pages(cloudtrail, **by("ResourceName", key["Arn"]))}
    for attribute in ("EventName", "Username", "ResourceName", "EventId"):
        assert pages(cloudtrail, **by(attribute, "no such thing")) == []


def test_an_event_is_its_record(history):
    account, user, key, answers = history
    cloudtrail = account.client("cloudtrail")
    refused = answers[-1]
    (event,) = seen(cloudtrail, [refused])
    record = json.loads(event["CloudTrailEvent"])
    assert record == account.stack.record(refused)
    assert (record["errorCode"], record["recipientAccountId"]) == ("AccessDenied", account.id)
    assert event == {
        "EventId": record["eventID"],
        "EventName": "DescribeKey",
        "ReadOnly": "true",
        "AccessKeyId": user.credentials[0],
        "EventTime": event["EventTime"],
        "EventSource": "kms.amazonaws.com",
        "Username": user.name,
        "Resources": [{"ResourceType": "AWS::KMS::Key", "ResourceName": key["Arn"]}],
        "CloudTrailEvent": event["CloudTrailEvent"],
    }
    assert event["EventTime"].astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") == record["eventTime"]


def test_pages_go_on_newest_first_and_only_with_the_same_parameters(history, refused):
    account, _, _, _ = history
    cloudtrail = account.client("cloudtrail")
    wanted = by("EventName", "Encrypt")
    whole = [event["EventId"] for event in cloudtrail.lookup_events(**wanted)["Events"]]
    assert len(whole) == 3
    times = [event["EventTime"] for event in pages(cloudtrail)]
    assert times == sorted(times, reverse=True)
    first = cloudtrail.lookup_events(MaxResults=2, **wanted)
    second = cloudtrail.lookup_events(MaxResults=2, NextToken=first["NextToken"], **wanted)
    assert [event["EventId"] for event in first["Events"] + second["Events"]] == whole
    assert "NextToken" not in second
    one_by_one = pages(cloudtrail, PaginationConfig={"PageSize": 1}, **wanted)
    assert [event["EventId"] for event in one_by_one] == whole
    text = "The token is not valid, or it is of a request with other parameters."
    for other in (by("EventName", "DisableKey"), {}, wanted | {"StartTime": 1}):
        with refused("InvalidNextTokenException", text):
            cloudtrail.lookup_events(NextToken=first["NextToken"], **other)
    with refused("InvalidNextTokenException", text):
        cloudtrail.lookup_events(NextToken="nonsense", **wanted)
    with refused("InvalidNextTokenException", text):
        account.client("cloudtrail", "eu-west-1").lookup_events(NextToken=first["NextToken"], **wanted)


def test_both_ends_of_a_time_are_inclusive(new_account):
    account = new_account()
    answers = []
    for _ in range(3):
        answers.append(account.kms.list_keys())
        time.sleep(1.1)
    cloudtrail = account.client("cloudtrail")
    times = [event["EventTime"] for event in reversed(seen(cloudtrail, answers))]
    second = datetime.timedelta(seconds=1)

    def found(**wanted):
        events = pages(cloudtrail, **by("EventName", "ListKeys"), **wanted)
        return [event["EventTime"] for event in reversed(events)]

    assert found(StartTime=times[0], EndTime=times[2]) == times
    assert found(StartTime=times[1]) == times[1:]
    assert found(EndTime=times[1]) == times[:2]
    assert found(StartTime=times[1], EndTime=times[1]) == times[1:2]
    assert found(StartTime=times[2] + second) == []
    assert found(EndTime=times[0] - second) == []
    assert found(StartTime=datetime.datetime(2001, 1, 1)) == times


WRONG = [
    ({"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "a"}] * 2}, "InvalidLookupAttributesException", "Only one lookup attribute can be given."),
    (by("Color", "red"), "InvalidLookupAttributesException", "Color is not a valid lookup attribute."),
    (by("EventName", "x" * 2001), "InvalidLookupAttributesException", "The value of a lookup attribute has between 1 and 2000 characters."),
    (by("ReadOnly", "yes"), "InvalidLookupAttributesException", "The value of ReadOnly is true or false."),
    ({"MaxResults": 0}, "InvalidMaxResultsException", "The maximum number of results must be between 1 and 50."),
    ({"MaxResults": 51}, "InvalidMaxResultsException", "The maximum number of results must be between 1 and 50."),
    ({"StartTime": 2, "EndTime": 1}, "InvalidTimeRangeException", "The start time must not be after the end time."),
    ({"EventCategory": "management"}, "InvalidEventCategoryException", "management is not a valid event category."),
]  # fmt: skip


@pytest.mark.parametrize("wanted, code, message", WRONG, ids=[f"{code}-{at}" for at, (_, code, _) in enumerate(WRONG)])
def test_wrong_requests_are_refused_and_recorded(stack, refused, wanted, code, message):
    cloudtrail = stack.client("cloudtrail", parameter_validation=False)
    with refused(code, message) as error:
        cloudtrail.lookup_events(**wanted)
    assert error.error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    record = stack.record(error.error)
    assert (record["errorCode"], record["eventName"]) == (code, "LookupEvents")
    assert (record["eventSource"], record["errorMessage"]) == ("cloudtrail.amazonaws.com", message)


def test_there_are_no_insights_and_no_other_operations(stack, refused):
    cloudtrail = stack.client("cloudtrail")
    assert cloudtrail.lookup_events(EventCategory="insight")["Events"] == []
    with pytest.raises(ParamValidationError):
        cloudtrail.lookup_events(MaxResults=0)
    with refused("UnknownOperationException"):
        cloudtrail.describe_trails()


def test_policies_say_who_may_look_events_up(home, abroad, refused):
    user = home.user()
    cloudtrail = user.client("cloudtrail")
    text = f"User: {user.arn} is not authorized to perform: {LOOK_UP} " + denied_because(LOOK_UP, "identity-based policy")
    with refused("AccessDeniedException", text):
        cloudtrail.lookup_events()
    with refused("AccessDeniedException"):
        cloudtrail.list_public_keys()
    user.may(statement("cloudtrail:Lookup*"))
    assert cloudtrail.lookup_events(MaxResults=1)["Events"]
    with refused("AccessDeniedException"):
        cloudtrail.list_public_keys()
    user.may(statement("cloudtrail:*"), statement(LOOK_UP, effect="Deny"))
    with refused("AccessDeniedException", ending=denied_in("identity-based policy")):
        cloudtrail.lookup_events()
    user.may(statement(LOOK_UP, condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}))
    with refused("AccessDeniedException"):
        cloudtrail.lookup_events()
    user.client("cloudtrail", "eu-west-1").lookup_events()
    # A role of this account, in the hands of another one's user.
    other = abroad.user(statement("sts:AssumeRole"))
    role = home.role({"Effect": "Allow", "Principal": {"AWS": other.arn}, "Action": "sts:AssumeRole"}, statement(LOOK_UP))
    session = other.assume(role, "auditor").client("cloudtrail")
    found = session.lookup_events(**by("EventName", "LookupEvents"))["Events"]
    assert all(json.loads(event["CloudTrailEvent"])["recipientAccountId"] == home.id for event in found)


def test_an_account_sees_its_own_events_and_its_copies_only(home, new_account):
    other = new_account()
    key = home.key(of_key(other.arn, "kms:Encrypt"))
    answer = other.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    copies = home.stack.copies(answer, [home.id, other.id])
    own = seen(other.client("cloudtrail"), [answer])
    owners = wait_for("copy", lambda: pages(home.client("cloudtrail"), **by("EventId", copies[home.id]["eventID"])))
    shown = [json.loads(event["CloudTrailEvent"]) for event in own + owners]
    assert [record["recipientAccountId"] for record in shown] == [other.id, home.id]
    assert len({record["sharedEventID"] for record in shown}) == 1
    for record in shown:
        stranger = home if record["recipientAccountId"] == other.id else other
        assert pages(stranger.client("cloudtrail"), **by("EventId", record["eventID"])) == []
    everything = pages(other.client("cloudtrail"))
    assert {json.loads(event["CloudTrailEvent"])["recipientAccountId"] for event in everything} == {other.id}


def test_a_region_has_its_own_events(new_account):
    account = new_account()
    answers = {region: account.client("kms", region).list_aliases() for region in ("us-east-1", "eu-west-1")}
    events = {region: seen(account.client("cloudtrail", region), [answer])[0] for region, answer in answers.items()}
    for region, event in events.items():
        assert json.loads(event["CloudTrailEvent"])["awsRegion"] == region
        (elsewhere,) = events.keys() - {region}
        assert pages(account.client("cloudtrail", elsewhere), **by("EventId", event["EventId"])) == []


def test_public_keys_are_listed_for_a_time(stack, refused):
    cloudtrail = stack.client("cloudtrail")
    now = datetime.datetime.now(datetime.timezone.utc)
    for key in cloudtrail.list_public_keys(StartTime=now - datetime.timedelta(days=1), EndTime=now)["PublicKeyList"]:
        assert len(key["Fingerprint"]) == 32 and key["Value"][0] == 0x30
        assert key["ValidityStartTime"] <= now and key["ValidityStartTime"] < key["ValidityEndTime"]
    with refused("InvalidTimeRangeException", "The start time must not be after the end time."):
        cloudtrail.list_public_keys(StartTime=now, EndTime=now - datetime.timedelta(days=1))


def test_both_names_of_the_service_are_understood_and_scopes_checked(stack):
    body = b'{"MaxResults":1}'
    for target in (f"{TARGET}.LookupEvents", "CloudTrail_20131101.LookupEvents"):
        answer = raw.send(stack, raw.signed(stack, body, target, service="cloudtrail"), body)
        assert answer.status == 200 and len(json.loads(answer.body)["Events"]) == 1
        wrong = raw.send(stack, raw.signed(stack, body, target), body)
        assert (wrong.status, wrong.code) == (400, "InvalidSignatureException")
        assert wrong.message == "Credential should be scoped to correct service: 'cloudtrail'."
