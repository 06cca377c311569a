"""Fixtures: one stack per run, in the form that TRENT_FORM names, and clients for it."""

import itertools
import json
import os
import subprocess
import time
import uuid
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from people import Account, Service

REPOSITORY = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")) / "debug"
FORM = os.environ.get("TRENT_FORM", "embedded")


class Stack:
    """A running Trent: endpoints, credentials, its audit trail and its key clock."""

    def __init__(self, described):
        self.__dict__.update(described)
        self.turn = itertools.cycle(self.endpoints)

    def client(self, service, region="us-east-1", credentials=None, endpoint=None, **config):
        """A boto3 client; successive clients take the gateways in turn. `credentials` may have a session token."""
        key_id, secret, *token = credentials or (self.access_key_id, self.secret_access_key)
        return boto3.client(
            service,
            endpoint_url=endpoint or next(self.turn),
            region_name=region,
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
            aws_session_token=token[0] if token else None,
            config=Config(**{"retries": {"mode": "standard", "max_attempts": 4}} | config),
        )

    def environment(self, region="us-east-1", credentials=None):
        """The environment in which an AWS tool talks to this stack."""
        key_id, secret, *token = credentials or (self.access_key_id, self.secret_access_key)
        session = {"AWS_SESSION_TOKEN": token[0]} if token else {}
        tools = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        return tools | session | {
            "AWS_ENDPOINT_URL": self.endpoints[0],
            "AWS_ACCESS_KEY_ID": key_id,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }

    def database_as(self, who):
        """The variables with which `owner`, `policy`, `audit` or `reader` comes to the database, by its certificate."""
        port = next(role["port"] for role in self.roles if role["role"] == "postgres")
        return {
            "TRENT_DATABASE_URL": f"postgres://trent_{who}@127.0.0.1:{port}/trent",
            "TRENT_DATABASE_CA_FILE": f"{self.secrets}/ca.pem",
            "TRENT_DATABASE_CERT_FILE": f"{self.secrets}/{who}.pem",
            "TRENT_DATABASE_KEY_FILE": f"{self.secrets}/{who}.key",
        }

    def bus_as(self, who):
        """The variables with which an identity comes to the bus, by its certificate."""
        return {
            "TRENT_NATS_URL": self.nats_url,
            "TRENT_NATS_CA_FILE": f"{self.secrets}/ca.pem",
            "TRENT_NATS_CERT_FILE": f"{self.secrets}/{who}.pem",
            "TRENT_NATS_KEY_FILE": f"{self.secrets}/{who}.key",
        }

    def trent(self, *arguments):
        """Runs the `trent` program against this stack: its data, or its evaluators as the operator."""
        env = os.environ | {"TRENT_DATA_DIR": f"{self.directory}/data"}
        if self.database_url and arguments[0] in ("account", "dev", "explain", "quota", "service"):
            env |= self.bus_as("admin") | {"TRENT_BUS_KEY_FILE": f"{self.secrets}/bus.key"}
        elif self.database_url:
            env |= self.database_as("reader" if arguments[0] == "audit" else "owner")
        return subprocess.run([TARGET / "trent", *arguments], env=env, capture_output=True, text=True)

    def said(self, *arguments):
        """What the `trent` program prints, JSON line by line."""
        done = self.trent(*arguments)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def advance_key_clock(self, days):
        done = self.trent("dev", "clock", f"+{days}d")
        assert done.returncode == 0, done.stderr

    def records(self, containing=""):
        """Every audit record of the trail in whose text this stands."""
        if self.form == "embedded":
            return list(self.journal(containing))
        sql = "SELECT convert_from(cloudtrail_json, 'UTF8') FROM audit_event"
        if containing:
            sql += f" WHERE position('{containing}' IN convert_from(cloudtrail_json, 'UTF8')) > 0"
        done = subprocess.run(
            ["psql", "-qXAt", "-c", sql, self.database_url], capture_output=True, text=True, check=True
        )
        return [json.loads(line) for line in done.stdout.splitlines() if line]

    def journal(self, containing=""):
        for segment in sorted(Path(self.directory, "data", "journal").glob("*.jsonl")):
            for line in segment.read_text().splitlines():
                if containing in line and "record" in (entry := json.loads(line)):
                    yield entry["record"]

    def record(self, answer):
        """The one record of an answer or a ClientError; waits until the trail has it."""
        response = answer.response if isinstance(answer, ClientError) else answer
        request_id = response["ResponseMetadata"]["RequestId"]
        return self.record_where(lambda record: record.get("requestID") == request_id, request_id)

    def copies(self, answer, accounts):
        """The records of an answer or a ClientError, one for each of these accounts, by the account."""
        response = answer.response if isinstance(answer, ClientError) else answer
        request_id = response["ResponseMetadata"]["RequestId"]
        found = self.records_where(lambda record: record.get("requestID") == request_id, len(accounts), request_id)
        copies = {record["recipientAccountId"]: record for record in found}
        assert sorted(copies) == sorted(accounts) and len(found) == len(copies), found
        return copies

    def record_where(self, matches, containing=""):
        return self.records_where(matches, 1, containing)[0]

    def records_where(self, matches, count, containing=""):
        """The so many records that match, in whose text this stands; waits until the trail has them."""
        end = time.monotonic() + 20
        while True:
            found = [record for record in self.records(containing) if matches(record)]
            if len(found) >= count:
                assert len(found) == count, found
                return found
            assert time.monotonic() < end, f"{len(found)} of {count} records in time"
            time.sleep(0.1)


@pytest.fixture(scope="session")
def stack():
    command = [TARGET / "trent-testkit", "up", "--form", FORM, "--restart"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        assert line, "the stack did not start"
        yield Stack(json.loads(line))
        process.stdin.close()


@pytest.fixture(scope="session")
def kms(stack):
    return stack.client("kms")


@pytest.fixture(scope="session")
def account(stack):
    return stack.client("sts").get_caller_identity()["Account"]


@pytest.fixture
def key(kms):
    """A new symmetric key: its metadata."""
    return kms.create_key()["KeyMetadata"]


@pytest.fixture(scope="session")
def keys(kms):
    """One key of each spec, usage and origin for the whole run; see specs.Keys."""
    from specs import Keys

    return Keys(kms)


@pytest.fixture
def alias():
    """An alias name that nobody has used."""
    return f"alias/test-{uuid.uuid4()}"


@pytest.fixture(scope="session")
def home(stack):
    """The deployment's first account."""
    return Account(stack, (stack.access_key_id, stack.secret_access_key))


@pytest.fixture(scope="session")
def new_account(stack):
    """Makes another account."""

    def make():
        (made,) = stack.said("account", "create", f"account-{uuid.uuid4().hex[:8]}")
        return Account(stack, (made["accessKeyId"], made["secretAccessKey"]))

    return make


@pytest.fixture(scope="session")
def abroad(new_account):
    """A second account."""
    return new_account()


@pytest.fixture(scope="session")
def service(stack):
    """A service principal by the first part of its name; made when it is first asked for."""
    made = {}

    def named(name):
        if name not in made:
            (given,) = stack.said("service", "create", name)
            credentials = (given["accessKeyId"], given["secretAccessKey"])
            made[name] = Service(stack, given["service"], credentials)
        return made[name]

    return named


@pytest.fixture(scope="session")
def new_user(stack):
    """Makes an IAM user with an access key: (ARN, credentials)."""
    iam = stack.client("iam")

    def make():
        name = f"user-{uuid.uuid4().hex[:12]}"
        arn = iam.create_user(UserName=name)["User"]["Arn"]
        made = iam.create_access_key(UserName=name)["AccessKey"]
        return arn, (made["AccessKeyId"], made["SecretAccessKey"])

    return make


@pytest.fixture(scope="session")
def stranger(stack, new_user):
    """A KMS client of a user whom no policy names."""
    _, credentials = new_user()
    return stack.client("kms", credentials=credentials)


class Refused:
    """`with refused("NotFoundException") as error:` — the call must fail with this code, and this message or its end."""

    def __init__(self, code, message=None, ending=""):
        self.code, self.message, self.ending, self.error = code, message, ending, None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _trace):
        assert isinstance(error, ClientError), f"expected {self.code}, got {error!r}"
        assert error.response["Error"]["Code"] == self.code, error
        if self.message is not None:
            assert error.response["Error"]["Message"] == self.message
        self.error = error
        self.text = error.response["Error"].get("Message", "")
        assert self.text.endswith(self.ending), self.text
        return True


@pytest.fixture(scope="session")
def refused():
    return Refused
