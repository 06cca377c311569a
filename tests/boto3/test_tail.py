"""The live tail: `Trent.TailEvents`, and `trent audit tail` on it."""

import json
import queue
import signal
import subprocess
import threading
import time
from contextlib import contextmanager

import pytest
import raw
from conftest import TARGET
from people import of_key, statement
from program import serving

EARLY = "00000000-0000-7000-8000-000000000000"


def tail(caller, status=200, **wanted):
    """One answer of TailEvents."""
    answer = raw.own(caller.stack, "TailEvents", wanted, caller.credentials)
    assert answer.status == status, answer.body
    return json.loads(answer.body)


def here(caller):
    """The token of this moment, when the records of all that was before have come."""
    answer = tail(caller, WaitSeconds=0)
    # Records of what was answered before may be kept in this very moment.
    while True:
        answer = tail(caller, NextToken=answer["NextToken"], WaitSeconds=2)
        if not answer["Events"]:
            return answer["NextToken"]


def records(answer):
    return [json.loads(event["CloudTrailEvent"]) for event in answer["Events"]]


def id_of(answer):
    return answer["ResponseMetadata"]["RequestId"]


@pytest.fixture
def account(new_account):
    return new_account()


def test_a_record_is_there_within_a_second_of_its_answer(account):
    token = here(account)
    waiting = queue.Queue()
    thread = threading.Thread(target=lambda: waiting.put((tail(account, NextToken=token, WaitSeconds=20), time.monotonic())))
    thread.start()
    time.sleep(0.5)
    answer = account.kms.list_keys()
    answered = time.monotonic()
    found, told = waiting.get(timeout=30)
    thread.join()
    assert [record["requestID"] for record in records(found)] == [id_of(answer)]
    assert told - answered < 1, told - answered


def test_nothing_comes_when_the_time_is_over(account):
    token = here(account)
    begun = time.monotonic()
    answer = tail(account, NextToken=token, WaitSeconds=1)
    assert answer["Events"] == [] and 1 <= time.monotonic() - begun < 3


def test_a_tail_goes_on_without_a_gap_or_a_double(account):
    token, wanted, seen = here(account), [], []
    for _ in range(4):
        wanted += [id_of(account.kms.list_keys()) for _ in range(5)]
        answer = tail(account, NextToken=token, MaxResults=3)
        seen += records(answer)
        token = answer["NextToken"]
    while len(seen) < len(wanted):
        answer = tail(account, NextToken=token, MaxResults=3)
        assert answer["Events"], (len(seen), len(wanted))
        seen += records(answer)
        token = answer["NextToken"]
    assert sorted(record["requestID"] for record in seen) == sorted(wanted)
    after = tail(account, StartAfterEventId=seen[11]["eventID"], MaxResults=1000)
    assert records(after) == seen[12:]
    # By hand, the oldest first.
    assert [record["eventTime"] for record in seen] == sorted(record["eventTime"] for record in seen)


def test_filters_must_all_hold(account):
    key = account.key()
    user = account.user(statement("kms:DescribeKey"))
    token = here(account)
    user.kms.describe_key(KeyId=key["KeyId"])
    with pytest.raises(Exception, match="AccessDenied"):
        user.kms.disable_key(KeyId=key["KeyId"])
    account.kms.list_keys()
    account.client("kms", "eu-west-1").list_aliases()

    def found(**wanted):
        return {record["eventName"] for record in records(tail(account, NextToken=token, WaitSeconds=2, **wanted))}

    end = time.monotonic() + 10
    while found(AllRegions=True) != {"DescribeKey", "DisableKey", "ListKeys", "ListAliases"}:
        assert time.monotonic() < end, found(AllRegions=True)
    assert found() == {"DescribeKey", "DisableKey", "ListKeys"}
    assert found(EventName="ListKeys") == {"ListKeys"}
    assert found(Username=user.name) == {"DescribeKey", "DisableKey"}
    assert found(Username="root") == {"ListKeys"}
    assert found(ResourceName=key["Arn"]) == {"DescribeKey", "DisableKey"}
    assert found(AccessKeyId=user.credentials[0], ReadOnly="false") == {"DisableKey"}
    assert found(ErrorCode="AccessDenied") == {"DisableKey"}
    assert found(EventSource="iam.amazonaws.com") == set()
    assert found(ErrorCode="AccessDenied", EventName="ListKeys") == set()


def test_a_tail_is_for_those_who_may_look_events_up(account, abroad):
    user = account.user()
    refused = tail(user, status=400, WaitSeconds=0)
    assert refused["__type"] == "AccessDeniedException" and "cloudtrail:LookupEvents" in refused["message"]
    user.may(statement("cloudtrail:LookupEvents"))
    token = here(user)
    assert tail(abroad, status=400, NextToken=token)["__type"] == "InvalidNextTokenException"
    unknown = tail(account, status=400, StartAfterEventId=EARLY)
    assert (unknown["__type"], unknown["message"]) == ("NotFoundException", f"Event '{EARLY}' does not exist")
    for wrong in ({"WaitSeconds": 21}, {"MaxResults": 0}, {"ReadOnly": "maybe"}, {"StartAfterEventId": "x"}):
        assert tail(account, status=400, **wrong)["__type"] == "ValidationException", wrong


def test_another_accounts_use_of_a_key_is_shown_to_both(account, abroad):
    key = account.key(of_key(abroad.arn, "kms:Encrypt"))
    tokens = {caller: here(caller) for caller in (account, abroad)}
    answer = abroad.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    for caller, token in tokens.items():
        (record,) = records(tail(caller, NextToken=token, EventName="Encrypt"))
        assert (record["requestID"], record["recipientAccountId"]) == (id_of(answer), caller.id)


@contextmanager
def command(caller, *arguments, stack=None):
    """`trent audit tail` as a process; what it prints, line by line, comes into a queue."""
    stack = stack or caller.stack
    env = stack.environment(credentials=caller.credentials)
    lines = queue.Queue()
    process = subprocess.Popen(
        [TARGET / "trent", "audit", "tail", *arguments],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell lets what it starts in the background ignore interrupts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )

    def read():
        for line in process.stdout:
            lines.put(line)

    threading.Thread(target=read, daemon=True).start()
    try:
        yield process, lines
    finally:
        process.kill()
        process.wait()


def printed(lines, count, patience=30):
    return [lines.get(timeout=patience) for _ in range(count)]


def settle(caller, lines):
    """Makes requests until the command shows one: from there on it misses nothing."""
    end = time.monotonic() + 30
    while lines.empty():
        caller.kms.list_aliases()
        time.sleep(0.2)
        assert time.monotonic() < end
    time.sleep(1.5)
    while not lines.empty():
        lines.get()


def test_the_command_prints_records_as_they_come_until_it_is_interrupted(account):
    with command(account) as (process, lines):
        settle(account, lines)
        answer = account.kms.list_keys()
        answered = time.monotonic()
        (line,) = printed(lines, 1)
        assert time.monotonic() - answered < 1
        record = json.loads(line)
        assert record == account.stack.record(answer)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) in (0, -signal.SIGINT)
        assert process.stderr.read() == ""


def test_the_command_begins_after_an_event_and_filters(account):
    key = account.key()
    first = account.stack.record(account.kms.list_keys())
    for _ in range(3):
        account.kms.describe_key(KeyId=key["KeyId"])
    account.kms.list_aliases()
    with command(account, "--from", first["eventID"], "--event-name", "DescribeKey", "--count", "3", "--short") as (process, lines):
        shown = printed(lines, 3)
        assert process.wait(10) == 0
    for line in shown:
        moment, region, name, who, resource = line.split()
        assert (region, name, who, resource) == ("us-east-1", "kms:DescribeKey", "root", f"key/{key['KeyId']}")
        assert moment.endswith("Z")


def test_the_command_says_what_is_wrong(account, abroad):
    user = account.user()
    with command(user) as (process, _):
        assert process.wait(20) == 1
        assert "AccessDeniedException" in process.stderr.read()
    env = account.stack.environment() | {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    done = subprocess.run([TARGET / "trent", "audit", "tail"], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and done.stderr.startswith("trent: http://127.0.0.1:1: ") and done.stderr.count("\n") == 1
    del env["AWS_SECRET_ACCESS_KEY"]
    done = subprocess.run([TARGET / "trent", "audit", "tail"], env=env, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (64, "trent: AWS_SECRET_ACCESS_KEY is not set\n")


def test_the_command_goes_on_after_a_restart_without_a_gap_or_a_double(stack, tmp_path):
    program = serving(stack, tmp_path).start().wait_until_ready()
    try:
        there = program.stack(stack)
        root = (there.access_key_id, there.secret_access_key)
        caller = type("Root", (), {"stack": there, "credentials": root})()
        client = there.client("kms", credentials=root)
        wanted, shown = [], []
        with command(caller, "--event-name", "ListKeys", "--username", "root", stack=there) as (_, lines):
            end = time.monotonic() + 30
            while lines.empty():
                wanted = [id_of(client.list_keys())]
                time.sleep(0.5)
                assert time.monotonic() < end
            first = json.loads(lines.get())["requestID"]
            for _ in range(2):
                wanted += [id_of(client.list_keys()) for _ in range(5)]
                # Whoever waits does not hold the end up.
                begun = time.monotonic()
                assert program.terminate() == 0
                assert time.monotonic() - begun < 8
                program.start().wait_until_ready()
                wanted += [id_of(client.list_keys()) for _ in range(5)]
            shown = [first] + [json.loads(line)["requestID"] for line in printed(lines, len(wanted) - 1)]
            time.sleep(1.5)
            assert lines.empty()
        of_others = set(shown) - set(wanted)
        assert not of_others and sorted(shown) == sorted(wanted)
    finally:
        program.kill()


def test_records_are_looked_up_by_the_command(account):
    answers = [account.kms.list_keys() for _ in range(3)]
    for answer in answers:
        account.stack.record(answer)
    env = account.stack.environment(credentials=account.credentials)
    arguments = [TARGET / "trent", "audit", "lookup", "--by", "EventName=ListKeys", "--count", "2"]
    done = subprocess.run(arguments, env=env, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    shown = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(shown) == 2 and {record["eventName"] for record in shown} == {"ListKeys"}
    assert {record["requestID"] for record in shown} <= {id_of(answer) for answer in answers}
