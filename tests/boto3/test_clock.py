"""`trent dev clock`: the key clock of a deployment for development, and what follows it."""

import json
import subprocess
import time

import pytest
from conftest import FORM, TARGET, Stack
from program import run, wait_for


@pytest.fixture(scope="module")
def own():
    """A stack whose clock is no other test's."""
    command = [TARGET / "trent-testkit", "up", "--form", FORM, "--restart"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        assert line, "the stack did not start"
        yield Stack(json.loads(line))
        process.stdin.close()


def clock(stack, *what):
    done = stack.trent("dev", "clock", *what)
    assert done.returncode == 0, done.stderr
    return done.stdout


def state(kms, key):
    return kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]


def test_a_key_goes_when_the_clock_reaches_its_deletion_date(own):
    kms = own.client("kms")
    soon, late = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    kms.schedule_key_deletion(KeyId=soon, PendingWindowInDays=7)
    kms.schedule_key_deletion(KeyId=late, PendingWindowInDays=30)
    assert "6d 23h ahead" in clock(own, "+167h")
    time.sleep(2.5)
    assert state(kms, soon) == "PendingDeletion"
    begun = time.monotonic()
    assert "7d 30m ahead" in clock(own, "+90m")

    def gone():
        try:
            return state(kms, soon) is None
        except kms.exceptions.NotFoundException:
            return True

    wait_for("end of the key", gone, patience=15)
    assert time.monotonic() - begun < 15
    assert state(kms, late) == "PendingDeletion"
    assert own.record_where(lambda record: record["eventName"] == "DeleteKey")["resources"][0]["ARN"].endswith(soon)
    assert clock(own, "reset").endswith(", as the wall clock\n")


def test_when_the_move_is_answered_every_evaluator_goes_by_it(own):
    clients = [own.client("kms") for _ in range(4)]
    key = clients[0].create_key()["KeyMetadata"]["KeyId"]
    for days in (100, 200, 300):
        ahead = clock(own, f"+{days}d")
        assert "ahead of the wall clock" in ahead
        for kms in clients:
            date = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=30)["DeletionDate"].timestamp()
            assert abs(date - time.time() - (30 + days) * 86_400) < 60
            kms.cancel_key_deletion(KeyId=key)
        clock(own, f"-{days}d")
    assert clock(own, "show").endswith(", as the wall clock\n")


def test_moves_are_recorded_once_each(own):
    clock(own, "+123s")
    clock(own, "-123s")
    for by in ("123000", "-123000"):
        record = own.record_where(
            lambda record, by=by: record["eventName"] == "MoveKeyClock" and record["requestParameters"]["byMilliseconds"] == by
        )
        assert record["userIdentity"]["invokedBy"] == "trent admin"
        assert record["eventType"] == "AwsServiceEvent" and not record["readOnly"]


def test_a_time_that_is_none_is_refused_before_anybody_is_asked(own):
    for wrong in ("30d", "+30", "tomorrow", "+3w"):
        done = own.trent("dev", "clock", wrong)
        assert done.returncode == 64 and wrong in done.stderr, done


def test_without_a_running_deployment_the_command_says_whom_it_looked_for(tmp_path):
    done = run("dev", "clock", TRENT_DATA_DIR=str(tmp_path))
    assert done.returncode == 1 and str(tmp_path) in done.stderr, done
    done = run("dev", "clock", TRENT_NATS_URL="nats://127.0.0.1:9")
    assert done.returncode == 1 and "TRENT_NATS_URL" in done.stderr, done


def test_only_the_operators_identity_reaches_the_evaluators(own):
    if FORM != "distributed":
        pytest.skip("the embedded form has a socket that only its owner may open")
    done = run("dev", "clock", "+1d", **own.bus_as("lifecycle"))
    assert done.returncode == 1 and "no policy evaluator answered" in done.stderr, done
    assert clock(own, "show").endswith(", as the wall clock\n")
