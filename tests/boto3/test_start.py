"""A deployment from its first start: its root access key, restarts, another domain key, and a trail that is changed."""

import json
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import FORM, TARGET, Refused, Stack
from program import get, run, wait_for

embedded_only = pytest.mark.skipif(FORM != "embedded", reason="only the embedded form has a journal")
distributed_only = pytest.mark.skipif(FORM != "distributed", reason="only the distributed form has a database")
HOLDER = "all" if FORM == "embedded" else "policy"
CRYPTO = "all" if FORM == "embedded" else "worker"


class Own(Stack):
    """A stack of this module's own, which was given no root access key."""

    def roles_now(self):
        return json.loads(Path(self.directory, "state.json").read_text())["roles"]

    def role_pids(self, *names):
        return {role["pid"] for role in self.roles_now() if role["admin_port"] and (not names or role["role"] in names)}

    def printed(self):
        """Root access keys that any process has printed."""
        logs = "".join(log.read_text() for log in sorted(Path(self.directory).glob(f"{HOLDER}-*.log")))
        secrets = re.findall(r"^  aws_secret_access_key = (\S+)$", logs, re.M)
        return list(zip(re.findall(r"^  aws_access_key_id = (\S+)$", logs, re.M), secrets, strict=True))

    def restart(self, *names, ready=True):
        """SIGTERM for processes of these roles, or of all; then waits for those that follow."""
        old = self.role_pids(*names)
        for pid in old:
            subprocess.run(["kill", "-s", "TERM", str(pid)], check=True)
        wait_for("restart", lambda: not old & self.role_pids())
        for role in self.roles_now():
            if ready and role["admin_port"]:
                wait_for(f"ready {role['role']}", lambda port=role["admin_port"]: self.readiness(port)[0] == 200)

    def readiness(self, port):
        try:
            return get(port, "/ready")
        except OSError:
            return 0, ""


@pytest.fixture(scope="module")
def own():
    command = [TARGET / "trent-testkit", "up", "--form", FORM, "--restart"]
    command += ["--env", "TRENT_ROOT_ACCESS_KEY_ID=", "--env", "TRENT_ROOT_SECRET_ACCESS_KEY="]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        assert line, "the stack did not start"
        described = Own(json.loads(line))
        printed = described.printed()
        assert len(printed) == 1, printed
        described.access_key_id, described.secret_access_key = printed[0]
        yield described
        process.stdin.close()


def test_the_first_start_prints_a_root_access_key_once_and_it_works(own):
    assert re.fullmatch(r"AKIA[A-Z2-7]{16}", own.access_key_id)
    assert len(own.secret_access_key) == 40
    who = own.client("sts").get_caller_identity()
    assert who["Arn"] == "arn:aws:iam::123456789012:root"
    own.restart(HOLDER)
    assert len(own.printed()) == 1
    assert own.client("sts").get_caller_identity()["Arn"] == who["Arn"]


def test_the_secret_is_not_kept_in_the_clear(own):
    secret = own.secret_access_key.encode()
    if FORM == "embedded":
        files = [path for path in Path(own.directory, "data").rglob("*") if path.is_file()]
        assert any(path.name == "registry.sqlite" for path in files)
        assert not [path for path in files if secret in path.read_bytes()]
    else:
        dump = subprocess.run(["pg_dump", "--inserts", own.database_url], capture_output=True, check=True).stdout
        assert b"INSERT INTO" in dump
        assert secret not in dump and secret.hex().encode() not in dump


def test_keys_and_ciphertexts_outlive_restarts_of_everything(own):
    kms = own.client("kms")
    key = kms.create_key(Description="before")["KeyMetadata"]
    kms.create_alias(AliasName="alias/before", TargetKeyId=key["KeyId"])
    kms.tag_resource(KeyId=key["KeyId"], Tags=[{"TagKey": "a", "TagValue": "b"}])
    sealed = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"hello")["CiphertextBlob"]
    own.restart()
    kms = own.client("kms")
    assert kms.describe_key(KeyId="alias/before")["KeyMetadata"] == key
    assert kms.list_resource_tags(KeyId=key["KeyId"])["Tags"] == [{"TagKey": "a", "TagValue": "b"}]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"hello"


def test_with_another_domain_key_nothing_is_ready_and_requests_may_be_retried(own):
    kms = own.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"hello")["CiphertextBlob"]
    path = Path(own.directory, "data/keys/domain.key" if FORM == "embedded" else "secrets/domain.key")
    right = path.read_text()
    path.write_text("1 " + "ab" * 32 + "\n")
    try:
        own.restart(CRYPTO, ready=False)
        for port in [role["admin_port"] for role in own.roles_now() if role["role"] == CRYPTO]:
            # In the distributed form a worker learns it at the next check.
            text = wait_for("503", lambda port=port: not_ready(own.readiness(port)))
            assert "the domain key does not open what this deployment sealed" in text
        # Each is tried until the gateway's patience ends, so they are sent at once.
        client = own.client("kms", retries={"total_max_attempts": 1})
        calls = [lambda: client.decrypt(CiphertextBlob=sealed), lambda: client.create_key()]
        with ThreadPoolExecutor() as pool:
            for sent in [pool.submit(call) for call in calls]:
                with Refused("KMSInternalException") as refused:
                    sent.result()
                assert refused.error.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    finally:
        path.write_text(right)
        own.restart(CRYPTO)
    assert own.client("kms").decrypt(CiphertextBlob=sealed)["Plaintext"] == b"hello"


def not_ready(answer):
    """What /ready says, once it says 503 and is no longer about starting."""
    status, text = answer
    return text if status == 503 and text != "starting\n" else None


# The trail


def records_made(own, count=30):
    kms = own.client("kms")
    for _ in range(count):
        last = kms.generate_random(NumberOfBytes=4)
    own.record(last)


def test_a_whole_trail_verifies_while_it_is_written_and_after(own):
    records_made(own)
    done = own.trent("audit", "verify")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^123456789012: \d+ records$", done.stdout, re.M)
    assert re.search(r"^the trail is whole: \d+ records(; .*)?$", done.stdout, re.M)


@pytest.fixture
def stopped(own, tmp_path):
    """The journal as it is when the process has ended: a copy to change, its one segment, and its lines."""
    records_made(own)
    shutil.copytree(Path(own.directory, "data", "journal"), tmp_path / "data" / "journal")
    [segment] = (tmp_path / "data" / "journal").glob("*.jsonl")
    verify = lambda: run("audit", "verify", TRENT_DATA_DIR=str(tmp_path / "data"))
    assert verify().returncode == 0, verify().stderr
    return SimpleNamespace(segment=segment, lines=segment.read_bytes().splitlines(keepends=True), verify=verify)


def flip(lines, at):
    middle = len(lines[at]) // 2
    lines[at] = lines[at][:middle] + bytes([lines[at][middle] ^ 1]) + lines[at][middle + 1 :]


def delete(lines, at):
    del lines[at]


def swap(lines, at):
    lines[at], lines[at + 1] = lines[at + 1], lines[at]


@embedded_only
@pytest.mark.parametrize("change, word", [(flip, "broken"), (delete, "missing"), (swap, "reordered")])
def test_a_changed_journal_is_found_out(stopped, change, word):
    at = len(stopped.lines) - 8
    entry = json.loads(stopped.lines[at])
    change(stopped.lines, at)
    stopped.segment.write_bytes(b"".join(stopped.lines))
    done = stopped.verify()
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"{word} record" in done.stderr, done.stderr
    assert f"chain {entry['chain']}" in done.stderr
    assert f"sequence {entry['sequence']}" in done.stderr
    assert re.search(rf"at {re.escape(str(stopped.segment))}:{at + 1}\b", done.stderr), done.stderr


@embedded_only
def test_a_journal_whose_end_is_cut_off_is_found_out(stopped):
    entry = json.loads(stopped.lines[-3])
    stopped.segment.write_bytes(b"".join(stopped.lines[:-3]))
    done = stopped.verify()
    assert done.returncode == 1
    assert "truncated" in done.stderr and str(stopped.segment) in done.stderr, (entry["sequence"], done.stderr)


def sql(own, statement):
    done = subprocess.run(["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-c", statement, own.database_url], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


CHAIN = "chain = '123456789012'"
CHANGES = [
    (
        "another text", "broken record, chain 123456789012, sequence {0}",
        "UPDATE audit_event SET cloudtrail_json = overlay(cloudtrail_json PLACING '\\x41'::bytea FROM 80)"
        f" WHERE {CHAIN} AND sequence = {{0}}",
    ),
    (
        "another time", "broken record, chain 123456789012, sequence {0}",
        f"UPDATE audit_event SET event_time = event_time + 1 WHERE {CHAIN} AND sequence = {{0}}",
    ),
    ("deleted", "missing record, chain 123456789012, sequence {0}", f"DELETE FROM audit_event WHERE {CHAIN} AND sequence = {{0}}"),
    (
        "swapped", "reordered record, chain 123456789012, sequence {0}",
        f"UPDATE audit_event SET sequence = {{0}} + {{1}} - sequence WHERE {CHAIN} AND sequence IN ({{0}}, {{1}})",
    ),
    ("the end deleted", "truncated end, chain 123456789012, sequence {0}", f"DELETE FROM audit_event WHERE {CHAIN} AND sequence >= {{0}}"),
    (
        "another chain's", "missing record, chain 123456789012, sequence {0}",
        f"UPDATE audit_event SET chain = '210987654321' WHERE {CHAIN} AND sequence = {{0}}",
    ),
]  # fmt: skip


@distributed_only
@pytest.mark.parametrize("name, fault, statement", CHANGES, ids=[change[0] for change in CHANGES])
def test_a_changed_table_is_found_out(own, name, fault, statement):
    records_made(own)
    last = int(sql(own, f"SELECT max(sequence) FROM audit_event WHERE {CHAIN}"))
    sql(own, "CREATE TABLE kept AS SELECT * FROM audit_event")
    sql(own, statement.format(last - 8, last - 7))
    done = own.trent("audit", "verify")
    sql(own, "BEGIN; DELETE FROM audit_event; INSERT INTO audit_event SELECT * FROM kept; DROP TABLE kept; COMMIT")
    assert done.returncode == 1, done.stdout
    assert fault.format(last - 8, last - 7) in done.stderr, done.stderr
    assert done.stderr.count("\n") == 1
    assert own.trent("audit", "verify").returncode == 0
