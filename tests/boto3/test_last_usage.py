"""GetKeyLastUsage: the last successful cryptographic operation with a key, and what a policy can make of it."""

import json
import sqlite3
import subprocess
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from conftest import FORM
from program import serving

DAY_MS = 86_400_000


def used_by(kms, key_id, answer):
    """The last usage of the key, once it is this answer's."""
    request_id = answer["ResponseMetadata"]["RequestId"]
    end = time.monotonic() + 20
    while True:
        usage = kms.get_key_last_usage(KeyId=key_id)
        if usage["KeyLastUsage"].get("KmsRequestId") == request_id:
            return usage
        assert time.monotonic() < end, usage
        time.sleep(0.1)


def age(stack, key_id, days):
    """Moves the last use of a key back in the registry, as somebody who owns the machine could."""
    digits = key_id.replace("-", "")
    literal = f"x'{digits}'" if stack.form == "embedded" else f"'\\x{digits}'"
    sql = f"UPDATE key_last_usage SET used_at = used_at - {days * DAY_MS} WHERE key_id = {literal}"
    if stack.form == "embedded":
        with sqlite3.connect(Path(stack.directory, "data", "registry.sqlite"), timeout=10) as database:
            assert database.execute(sql).rowcount == 1
    else:
        subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-c", sql, stack.database_url], check=True)


def symmetric(kms, name):
    """A new symmetric key, and the answer to an operation with it."""
    key = kms.create_key()["KeyMetadata"]
    key_id = key["KeyId"]
    if name == "Encrypt":
        return key, kms.encrypt(KeyId=key_id, Plaintext=b"x", EncryptionContext={"errorCode": "a", "eventName": "b"})
    if name == "GenerateDataKey":
        return key, kms.generate_data_key(KeyId=key_id, KeySpec="AES_256")
    if name == "GenerateDataKeyWithoutPlaintext":
        return key, kms.generate_data_key_without_plaintext(KeyId=key_id, KeySpec="AES_256")
    if name == "GenerateDataKeyPair":
        return key, kms.generate_data_key_pair(KeyId=key_id, KeyPairSpec="ECC_NIST_P256")
    if name == "GenerateDataKeyPairWithoutPlaintext":
        return key, kms.generate_data_key_pair_without_plaintext(KeyId=key_id, KeyPairSpec="ECC_NIST_P256")
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    if name == "Decrypt":
        return key, kms.decrypt(CiphertextBlob=blob)
    assert name == "ReEncrypt"
    return key, kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=key_id)


def signing(kms, name):
    key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    message = {"KeyId": key["KeyId"], "Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256"}
    signed = kms.sign(**message)
    return key, signed if name == "Sign" else kms.verify(Signature=signed["Signature"], **message)


def mac(kms, name):
    key = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]
    message = {"KeyId": key["KeyId"], "Message": b"x", "MacAlgorithm": "HMAC_SHA_256"}
    made = kms.generate_mac(**message)
    return key, made if name == "GenerateMac" else kms.verify_mac(Mac=made["Mac"], **message)


def agreement(kms, name):
    key, peer = (kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")["KeyMetadata"] for _ in range(2))
    public = kms.get_public_key(KeyId=peer["KeyId"])["PublicKey"]
    return key, kms.derive_shared_secret(KeyId=key["KeyId"], KeyAgreementAlgorithm="ECDH", PublicKey=public)


def encapsulation(kms, name):
    key = kms.create_key(KeySpec="ML_KEM_768", KeyUsage="ENCAPSULATE_DECAPSULATE")["KeyMetadata"]
    made = kms.encapsulate(KeyId=key["KeyId"], EncapsulationAlgorithm="ML_KEM")
    if name == "Encapsulate":
        return key, made
    sealed = made["SharedSecretCiphertextBlob"]
    return key, kms.decapsulate(KeyId=key["KeyId"], EncapsulationAlgorithm="ML_KEM", SharedSecretCiphertextBlob=sealed)


OPERATIONS = {
    "Encrypt": symmetric,
    "Decrypt": symmetric,
    "ReEncrypt": symmetric,
    "GenerateDataKey": symmetric,
    "GenerateDataKeyWithoutPlaintext": symmetric,
    "GenerateDataKeyPair": symmetric,
    "GenerateDataKeyPairWithoutPlaintext": symmetric,
    "Sign": signing,
    "Verify": signing,
    "GenerateMac": mac,
    "VerifyMac": mac,
    "DeriveSharedSecret": agreement,
    "Encapsulate": encapsulation,
    "Decapsulate": encapsulation,
}


def test_every_operation_that_the_model_tracks_is_tried(kms):
    tracked = kms.meta.service_model.shape_for("KeyLastUsageTrackingOperation").enum
    assert sorted(OPERATIONS) == sorted(tracked)


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_successful_operation_is_the_last_use(stack, kms, name):
    key, answer = OPERATIONS[name](kms, name)
    usage = used_by(kms, key["KeyId"], answer)
    record = stack.record(answer)
    assert usage["KeyId"] == key["KeyId"]
    assert usage["KeyCreationDate"] == key["CreationDate"] == usage["TrackingStartDate"]
    moment = datetime.strptime(record["eventTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    assert usage["KeyLastUsage"] == {
        "Operation": name,
        "Timestamp": moment,
        "CloudTrailEventId": record["eventID"],
        "KmsRequestId": record["requestID"],
    }
    assert record["eventName"] == name and abs(datetime.now(timezone.utc) - moment) < timedelta(minutes=1)


def test_a_new_key_was_never_used_and_reading_is_recorded(stack, kms, key):
    usage = kms.get_key_last_usage(KeyId=key["Arn"])
    assert usage["KeyLastUsage"] == {}
    assert usage["TrackingStartDate"] == usage["KeyCreationDate"] == key["CreationDate"]
    record = stack.record(usage)
    assert (record["eventName"], record["readOnly"]) == ("GetKeyLastUsage", True)
    assert record["requestParameters"] == {"keyId": key["Arn"]} and record["responseElements"] is None
    assert [resource["ARN"] for resource in record["resources"]] == [key["Arn"]]


def test_re_encrypt_uses_both_keys(stack, kms, key):
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    answer = kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=other)
    usages = [used_by(kms, key_id, answer)["KeyLastUsage"] for key_id in (key["KeyId"], other)]
    assert usages[0] == usages[1] and usages[0]["Operation"] == "ReEncrypt"


def test_failures_dry_runs_and_other_operations_are_no_use(stack, kms, key, refused):
    key_id = key["KeyId"]
    used = kms.encrypt(KeyId=key_id, Plaintext=b"x", EncryptionContext={"a": "b"})
    before = used_by(kms, key_id, used)
    with refused("DryRunOperationException") as dry:
        kms.encrypt(KeyId=key_id, Plaintext=b"x", DryRun=True)
    with refused("InvalidCiphertextException") as wrong:
        kms.decrypt(CiphertextBlob=used["CiphertextBlob"], EncryptionContext={"a": "c"})
    described = kms.describe_key(KeyId=key_id)
    kms.disable_key(KeyId=key_id)
    with refused("DisabledException") as disabled:
        kms.generate_data_key(KeyId=key_id, KeySpec="AES_256")
    for answer in (dry.error, wrong.error, described, disabled.error):
        stack.record(answer)
    # What comes after all of them in the trail has been looked at, so they have been too.
    marker = kms.create_key()["KeyMetadata"]["KeyId"]
    used_by(kms, marker, kms.encrypt(KeyId=marker, Plaintext=b"x"))
    after = kms.get_key_last_usage(KeyId=key_id)
    assert after["KeyLastUsage"] == before["KeyLastUsage"]


def test_it_works_in_every_state_and_for_the_key_s_own_names_only(stack, kms, key, refused, stranger, alias):
    key_id = key["KeyId"]
    kms.create_alias(AliasName=alias, TargetKeyId=key_id)
    with refused("NotFoundException"):
        kms.get_key_last_usage(KeyId=alias)
    with refused("AccessDeniedException"):
        stranger.get_key_last_usage(KeyId=key_id)
    kms.disable_key(KeyId=key_id)
    assert kms.get_key_last_usage(KeyId=key_id)["KeyLastUsage"] == {}
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    assert kms.get_key_last_usage(KeyId=key_id)["KeyLastUsage"] == {}
    with refused("NotFoundException"):
        kms.get_key_last_usage(KeyId="1234abcd-12ab-34cd-56ef-1234567890ab")


def guarded(account, operator, days):
    """Root may do everything, but nobody may end the use of the key while this holds of its days without use."""
    root = {"AWS": f"arn:aws:iam::{account}:root"}
    condition = {operator: {"kms:TrailingDaysWithoutKeyUsage": days}}
    ends = ["kms:DisableKey", "kms:ScheduleKeyDeletion"]
    allow = {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}
    deny = {"Effect": "Deny", "Principal": "*", "Action": ends, "Resource": "*", "Condition": condition}
    return json.dumps({"Version": "2012-10-17", "Statement": [allow, deny]})


def test_a_policy_keeps_a_key_that_is_in_use(stack, kms, key, account, refused):
    key_id = key["KeyId"]
    used_by(kms, key_id, kms.encrypt(KeyId=key_id, Plaintext=b"x"))
    kms.put_key_policy(KeyId=key_id, Policy=guarded(account, "NumericLessThan", "30"))
    with refused("AccessDeniedException"):
        kms.disable_key(KeyId=key_id)
    with refused("AccessDeniedException"):
        kms.schedule_key_deletion(KeyId=key_id)
    age(stack, key_id, 30)
    kms.disable_key(KeyId=key_id)
    kms.enable_key(KeyId=key_id)
    kms.put_key_policy(KeyId=key_id, Policy=guarded(account, "NumericGreaterThan", "29"))
    with refused("AccessDeniedException"):
        kms.schedule_key_deletion(KeyId=key_id)
    used_by(kms, key_id, kms.encrypt(KeyId=key_id, Plaintext=b"x"))
    kms.schedule_key_deletion(KeyId=key_id)


def test_a_key_that_was_never_used_counts_from_its_creation(kms, key, account, refused):
    key_id = key["KeyId"]
    kms.put_key_policy(KeyId=key_id, Policy=guarded(account, "NumericEquals", "0"))
    with refused("AccessDeniedException"):
        kms.disable_key(KeyId=key_id)
    kms.put_key_policy(KeyId=key_id, Policy=guarded(account, "NumericGreaterThan", "0"))
    kms.disable_key(KeyId=key_id)


@pytest.mark.skipif(FORM != "embedded", reason="distributed, uses are noted in the transaction that keeps the record")
def test_uses_that_a_crash_left_unnoted_are_found_at_the_next_start(stack, tmp_path):
    program = serving(stack, tmp_path).start()
    try:
        kms = program.wait_until_ready().stack(stack).client("kms")
        keys = [kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(3)]
        answers = [kms.encrypt(KeyId=key_id, Plaintext=b"x") for key_id in keys]
        # Less than a second after the last one, when nobody has looked at the journal since.
        program.kill()
        program.start().wait_until_ready()
        for key_id, answer in zip(keys, answers):
            assert used_by(kms, key_id, answer)["KeyLastUsage"]["Operation"] == "Encrypt"
    finally:
        program.kill()
