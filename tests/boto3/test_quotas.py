"""Quotas as AWS keeps them (source texts D6, H1, H2), and the operator who changes them: `trent quota`."""

import json
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError
from conftest import FORM, TARGET, Refused, Stack
from program import get, serving, wait_for

distributed_only = pytest.mark.skipif(FORM != "distributed", reason="the embedded form has one gateway")
TOO_FAST = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."
ONCE = {"retries": {"mode": "standard", "total_max_attempts": 1}}


@pytest.fixture(scope="module")
def limited():
    """A stack that keeps request quotas, and whose key clock cannot be moved."""
    command = [TARGET / "trent-testkit", "up", "--form", FORM, "--restart"]
    command += ["--env", "TRENT_REQUEST_QUOTAS=on", "--env", "TRENT_DEV=false", "--env", "TRENT_LIFECYCLE_INTERVAL_MS=1000"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        assert line, "the stack did not start"
        yield Stack(json.loads(line))
        process.stdin.close()


@pytest.fixture(scope="module")
def account(limited):
    return limited.client("sts").get_caller_identity()["Account"]


@pytest.fixture(scope="module")
def patient(limited):
    """A client that tries again until it is its turn."""
    return limited.client("kms", retries={"mode": "standard", "max_attempts": 10})


@pytest.fixture
def quota(limited):
    """Sets quotas, and takes what was set away again."""
    made = []

    def set_quota(code, value, *scope):
        done = limited.trent("quota", "set", code, str(value), *scope)
        assert done.returncode == 0, done.stderr
        made.append((code, *scope))
        return done.stdout

    yield set_quota
    for code, *scope in set(made):
        done = limited.trent("quota", "reset", code, *scope)
        assert done.returncode == 0, done.stderr


def listed(stack, *scope):
    """What `trent quota list` says: (value, default, used, name) by code."""
    done = stack.trent("quota", "list", *scope)
    assert done.returncode == 0, done.stderr
    rows = [re.split(r" {2,}", line, maxsplit=4) for line in done.stdout.splitlines()[2:]]
    return {code: SimpleNamespace(value=value, default=default, used=used, name=name) for code, value, default, used, name in rows}


def outcomes(clients, seconds, call):
    """Calls through each client without a pause; how many succeeded, and the codes of the errors."""
    end = time.monotonic() + seconds

    def calls(client):
        done, codes = 0, []
        while time.monotonic() < end:
            try:
                call(client)
                done += 1
            except ClientError as error:
                codes.append(error.response["Error"]["Code"])
        return done, codes

    with ThreadPoolExecutor(len(clients)) as pool:
        results = list(pool.map(calls, clients))
    return sum(done for done, _ in results), {code for _, codes in results for code in codes}


def test_over_the_rate_the_answer_is_awss_and_recorded_H2(limited, quota):
    kms = limited.client("kms", **ONCE)
    quota("list-aliases-requests", 0)
    with Refused("ThrottlingException", TOO_FAST) as refused:
        kms.list_aliases(Limit=7)
    answer = refused.error.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert re.fullmatch(r"[0-9a-f-]{36}", answer["ResponseMetadata"]["RequestId"])
    record = limited.record(refused.error)
    assert (record["errorCode"], record["errorMessage"]) == ("ThrottlingException", TOO_FAST)
    assert (record["eventName"], record["eventSource"]) == ("ListAliases", "kms.amazonaws.com")
    assert (record["userIdentity"]["type"], record["requestParameters"], record["resources"]) == ("Root", {"limit": 7}, [])
    # Each operation has its own.
    kms.list_keys()
    limited.client("sts", **ONCE).get_caller_identity()


def test_events_are_looked_up_twice_a_second(limited, quota):
    # One gateway of two takes its half.
    gateways = len(limited.endpoints)
    cloudtrail = [limited.client("cloudtrail", endpoint=limited.endpoints[0], **ONCE) for _ in range(2)]
    begun = time.monotonic()
    done, codes = outcomes(cloudtrail, 4, lambda client: client.lookup_events(MaxResults=1))
    seconds = time.monotonic() - begun
    assert codes == {"ThrottlingException"}
    assert 2 / gateways * (seconds - 2) <= done <= 2 / gateways * (seconds + 2), (done, seconds)
    quota("lookup-events-requests", 0)
    with Refused("ThrottlingException", "Rate exceeded") as refused:
        cloudtrail[0].lookup_events()
    assert limited.record(refused.error)["eventSource"] == "cloudtrail.amazonaws.com"
    quota("lookup-events-requests", 1000)
    for _ in range(20):
        cloudtrail[0].lookup_events(MaxResults=1)


def test_each_second_lets_as_many_through_as_the_quota_says(limited, quota):
    quota("list-aliases-requests", 10)
    # One gateway of two takes its half.
    gateways = len(limited.endpoints)
    kms = [limited.client("kms", endpoint=limited.endpoints[0], **ONCE) for _ in range(2)]
    begun = time.monotonic()
    done, codes = outcomes(kms, 4, lambda client: client.list_aliases())
    took = time.monotonic() - begun
    rate = 10 / gateways
    assert codes == {"ThrottlingException"}
    assert rate * 3 <= done <= rate * (took + 2), (done, took)


def wait_for_gateways(limited, count):
    """Waits until every gateway of the stack knows of so many."""
    for role in limited.roles:
        if role["role"] == "gateway":
            seen = lambda port=role["admin_port"]: re.search(r"^trent_gateways (\S+)$", get(port, "/metrics")[1], re.M)  # noqa: E731
            wait_for(f"{count} gateways", lambda seen=seen: float(seen()[1]) == count)


@distributed_only
def test_gateways_share_one_limit(limited, quota):
    wait_for_gateways(limited, 2)
    quota("list-aliases-requests", 9)
    kms = [limited.client("kms", endpoint=endpoint, **ONCE) for endpoint in limited.endpoints for _ in range(2)]
    begun = time.monotonic()
    done, codes = outcomes(kms, 5, lambda client: client.list_aliases())
    took = time.monotonic() - begun
    assert codes == {"ThrottlingException"}
    assert 9 * 4 <= done <= 9 * (took + 2), (done, took)


@distributed_only
def test_shares_follow_the_gateways_that_come_and_go(limited, quota, tmp_path):
    quota("list-aliases-requests", 60)
    kms = [limited.client("kms", endpoint=limited.endpoints[0], **ONCE) for _ in range(2)]

    def is_let_through(rate):
        """Whether the first gateway lets so many through in a second; twice or half as many would not fit."""
        begun = time.monotonic()
        done, codes = outcomes(kms, 5, lambda client: client.list_aliases())
        took = time.monotonic() - begun
        assert codes == {"ThrottlingException"}
        assert rate * 4 <= done <= rate * (took + 2), (done, took)

    more = []
    try:
        for name in ("third", "fourth"):
            directory = tmp_path / name
            directory.mkdir()
            more.append(serving(limited, directory, TRENT_REQUEST_QUOTAS="on").start())
        for gateway in more:
            gateway.wait_until_ready()
        wait_for_gateways(limited, 4)
        is_let_through(60 / 4)
        # One says that it goes, the other cannot.
        assert more[0].terminate() == 0
        wait_for_gateways(limited, 3)
        more[1].kill()
        wait_for_gateways(limited, 2)
        is_let_through(60 / 2)
    finally:
        for gateway in more:
            gateway.kill()


def test_a_quota_holds_per_account_and_region_D6(limited, account, quota):
    here, there = (limited.client("kms", region=region, **ONCE) for region in ("us-east-1", "eu-west-1"))
    quota("list-keys-requests", 0, "--region", "eu-west-1")
    here.list_keys()
    with Refused("ThrottlingException", TOO_FAST):
        there.list_keys()
    # Another account's quota is none of ours; our own counts more than everybody's.
    quota("list-aliases-requests", 0, "--account", "444455556666")
    here.list_aliases()
    quota("list-aliases-requests", 0)
    with Refused("ThrottlingException"):
        here.list_aliases()
    quota("list-aliases-requests", 500, "--account", account)
    here.list_aliases()


def test_dry_runs_count_and_cryptography_counts_together(limited, patient, quota):
    key = patient.create_key()["KeyMetadata"]["KeyId"]
    kms = limited.client("kms", **ONCE)
    with Refused("DryRunOperationException"):
        kms.encrypt(KeyId=key, Plaintext=b"x", DryRun=True)
    quota("symmetric-requests", 0)
    with Refused("ThrottlingException", TOO_FAST):
        kms.encrypt(KeyId=key, Plaintext=b"x", DryRun=True)
    with Refused("ThrottlingException"):
        kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    with Refused("ThrottlingException"):
        kms.generate_random(NumberOfBytes=8)
    kms.describe_key(KeyId=key)


def test_a_throttled_request_says_nothing_of_the_key_and_a_denied_one_is_denied(limited, patient, quota):
    key = patient.create_key()["KeyMetadata"]["KeyId"]
    patient.disable_key(KeyId=key)
    kms = limited.client("kms", **ONCE)
    quota("symmetric-requests", 0)
    with Refused("ThrottlingException"):
        kms.encrypt(KeyId=key, Plaintext=b"x")
    with Refused("NotFoundException"):
        kms.encrypt(KeyId="1234abcd-12ab-34cd-56ef-1234567890ab", Plaintext=b"x")


def test_an_sdk_gets_through_by_trying_again(limited, quota):
    quota("list-key-policies-requests", 2)
    kms = limited.client("kms", retries={"mode": "standard", "max_attempts": 10})
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    for _ in range(6):
        assert kms.list_key_policies(KeyId=key)["PolicyNames"] == ["default"]


def test_what_was_throttled_is_counted_in_a_metric(limited, quota):
    quota("get-key-policy-requests", 0)
    kms = limited.client("kms", endpoint=limited.endpoints[0], **ONCE)
    serves = next(role for role in limited.roles if limited.endpoints[0].endswith(f":{role['port']}"))

    def count():
        text = get(serves["admin_port"], "/metrics")[1]
        return int(re.search(r'^trent_throttled_requests_total\{quota="get-key-policy-requests"\} (\d+)$', text, re.M)[1])

    before = count()
    key = limited.client("kms", retries={"mode": "standard", "max_attempts": 10}).create_key()["KeyMetadata"]["KeyId"]
    for _ in range(3):
        with Refused("ThrottlingException"):
            kms.get_key_policy(KeyId=key, PolicyName="default")
    assert count() == before + 3


def test_keys_per_region_H2(limited, patient, account, quota):
    patient.create_key()
    used = int(listed(limited)["keys-per-region"].used)
    quota("keys-per-region", used)
    text = f"KMS keys quota for this account in this region is {used}, current usage is {used}."
    # SDKs take it for throttling and try again.
    kms = limited.client("kms", **ONCE)
    time.sleep(1)
    with Refused("LimitExceededException", text) as refused:
        kms.create_key()
    assert limited.record(refused.error)["errorCode"] == "LimitExceededException"
    # The increase that can be requested.
    quota("keys-per-region", used + 1, "--account", account, "--region", "us-east-1")
    patient.create_key()
    assert int(listed(limited)["keys-per-region"].used) == used + 1
    limited.client("kms", region="eu-west-1", retries={"mode": "standard", "max_attempts": 10}).create_key()


def test_aliases_per_key(limited, patient, quota):
    key = patient.create_key()["KeyMetadata"]["KeyId"]
    quota("aliases-per-key", 1)
    patient.create_alias(AliasName=f"alias/one-{key}", TargetKeyId=key)
    kms = limited.client("kms", **ONCE)
    time.sleep(1)
    with Refused("LimitExceededException") as refused:
        kms.create_alias(AliasName=f"alias/two-{key}", TargetKeyId=key)
    assert refused.text == "Aliases per key quota for this account in this region is 1, current usage is 1."


def test_the_list_shows_defaults_and_values_and_changes_are_recorded(limited, account, quota):
    rows = listed(limited)
    assert (rows["keys-per-region"].value, rows["keys-per-region"].default) == ("100000", "100000")
    assert rows["symmetric-requests"].default == "100000"
    assert listed(limited, "--region", "eu-north-1")["symmetric-requests"].default == "10000"
    assert rows["grants-per-principal-per-key"].value == "none"  # H1: 500 once, no quota of AWS's any more
    assert rows["key-policy-bytes"].value == "32768" and "not adjustable" in rows["key-policy-bytes"].name
    assert quota("create-key-requests", 50, "--account", account) == f"create-key-requests is 50 for account {account}\n"
    assert listed(limited)["create-key-requests"].value == "50"
    assert listed(limited, "--account", "444455556666")["create-key-requests"].value == "5"
    record = limited.record_where(
        lambda record: record["eventName"] == "SetQuota" and record["requestParameters"]["quotaCode"] == "create-key-requests"
    )
    assert record["userIdentity"] == {"accountId": account, "invokedBy": "trent admin"}
    assert record["eventType"] == "AwsServiceEvent"
    assert record["requestParameters"]["value"] == "50" and record["recipientAccountId"] == account


def test_what_cannot_be_set_is_refused_with_the_reason(limited):
    for arguments, why in [
        (("set", "tags-per-key", "60"), "cannot be changed"),
        (("set", "nonsense", "1"), "trent quota list"),
        (("set", "keys-per-region", "1", "--account", "12"), "account '12'"),
        (("set", "keys-per-region", "1000000001"), "at most 1000000000"),
        (("reset", "keys-per-region"), "no such value"),
        (("list", "--region", "mars-1"), "mars-1"),
    ]:
        done = limited.trent("quota", *arguments)
        assert done.returncode == 1 and why in done.stderr, (arguments, done)
    assert limited.trent("quota", "set", "keys-per-region", "-1").returncode == 64


def test_the_key_clock_of_a_deployment_that_is_not_for_development_stays(limited):
    shown = limited.trent("dev", "clock")
    assert shown.returncode == 0 and shown.stdout.endswith(", as the wall clock\n"), shown
    for what in ("+30d", "-2h", "reset"):
        moved = limited.trent("dev", "clock", what)
        assert moved.returncode == 1 and "--dev" in moved.stderr, moved
    assert limited.trent("dev", "clock", "show").stdout.endswith(", as the wall clock\n")
