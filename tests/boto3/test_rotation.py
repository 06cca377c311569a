"""Rotation: by schedule, on demand, and what old ciphertexts need afterwards."""

import time
from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError


def wait_until(what, condition, patience=90):
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, f"not {what} in time"
        time.sleep(0.2)


def is_about(record, arn):
    return arn in [resource["ARN"] for resource in record.get("resources", [])]


def rotations(kms, key_id, **include):
    pages = kms.get_paginator("list_key_rotations").paginate(KeyId=key_id, **include)
    return [rotation for page in pages for rotation in page["Rotations"]]


def test_a_new_key_does_not_rotate_by_itself(kms, key):
    status = kms.get_key_rotation_status(KeyId=key["KeyId"])
    assert status["KeyRotationEnabled"] is False
    assert "NextRotationDate" not in status and "RotationPeriodInDays" not in status
    assert rotations(kms, key["KeyId"]) == []
    [first] = rotations(kms, key["KeyId"], IncludeKeyMaterial="ALL_KEY_MATERIAL")
    assert first["KeyMaterialId"] == key["CurrentKeyMaterialId"]
    assert first["KeyMaterialState"] == "CURRENT" and "RotationDate" not in first


def test_a_schedule_has_a_period_and_a_date(kms, stack, key):
    kms.enable_key_rotation(KeyId=key["KeyId"])
    status = kms.get_key_rotation_status(KeyId=key["KeyId"])
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 365)
    answer = kms.enable_key_rotation(KeyId=key["Arn"], RotationPeriodInDays=90)
    shorter = kms.get_key_rotation_status(KeyId=key["KeyId"])
    assert shorter["RotationPeriodInDays"] == 90
    gone = status["NextRotationDate"] - shorter["NextRotationDate"]
    assert timedelta(days=274) < gone < timedelta(days=276)
    record = stack.record(answer)
    assert record["requestParameters"] == {"keyId": key["Arn"], "rotationPeriodInDays": 90}
    assert record["responseElements"] == {"keyId": key["Arn"]} and record["readOnly"] is False
    kms.disable_key_rotation(KeyId=key["KeyId"])
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"] is False


@pytest.mark.parametrize("days", [89, 2561])
def test_a_period_out_of_range_is_refused(stack, key, refused, days):
    unchecked = stack.client("kms", parameter_validation=False)
    bound, limit = ("greater", 90) if days < 90 else ("less", 2560)
    text = (
        f"1 validation error detected: Value '{days}' at 'rotationPeriodInDays' failed to satisfy constraint: "
        f"Member must have value {bound} than or equal to {limit}"
    )
    with refused("ValidationException", text):
        unchecked.enable_key_rotation(KeyId=key["KeyId"], RotationPeriodInDays=days)


def test_a_rotation_on_demand_brings_new_material_and_keeps_the_old(kms, stack, key):
    old = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"before")["CiphertextBlob"]
    answer = kms.rotate_key_on_demand(KeyId=key["KeyId"])
    assert answer["KeyId"] == key["Arn"]
    now = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    assert now["CurrentKeyMaterialId"] != key["CurrentKeyMaterialId"]
    [rotation] = rotations(kms, key["KeyId"])
    assert rotation["RotationType"] == "ON_DEMAND" and rotation["KeyId"] == key["KeyId"]
    assert rotation["KeyMaterialId"] == now["CurrentKeyMaterialId"]
    assert abs(rotation["RotationDate"] - datetime.now(timezone.utc)) < timedelta(days=3000)
    opened = kms.decrypt(CiphertextBlob=old)
    assert (opened["Plaintext"], opened["KeyMaterialId"]) == (b"before", key["CurrentKeyMaterialId"])
    new = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"after")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=new)["KeyMaterialId"] == now["CurrentKeyMaterialId"]
    again = kms.re_encrypt(CiphertextBlob=old, DestinationKeyId=key["KeyId"])
    assert again["SourceKeyMaterialId"] == key["CurrentKeyMaterialId"]
    assert again["DestinationKeyMaterialId"] == now["CurrentKeyMaterialId"]
    event = stack.record_where(
        lambda r: r["eventName"] == "RotateKey" and is_about(r, key["Arn"])
    )
    assert event["eventType"] == "AwsServiceEvent" and event["userIdentity"]["invokedBy"] == "AWS Internal"
    assert event["serviceEventDetails"] == {
        "rotationType": "ON_DEMAND",
        "keyOrigin": "AWS_KMS",
        "previousKeyMaterialId": key["CurrentKeyMaterialId"],
        "currentKeyMaterialId": now["CurrentKeyMaterialId"],
        "keyId": key["KeyId"],
    }
    assert stack.record(answer)["responseElements"] == {"keyId": key["Arn"]}


def test_a_key_rotates_on_demand_twenty_five_times_and_lists_them_in_pages(kms, key, refused):
    blobs = []
    for turn in range(25):
        blobs.append(kms.encrypt(KeyId=key["KeyId"], Plaintext=bytes([turn]))["CiphertextBlob"])
        kms.rotate_key_on_demand(KeyId=key["KeyId"])
    with refused("LimitExceededException"):
        kms.rotate_key_on_demand(KeyId=key["KeyId"])
    for turn, blob in enumerate(blobs):
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == bytes([turn])
    first = kms.list_key_rotations(KeyId=key["KeyId"], Limit=10)
    assert len(first["Rotations"]) == 10 and first["Truncated"] is True
    paged = kms.get_paginator("list_key_rotations").paginate(KeyId=key["KeyId"], PaginationConfig={"PageSize": 7})
    ids = [rotation["KeyMaterialId"] for page in paged for rotation in page["Rotations"]]
    assert len(ids) == len(set(ids)) == 25
    everything = rotations(kms, key["KeyId"], IncludeKeyMaterial="ALL_KEY_MATERIAL")
    assert [one["KeyMaterialId"] for one in everything] == [key["CurrentKeyMaterialId"], *ids]
    assert [one["KeyMaterialState"] for one in everything] == ["NON_CURRENT"] * 25 + ["CURRENT"]
    with refused("InvalidMarkerException"):
        kms.list_key_rotations(KeyId=key["KeyId"], Marker=first["NextMarker"], IncludeKeyMaterial="ALL_KEY_MATERIAL")


@pytest.mark.parametrize(
    "make",
    [
        {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
        {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
    ],
)
def test_other_keys_have_no_rotation(kms, refused, make):
    key_id = kms.create_key(**make)["KeyMetadata"]["KeyId"]
    for operation in [
        kms.enable_key_rotation,
        kms.disable_key_rotation,
        kms.get_key_rotation_status,
        kms.list_key_rotations,
        kms.rotate_key_on_demand,
    ]:
        with refused("UnsupportedOperationException"):
            operation(KeyId=key_id)


def test_the_schedule_of_a_key_pending_deletion_is_back_when_that_is_called_off(kms, key):
    kms.enable_key_rotation(KeyId=key["KeyId"], RotationPeriodInDays=100)
    kms.schedule_key_deletion(KeyId=key["KeyId"])
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"] is False
    kms.cancel_key_deletion(KeyId=key["KeyId"])
    status = kms.get_key_rotation_status(KeyId=key["KeyId"])
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 100)


def test_a_due_rotation_is_made_once_and_a_disabled_key_waits(kms, stack, key, refused):
    waiting = kms.create_key()["KeyMetadata"]
    for one in (key, waiting):
        kms.enable_key_rotation(KeyId=one["KeyId"], RotationPeriodInDays=90)
    kms.disable_key(KeyId=waiting["KeyId"])
    stack.advance_key_clock(90)
    wait_until("rotated", lambda: len(rotations(kms, key["KeyId"])) == 1)
    [rotation] = rotations(kms, key["KeyId"])
    assert rotation["RotationType"] == "AUTOMATIC"
    event = stack.record_where(
        lambda r: r["eventName"] == "RotateKey" and is_about(r, key["Arn"])
    )
    assert event["serviceEventDetails"]["rotationType"] == "AUTOMATIC"
    assert rotations(kms, waiting["KeyId"]) == []
    kms.enable_key(KeyId=waiting["KeyId"])
    wait_until("rotated", lambda: len(rotations(kms, waiting["KeyId"])) == 1)
    assert len(rotations(kms, key["KeyId"])) == 1


def test_a_rotation_on_demand_shortly_before_a_due_one_is_a_conflict(kms, stack, key, refused):
    kms.enable_key_rotation(KeyId=key["KeyId"], RotationPeriodInDays=90)
    kms.disable_key(KeyId=key["KeyId"])
    stack.advance_key_clock(90)
    kms.enable_key(KeyId=key["KeyId"])
    try:
        kms.rotate_key_on_demand(KeyId=key["KeyId"])
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ConflictException"
    else:
        # The lifecycle job was faster: the rotation by schedule is over.
        assert [one["RotationType"] for one in rotations(kms, key["KeyId"])] == ["AUTOMATIC", "ON_DEMAND"]
