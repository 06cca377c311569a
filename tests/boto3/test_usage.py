"""GetUsage, `trent usage` and `trent audit recount`: requests made through boto3, counted by key, principal, operation,
error, Region and tag, exactly."""

import collections
import json
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
import raw
from botocore.exceptions import ClientError
from conftest import FORM, TARGET
from people import of_key, statement
from program import wait_for

HOUR = 3600


class Counted:
    """An account whose requests a test counts as it makes them."""

    def __init__(self, account):
        self.account, self.stack = account, account.stack
        self.begun = int(time.time()) // HOUR * HOUR
        self.expected = collections.Counter()

    def did(self, call, *, key="", by=None, operation, error="", region="us-east-1"):
        """Makes a request, which must end so, and counts it."""
        try:
            answer = call()
            assert not error
        except ClientError as refused:
            answer = None
            code = refused.response["Error"]["Code"]
            assert code.removesuffix("Exception") == error.removesuffix("Exception"), refused
        self.expected[key, by or self.account.arn, operation, error, region] += 1
        return answer

    def ask(self, by=(), granularity="TOTAL", **more):
        # The end does not move from page to page.
        body = {"StartTime": self.begun, "EndTime": self.begun + 5 * HOUR, "Granularity": granularity, "GroupBy": list(by)}
        answer = raw.own(self.stack, "GetUsage", body | more, self.account.credentials)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    def rows(self, by=(), **more):
        """Requests and errors by the values of these dimensions."""
        found = {}
        for row in self.ask(by, **more)["Rows"]:
            found[tuple(row["Group"][word] for word in by)] = (row["Requests"], row["Errors"])
        return found

    def settled(self):
        """Waits until everything that was done is counted, and compares."""
        expected = {group: (count, count if group[3] else 0) for group, count in self.expected.items() if count}
        operations = {group[2] for group in expected}

        def counted():
            # Four dimensions at most: the principals one by one. What the test did to look is not compared.
            self.found = {}
            for principal in {group[1] for group in expected}:
                rows = self.rows(["KEY", "OPERATION", "ERROR", "REGION"], Filter={"Principal": principal})
                for (key, operation, error, region), counts in rows.items():
                    if operation in operations:
                        self.found[key, principal, operation, error, region] = counts
            return sum(count for count, _ in self.found.values()) >= sum(self.expected.values())

        wait_for("counts", counted, patience=20)
        assert self.found == expected


@pytest.fixture(scope="module")
def abroad(new_account):
    """Another account, of this module alone."""
    return new_account()


@pytest.fixture(scope="module")
def history(new_account, abroad):
    """What was done in an account, by whom, on which keys."""
    account = new_account()
    counted = Counted(account)
    root = account.arn
    user = account.user(statement(["kms:Encrypt", "kms:Sign"]))
    tags = [{"TagKey": "team", "TagValue": "red"}]
    made = counted.did(lambda: account.kms.create_key(Tags=tags), operation="CreateKey")["KeyMetadata"]
    # The key's ARN was not known before.
    counted.expected.subtract({("", root, "CreateKey", "", "us-east-1"): 1})
    counted.expected[made["Arn"], root, "CreateKey", "", "us-east-1"] += 1
    there = account.client("kms", "eu-west-1")
    other = there.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    counted.expected[other["Arn"], root, "CreateKey", "", "eu-west-1"] += 1
    arn, key_id = made["Arn"], made["KeyId"]
    for _ in range(5):
        counted.did(
            lambda: user.kms.encrypt(KeyId=key_id, Plaintext=b"x"), key=arn, by=user.arn, operation="Encrypt"
        )
    for _ in range(3):
        counted.did(
            lambda: user.kms.decrypt(CiphertextBlob=b"x" * 100, KeyId=key_id),
            key=arn, by=user.arn, operation="Decrypt", error="AccessDenied",
        )  # fmt: skip
    signing = user.client("kms", "eu-west-1")
    for _ in range(2):
        counted.did(
            lambda: signing.sign(KeyId=other["KeyId"], Message=b"m", SigningAlgorithm="RSASSA_PSS_SHA_256"),
            key=other["Arn"], by=user.arn, operation="Sign", region="eu-west-1",
        )  # fmt: skip
    counted.did(
        lambda: account.kms.encrypt(KeyId=key_id, Plaintext=b"x", DryRun=True),
        key=arn, operation="Encrypt", error="DryRunOperationException",
    )  # fmt: skip
    counted.did(lambda: account.kms.generate_random(NumberOfBytes=8), operation="GenerateRandom")
    # Another account's caller: one request, a record for each, counted by both.
    account.put(made, account.everything, of_key(abroad.arn, "kms:Encrypt"))
    counted.expected[arn, root, "PutKeyPolicy", "", "us-east-1"] += 1
    before = Counted(abroad)
    before.did(lambda: abroad.kms.encrypt(KeyId=arn, Plaintext=b"x"), key=arn, operation="Encrypt")
    counted.expected[arn, abroad.id, "Encrypt", "", "us-east-1"] += 1
    counted.settled()
    return counted, user, made, other, before


def test_every_request_counts_once_by_key_principal_operation_error_and_region(history):
    counted, user, made, other, _ = history
    counted.settled()
    by_key = counted.rows(["KEY"])
    assert by_key[(other["Arn"],)] == (3, 0)
    assert by_key[(made["Arn"],)] == (1 + 5 + 3 + 1 + 1 + 1, 4)
    by_error = counted.rows(["ERROR"], Filter={"Principal": user.arn})
    assert by_error == {("",): (7, 0), ("AccessDenied",): (3, 3)}
    denied = counted.rows(["OPERATION"], Filter={"ErrorCode": "AccessDenied", "KeyId": made["Arn"]})
    assert denied == {("Decrypt",): (3, 3)}
    assert counted.rows(["REGION"], Filter={"Operation": "Sign"}) == {("eu-west-1",): (2, 0)}


def test_a_caller_of_another_account_counts_in_both_trails(history, abroad):
    counted, _, made, _, there = history
    there.settled()
    mine = counted.rows(["PRINCIPAL"], Filter={"KeyId": made["Arn"], "Operation": "Encrypt", "ErrorCode": ""})
    assert mine[(abroad.id,)] == (1, 0)
    theirs = there.rows(["PRINCIPAL"], Filter={"KeyId": made["Arn"], "Operation": "Encrypt"})
    assert theirs == {(abroad.arn,): (1, 0)}


def test_requests_are_told_by_the_tags_of_their_keys(history, abroad):
    counted, _, made, other, there = history
    by_tag = counted.rows(["TAG:team"], Filter={"Operation": "Encrypt"})
    assert by_tag == {("red",): (7, 1)}
    assert counted.rows(["TAG:team", "REGION"], Filter={"Operation": "Sign"}) == {("", "eu-west-1"): (2, 0)}
    red = counted.rows(["KEY"], Filter={"Tag": {"Key": "team", "Value": "red"}})
    assert red == {(made["Arn"],): (12, 4)}
    # Another account's tags are not theirs to see.
    assert there.rows(["TAG:team"], Filter={"KeyId": made["Arn"]}) == {("",): (1, 0)}


def test_periods_and_pages(history):
    counted, user, _, _, _ = history
    only = {"Filter": {"Principal": user.arn}}
    hours = counted.ask(["OPERATION"], "HOURLY", **only)["Rows"]
    assert all(row["End"] - row["Start"] == HOUR and row["Start"] % HOUR == 0 for row in hours)
    assert sum(row["Requests"] for row in hours) == 10
    for granularity in ("DAILY", "MONTHLY", "TOTAL"):
        rows = counted.ask(["OPERATION"], granularity, **only)["Rows"]
        assert sum(row["Requests"] for row in rows) == 10 and sum(row["Errors"] for row in rows) == 3
    whole = counted.ask(["OPERATION", "ERROR"], **only)["Rows"]
    paged, token = [], {}
    while True:
        answer = counted.ask(["OPERATION", "ERROR"], MaxResults=1, **only, **token)
        paged += answer["Rows"]
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    assert [row["Group"] for row in paged] == [row["Group"] for row in whole] and len(whole) == 3


def test_a_tag_that_changes_counts_as_at_the_end_of_the_hour(new_account):
    account = new_account()
    counted = Counted(account)
    key = account.kms.create_key(Tags=[{"TagKey": "team", "TagValue": "red"}])["KeyMetadata"]["KeyId"]
    account.kms.encrypt(KeyId=key, Plaintext=b"x")
    account.kms.tag_resource(KeyId=key, Tags=[{"TagKey": "team", "TagValue": "blue"}])
    account.kms.encrypt(KeyId=key, Plaintext=b"x")

    def told():
        rows = counted.ask(["TAG:team"], "HOURLY", Filter={"Operation": "Encrypt"})["Rows"]
        return rows if sum(row["Requests"] for row in rows) == 2 else None

    rows = wait_for("counts", told, patience=20)
    # One hour or, around its end, two: what the key was tagged with at an hour's end holds for the hour.
    assert rows[-1]["Group"] == {"TAG:team": "blue"}
    assert len(rows) > 1 or rows[0]["Requests"] == 2


def test_the_command_prints_the_same(stack, history):
    counted, user, made, _, _ = history
    arguments = ["usage", "--by", "operation", "--by", "tag:team", "--principal", user.arn, "--format", "csv"]
    env = stack.environment(credentials=counted.account.credentials)
    done = subprocess.run([TARGET / "trent", *arguments], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    expected = "OPERATION,TAG:team,REQUESTS,ERRORS\nDecrypt,red,3,3\nEncrypt,red,5,0\nSign,,2,0\n"
    assert done.stdout.replace("\r\n", "\n") == expected


def test_only_who_may_sees_usage(history):
    counted, user, _, _, _ = history
    body = {"StartTime": counted.begun, "EndTime": time.time(), "Granularity": "TOTAL"}
    answer = raw.own(counted.stack, "GetUsage", body, user.credentials)
    assert (answer.status, answer.code) == (400, "AccessDeniedException")


def recounted(stack, *arguments):
    """The end of `trent audit recount`, as the role that may read, or repair."""
    env = {"TRENT_DATA_DIR": f"{stack.directory}/data"}
    if FORM == "distributed":
        env = stack.database_as("owner" if arguments else "reader")
    command = [TARGET / "trent", "audit", "recount", *arguments]
    return subprocess.run(command, env={"PATH": "/usr/bin"} | env, capture_output=True, text=True, timeout=120)


def change(stack, sql):
    """Changes the tables behind Trent's back."""
    if FORM == "embedded":
        with sqlite3.connect(Path(stack.directory, "data", "registry.sqlite"), timeout=10) as database:
            return database.execute(sql)
    return subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-c", sql, stack.database_url], check=True)


def test_a_recount_finds_what_was_changed_and_puts_it_right(stack, history):
    counted, _, made, _, _ = history
    done = recounted(stack)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "usage is what" in done.stdout
    where = f"account = '{counted.account.id}' AND key_arn = '{made['Arn']}'"
    change(stack, f"UPDATE usage_hour SET requests = requests + 3 WHERE {where} AND operation = 'Decrypt'")
    change(stack, f"DELETE FROM usage_hour WHERE {where} AND operation = 'PutKeyPolicy'")
    change(stack, f"DELETE FROM key_event WHERE {where} AND name = 'CreateKey'")
    done = recounted(stack)
    assert done.returncode == 1, done.stdout + done.stderr
    lines = [line for line in done.stdout.splitlines() if made["Arn"] in line]
    assert any("Decrypt AccessDenied" in line and line.endswith(": 6 counted, 3 in the records") for line in lines), lines
    assert any("PutKeyPolicy" in line and line.endswith(": 0 counted, 1 in the records") for line in lines), lines
    assert any("CreateKey" in line and line.endswith("not kept") for line in lines), lines
    if FORM == "distributed":
        # Who writes the trail cannot take anything away.
        env = {"PATH": "/usr/bin"} | stack.database_as("audit")
        command = [TARGET / "trent", "audit", "recount", "--repair"]
        refused = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
        assert refused.returncode != 0 and "permission denied" in refused.stderr, refused.stderr
    done = recounted(stack, "--repair")
    assert done.returncode == 0 and "3 differences repaired" in done.stdout, done.stdout + done.stderr
    done = recounted(stack)
    assert done.returncode == 0, done.stdout + done.stderr
    counted.settled()
