"""Audit records: each operation's record is the one that CloudTrail would show, and the trail verifies."""

import re
import uuid

import pytest

ID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
DATE = re.compile(r"^[A-Z][a-z]{2} \d{1,2}, \d{4}, \d{1,2}:\d{2}:\d{2} [AP]M$")


def check_frame(stack, record, account, name, source="kms.amazonaws.com"):
    """What every record has, apart from what its operation shows."""
    assert ID.match(record["eventID"]) and ID.match(record["requestID"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", record["eventTime"])
    assert record["userIdentity"] == {
        "type": "Root",
        "principalId": account,
        "arn": f"arn:aws:iam::{account}:root",
        "accountId": account,
        "accessKeyId": stack.access_key_id,
    }
    assert "Boto3" in record["userAgent"]
    expected = {
        "eventVersion": "1.11",
        "eventSource": source,
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "127.0.0.1",
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
    }
    assert {k: record.get(k) for k in expected} == expected


def resource(arn, account):
    return {"accountId": account, "type": "AWS::KMS::Key", "ARN": arn}


# name, call, readOnly, requestParameters, responseElements ("key" = {"keyId": ARN}), material in additionalEventData
CASES = [
    ("DescribeKey", lambda kms, k, a: kms.describe_key(KeyId=k["KeyId"]), True, {"keyId": "KEY"}, None, False),
    ("EnableKey", lambda kms, k, a: kms.enable_key(KeyId=k["KeyId"]), False, {"keyId": "KEY"}, "key", False),
    ("DisableKey", lambda kms, k, a: kms.disable_key(KeyId=k["KeyId"]), False, {"keyId": "KEY"}, "key", False),
    ("GetKeyPolicy", lambda kms, k, a: kms.get_key_policy(KeyId=k["KeyId"]), True, {"keyId": "KEY", "policyName": "default"}, None, False),
    ("ListKeyPolicies", lambda kms, k, a: kms.list_key_policies(KeyId=k["KeyId"]), True, {"keyId": "KEY"}, None, False),
    ("ListResourceTags", lambda kms, k, a: kms.list_resource_tags(KeyId=k["KeyId"]), True, {"keyId": "KEY"}, None, False),
    (
        "Encrypt",
        lambda kms, k, a: kms.encrypt(KeyId=k["KeyId"], Plaintext=b"x", EncryptionContext={"a": "b"}),
        True, {"keyId": "KEY", "encryptionAlgorithm": "SYMMETRIC_DEFAULT", "encryptionContext": {"a": "b"}}, None, True,
    ),
    (
        "Decrypt",
        lambda kms, k, a: kms.decrypt(CiphertextBlob=kms.encrypt(KeyId=k["KeyId"], Plaintext=b"x")["CiphertextBlob"]),
        True, {"encryptionAlgorithm": "SYMMETRIC_DEFAULT"}, None, True,
    ),
    (
        "GenerateDataKey",
        lambda kms, k, a: kms.generate_data_key(KeyId=k["Arn"], KeySpec="AES_256"),
        True, {"keyId": "ARN", "keySpec": "AES_256"}, None, True,
    ),
    (
        "GenerateDataKeyWithoutPlaintext",
        lambda kms, k, a: kms.generate_data_key_without_plaintext(KeyId=k["KeyId"], NumberOfBytes=16),
        True, {"keyId": "KEY", "numberOfBytes": 16}, None, True,
    ),
    (
        "TagResource",
        lambda kms, k, a: kms.tag_resource(KeyId=k["KeyId"], Tags=[{"TagKey": "t", "TagValue": "v"}]),
        False, {"keyId": "KEY", "tags": [{"tagKey": "t", "tagValue": "v"}]}, "key?", False,
    ),
    ("UntagResource", lambda kms, k, a: kms.untag_resource(KeyId=k["KeyId"], TagKeys=["t"]), False, {"keyId": "KEY", "tagKeys": ["t"]}, "key?", False),
    (
        "UpdateKeyDescription",
        lambda kms, k, a: kms.update_key_description(KeyId=k["KeyId"], Description="d"),
        False, {"keyId": "KEY", "description": "d"}, "key?", False,
    ),
]  # fmt: skip


@pytest.mark.parametrize("name, call, read_only, parameters, elements, material", CASES, ids=[c[0] for c in CASES])
def test_the_record_of_an_operation_on_a_key(stack, kms, key, account, name, call, read_only, parameters, elements, material):
    record = stack.record(call(kms, key, account))
    check_frame(stack, record, account, name)
    names = {"KEY": key["KeyId"], "ARN": key["Arn"]}
    assert record["requestParameters"] == {k: names.get(v, v) if isinstance(v, str) else v for k, v in parameters.items()}
    assert record["readOnly"] is read_only
    assert record["resources"] == [resource(key["Arn"], account)]
    named = {"keyId": key["Arn"]}
    allowed = {None: [None], "key": [named], "key?": [None, named]}[elements]
    assert record["responseElements"] in allowed
    expected = {"keyMaterialId": key["CurrentKeyMaterialId"]} if material else None
    assert record.get("additionalEventData") == expected
    assert "errorCode" not in record


def test_the_record_of_create_key(stack, kms, account):
    answer = kms.create_key(Description="golden", Tags=[{"TagKey": "t", "TagValue": "v"}])
    made, record = answer["KeyMetadata"], stack.record(answer)
    check_frame(stack, record, account, "CreateKey")
    parameters = record["requestParameters"]
    assert parameters["description"] == "golden" and parameters["origin"] == "AWS_KMS"
    assert parameters["keySpec"] == parameters["customerMasterKeySpec"] == "SYMMETRIC_DEFAULT"
    assert parameters["keyUsage"] == "ENCRYPT_DECRYPT" and parameters["multiRegion"] is False
    assert parameters["bypassPolicyLockoutSafetyCheck"] is False
    assert parameters["tags"] == [{"tagKey": "t", "tagValue": "v"}]
    metadata = record["responseElements"]["keyMetadata"]
    assert metadata["aWSAccountId"] == account and metadata["keyId"] == made["KeyId"] and metadata["arn"] == made["Arn"]
    assert metadata["enabled"] is True and metadata["keyState"] == "Enabled" and DATE.match(metadata["creationDate"])
    assert record["resources"] == [resource(made["Arn"], account)] and record["readOnly"] is False


def test_the_records_of_aliases(stack, kms, key, alias, account):
    other = kms.create_key()["KeyMetadata"]
    alias_arn = key["Arn"].split(":key/")[0] + ":" + alias
    for call, name, target, parameters in (
        (kms.create_alias, "CreateAlias", key, {"aliasName": alias, "targetKeyId": key["KeyId"]}),
        (kms.update_alias, "UpdateAlias", other, {"aliasName": alias, "targetKeyId": other["KeyId"]}),
        (kms.delete_alias, "DeleteAlias", other, {"aliasName": alias}),
    ):
        given = {k[0].upper() + k[1:]: v for k, v in parameters.items()}
        record = stack.record(call(**given))
        check_frame(stack, record, account, name)
        assert record["requestParameters"] == parameters
        assert record["responseElements"] == {"keyId": target["Arn"]}
        arns = {entry["ARN"] for entry in record["resources"]}
        assert {alias_arn, target["Arn"]} <= arns


def test_the_record_of_scheduling_and_cancelling_deletion(stack, kms, key, account):
    record = stack.record(kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7))
    assert record["requestParameters"] == {"keyId": key["KeyId"], "pendingWindowInDays": 7}
    elements = record["responseElements"]
    assert DATE.match(elements.pop("deletionDate"))
    assert elements == {"keyId": key["Arn"], "keyState": "PendingDeletion", "pendingWindowInDays": 7}
    record = stack.record(kms.cancel_key_deletion(KeyId=key["KeyId"]))
    assert record["responseElements"] == {"keyId": key["Arn"]}


def test_the_record_of_put_key_policy(stack, kms, key):
    policy = kms.get_key_policy(KeyId=key["KeyId"])["Policy"]
    record = stack.record(kms.put_key_policy(KeyId=key["KeyId"], Policy=policy))
    assert record["requestParameters"] == {
        "keyId": key["KeyId"],
        "policyName": "default",
        "policy": policy,
        "bypassPolicyLockoutSafetyCheck": False,
    }


def test_the_record_of_re_encrypt_names_both_keys(stack, kms, key, account):
    other = kms.create_key()["KeyMetadata"]
    sealed = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    record = stack.record(kms.re_encrypt(CiphertextBlob=sealed, DestinationKeyId=other["KeyId"]))
    check_frame(stack, record, account, "ReEncrypt")
    assert record["requestParameters"] == {
        "sourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "destinationKeyId": other["KeyId"],
        "destinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    }
    assert record["resources"] == [resource(key["Arn"], account), resource(other["Arn"], account)]
    assert record["additionalEventData"] == {
        "sourceKeyMaterialId": key["CurrentKeyMaterialId"],
        "destinationKeyMaterialId": other["CurrentKeyMaterialId"],
    }


def test_the_records_of_lists_and_random_name_no_resource(stack, kms, account):
    for answer, name in (
        (kms.list_keys(Limit=1), "ListKeys"),
        (kms.list_aliases(Limit=1), "ListAliases"),
        (kms.generate_random(NumberOfBytes=8), "GenerateRandom"),
    ):
        record = stack.record(answer)
        check_frame(stack, record, account, name)
        assert record["resources"] == [] and record["responseElements"] is None and record["readOnly"] is True


def test_a_failure_is_recorded_with_its_code_and_message(stack, kms, account, refused):
    with refused("NotFoundException") as error:
        kms.describe_key(KeyId=f"alias/{uuid.uuid4()}")
    record = stack.record(error.error)
    check_frame(stack, record, account, "DescribeKey")
    assert (record["errorCode"], record["errorMessage"]) == ("NotFoundException", error.text)
    assert record["responseElements"] is None


def test_dry_runs_are_recorded(stack, kms, key, refused):
    with refused("DryRunOperationException") as error:
        kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x", DryRun=True)
    assert stack.record(error.error)["errorCode"] == "DryRunOperationException"


def test_the_trail_verifies_while_the_service_runs(stack, kms):
    stack.record(kms.list_keys(Limit=1))
    done = stack.trent("audit", "verify")
    assert done.returncode == 0, done.stdout + done.stderr
