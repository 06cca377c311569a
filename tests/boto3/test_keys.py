"""Keys: creation, description, state, deletion (source texts A1-A5, E1, E2)."""

import datetime
import json
import re
import time

import pytest

UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")


def test_a1_create_key_without_parameters_makes_a_symmetric_key(kms, account):
    made = kms.create_key()["KeyMetadata"]
    assert UUID.match(made["KeyId"])
    assert re.fullmatch("[0-9a-f]{64}", made["CurrentKeyMaterialId"])
    assert abs(made["CreationDate"].timestamp() - time.time()) < 60 * 24 * 3600
    expected = {
        "AWSAccountId": account,
        "Arn": f"arn:aws:kms:us-east-1:{account}:key/{made['KeyId']}",
        "Enabled": True,
        "Description": "",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": False,
    }
    assert {k: v for k, v in made.items() if k in expected} == expected
    assert set(made) == set(expected) | {"KeyId", "CreationDate", "CurrentKeyMaterialId"}


def test_describe_key_gives_what_create_key_gave(kms, key):
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] == key
    assert kms.describe_key(KeyId=key["Arn"])["KeyMetadata"] == key


def test_a3_description_policy_and_tags_can_be_given_at_creation(kms, account):
    policy = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                "Action": "kms:*",
                "Resource": "*",
            },
        }
    )
    tags = [{"TagKey": "team", "TagValue": "red"}, {"TagKey": "empty", "TagValue": ""}]
    made = kms.create_key(Policy=policy, Description="first", Tags=tags)["KeyMetadata"]
    assert made["Description"] == "first"
    assert kms.get_key_policy(KeyId=made["KeyId"])["Policy"] == policy
    listed = kms.list_resource_tags(KeyId=made["KeyId"])["Tags"]
    assert sorted(listed, key=lambda t: t["TagKey"]) == sorted(tags, key=lambda t: t["TagKey"])


def test_a3_the_description_can_change_but_not_while_deletion_is_pending(kms, key, refused):
    kms.update_key_description(KeyId=key["KeyId"], Description="second")
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["Description"] == "second"
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    message = f"{key['Arn']} is pending deletion."
    with refused("KMSInvalidStateException", message):
        kms.update_key_description(KeyId=key["KeyId"], Description="third")
    with refused("KMSInvalidStateException", message):
        kms.tag_resource(KeyId=key["KeyId"], Tags=[{"TagKey": "a", "TagValue": "b"}])
    with refused("KMSInvalidStateException", message):
        kms.untag_resource(KeyId=key["KeyId"], TagKeys=["a"])
    kms.put_key_policy(KeyId=key["KeyId"], Policy=kms.get_key_policy(KeyId=key["KeyId"])["Policy"])


def test_a5_create_key_makes_no_alias(kms, key):
    assert kms.list_aliases(KeyId=key["KeyId"])["Aliases"] == []


def test_enable_and_disable_move_the_state_and_may_be_repeated(kms, key, refused):
    for _ in range(2):
        kms.disable_key(KeyId=key["KeyId"])
        described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        assert (described["KeyState"], described["Enabled"]) == ("Disabled", False)
    with refused("DisabledException", f"{key['Arn']} is disabled."):
        kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    for _ in range(2):
        kms.enable_key(KeyId=key["KeyId"])
        assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled"
    kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")


@pytest.mark.parametrize(
    "parameters, code",
    [
        ({"KeySpec": "RSA_9000"}, "ValidationException"),
        ({"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": "cks-1"}, "UnsupportedOperationException"),
        ({"KeyUsage": "SIGN_VERIFY"}, "ValidationException"),
        ({"Description": "x" * 8193}, "ValidationException"),
        ({"Tags": [{"TagKey": "aws:x", "TagValue": ""}]}, "TagException"),
        ({"Tags": [{"TagKey": "x", "TagValue": ""}, {"TagKey": "x", "TagValue": ""}]}, "TagException"),
        ({"Tags": [{"TagKey": f"t{n}", "TagValue": ""} for n in range(51)]}, None),
        ({"Policy": "not json"}, "MalformedPolicyDocumentException"),
        ({"Policy": "{" + " " * 33000 + "}"}, "LimitExceededException"),
    ],
)
def test_create_key_refuses_what_it_does_not_serve(kms, parameters, code):
    with pytest.raises(Exception) as caught:
        kms.create_key(**parameters)
    got = caught.value.response["Error"]["Code"]
    assert got in ({code} if code else {"TagException", "LimitExceededException", "ValidationException"}), got


def test_list_keys_pages_through_every_key(stack, refused):
    kms = stack.client("kms", region="eu-west-3")
    made = {kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(5)}
    seen, marker = [], {}
    while True:
        page = kms.list_keys(Limit=2, **marker)
        assert len(page["Keys"]) <= 2
        seen += [entry["KeyId"] for entry in page["Keys"]]
        assert all(entry["KeyArn"].endswith(f":key/{entry['KeyId']}") for entry in page["Keys"])
        if not page["Truncated"]:
            assert "NextMarker" not in page
            break
        marker = {"Marker": page["NextMarker"]}
    assert made <= set(seen) and len(seen) == len(set(seen))
    with refused("InvalidMarkerException"):
        kms.list_keys(Marker="made-up")
    with refused("ValidationException"):
        kms.list_keys(Limit=1001)


def test_g1_a_region_without_keys_lists_none(stack):
    answer = stack.client("kms", region="mx-central-1").list_keys()
    assert answer["Keys"] == [] and answer["Truncated"] is False


def test_d6_keys_and_aliases_live_in_one_region(stack, kms, key, alias, refused):
    kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    elsewhere = stack.client("kms", region="eu-central-1")
    for name in (key["KeyId"], alias):
        with refused("NotFoundException"):
            elsewhere.describe_key(KeyId=name)
    with pytest.raises(Exception) as caught:
        elsewhere.describe_key(KeyId=key["Arn"])
    assert caught.value.response["Error"]["Code"] in ("InvalidArnException", "NotFoundException")
    sealed = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"here")["CiphertextBlob"]
    with refused("AccessDeniedException"):
        elsewhere.decrypt(CiphertextBlob=sealed)


def test_the_partition_follows_the_region(stack, kms, key, refused):
    assert key["Arn"].startswith("arn:aws:")
    with refused("InvalidSignatureException"):
        stack.client("kms", region="cn-north-1").list_keys()  # not among the allowed Regions


@pytest.mark.parametrize("days", [6, 31])
def test_deletion_waits_seven_to_thirty_days(kms, key, refused, days):
    with refused("ValidationException"):
        kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=days)


def test_e1_deletion_can_be_scheduled_and_cancelled(kms, key, refused):
    answer = kms.schedule_key_deletion(KeyId=key["KeyId"])
    assert answer["KeyId"] == key["Arn"]
    assert (answer["KeyState"], answer["PendingWindowInDays"]) == ("PendingDeletion", 30)
    described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    assert (described["KeyState"], described["Enabled"]) == ("PendingDeletion", False)
    assert described["DeletionDate"] == answer["DeletionDate"]
    waits = described["DeletionDate"] - kms.create_key()["KeyMetadata"]["CreationDate"]
    assert abs(waits - datetime.timedelta(days=30)) < datetime.timedelta(minutes=5)
    message = f"{key['Arn']} is pending deletion."
    for call in (
        lambda: kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x"),
        lambda: kms.schedule_key_deletion(KeyId=key["KeyId"]),
        lambda: kms.enable_key(KeyId=key["KeyId"]),
        lambda: kms.disable_key(KeyId=key["KeyId"]),
        lambda: kms.create_alias(AliasName="alias/pending", TargetKeyId=key["KeyId"]),
    ):
        with refused("KMSInvalidStateException", message):
            call()
    assert kms.cancel_key_deletion(KeyId=key["KeyId"])["KeyId"] == key["Arn"]
    described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    assert described["KeyState"] == "Disabled" and "DeletionDate" not in described
    with refused("KMSInvalidStateException"):
        kms.cancel_key_deletion(KeyId=key["KeyId"])


def test_e1_deletion_is_final_when_the_waiting_period_is_over(stack, kms, key, alias, account, refused):
    kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    sealed = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"gone")["CiphertextBlob"]
    kept = kms.create_key()["KeyMetadata"]
    kms.schedule_key_deletion(KeyId=kept["KeyId"], PendingWindowInDays=30)
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    stack.advance_key_clock(days=8)
    record = stack.record_where(
        lambda r: r["eventName"] == "DeleteKey" and r["resources"][0]["ARN"] == key["Arn"]
    )
    assert record["eventType"] == "AwsServiceEvent"
    assert record["userIdentity"] == {"accountId": account, "invokedBy": "AWS Internal"}
    assert record["responseElements"] == {"keyId": key["Arn"]}
    assert (record["sourceIPAddress"], record["userAgent"]) == ("AWS Internal", "AWS Internal")
    with refused("NotFoundException", f"Key '{key['Arn']}' does not exist"):
        kms.describe_key(KeyId=key["KeyId"])
    with refused("NotFoundException"):
        kms.describe_key(KeyId=alias)
    with refused("AccessDeniedException"):
        kms.decrypt(CiphertextBlob=sealed)
    assert alias not in {entry["AliasName"] for entry in kms.list_aliases()["Aliases"]}
    assert kms.describe_key(KeyId=kept["KeyId"])["KeyMetadata"]["KeyState"] == "PendingDeletion"
    kms.create_alias(AliasName=alias, TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])


@pytest.mark.parametrize(
    "name, code",
    [
        ("1234abcd-12ab-34cd-56ef-1234567890ab", "NotFoundException"),
        ("alias/never-made", "NotFoundException"),
        ("not a key", "NotFoundException"),
        ("arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab", "NotFoundException"),
        ("arn:aws:kms:us-east-1:999999999999:key/1234abcd-12ab-34cd-56ef-1234567890ab", "AccessDeniedException"),
        ("arn:aws:s3:::bucket", "InvalidArnException"),
    ],
)
def test_names_of_keys_that_are_not_there(kms, refused, name, code):
    with refused(code):
        kms.describe_key(KeyId=name)


def test_operations_on_keys_take_no_alias(kms, key, alias, refused):
    kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    for call in (kms.disable_key, kms.enable_key, kms.get_key_policy, kms.list_resource_tags):
        with pytest.raises(Exception) as caught:
            call(KeyId=alias)
        assert caught.value.response["Error"]["Code"] in ("NotFoundException", "InvalidArnException", "ValidationException")
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["Enabled"] is True
