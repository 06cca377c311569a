"""Golden records: each operation's records as CloudTrail would show them, whole, one file for each operation under
`golden/`, with names in the place of what varies. The cases that make them are in golden_kms.py and golden_iam.py.

`TRENT_GOLDEN=write` writes the files anew. Whoever does so reads what has changed against the KMS Developer Guide
("Logging with CloudTrail") and the CloudTrail User Guide."""

import base64
import functools
import itertools
import json
import os
import re
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

import botocore.session
from botocore import xform_name
from botocore.exceptions import ClientError
from people import Caller, new_name, statement

FOLDER = Path(__file__).parent / "golden"
HERE, THERE = "us-east-1", "eu-west-1"
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

# What varies and has no name of its own, by its form.
FORMS = [
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "{time}"),
    (re.compile(r"[A-Z][a-z]{2} \d{1,2}, \d{4}, \d{1,2}:\d{2}:\d{2} [AP]M"), "{date}"),
    (re.compile(r"\b(AKIA|ASIA|AIDA|AROA|AGPA|ANPA)[A-Z0-9]{16,17}\b"), r"{\1}"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "{material}"),
    (re.compile(r"mrk-[0-9a-f]{32}"), "{mrk}"),
    (ID, "{uuid}"),
]

# Members that are strings and secret; blobs all are.
SECRET_TEXTS = {"GrantToken", "GrantTokens", "SecretAccessKey", "SessionToken", "KeyStorePassword", "RawSecretAccessKey"}
# Members that are no blobs and go into no record.
OMITTED = SECRET_TEXTS | {"XksProxyAuthenticationCredential", "TrustAnchorCertificate"}


class Case:
    """One request: an operation, its parameters, and the error that it comes to."""

    def __init__(self, service, operation, make, refused=None, name=None, caller="user", records=1, call=None):
        self.service, self.operation, self.make, self.refused = service, operation, make, refused
        self.name = name or refused or "success"
        self.caller, self.records, self.call = caller, records, call

    def __str__(self):
        return f"{self.operation}-{self.name}"


class Names:
    """Names for the values that vary from run to run."""

    def __init__(self):
        self.values = {}

    def give(self, value, name):
        self.values[value] = "{" + name + "}"
        return value

    def put_into(self, record):
        text = json.dumps(record)
        for value in sorted(self.values, key=len, reverse=True):
            text = text.replace(json.dumps(value)[1:-1], self.values[value])
        for form, name in FORMS:
            text = form.sub(name, text)
        return json.loads(text)


class World:
    """Callers, keys, users and whatever else the cases need."""

    def __init__(self, stack, home):
        self.stack, self.home, self.names = stack, home, Names()
        self.secrets = []
        self.played = {}
        self.names.give(home.id, "account")
        self.user = self.caller("caller", statement("*"))
        self.stranger = self.caller("stranger")
        self.grantee = self.caller("grantee")
        # Who has an access key and not its secret.
        self.forger = Caller(stack, self.user.arn, (self.user.credentials[0], "not the secret access key of anybody at all"))
        self.there = home.client("kms", THERE)

    def caller(self, name, *statements):
        user = self.home.user(*statements)
        self.names.give(user.name, name)
        self.names.give(user.credentials[0], f"access key of {name}")
        self.names.give(self.home.iam.get_user(UserName=user.name)["User"]["UserId"], f"id of {name}")
        return user

    def named(self, kind):
        """A name that nobody has used, which records show as its kind."""
        return self.names.give(new_name(kind.replace(" ", "-")), kind)

    def canary(self):
        """Bytes that no record may hold."""
        return f"canary-{uuid.uuid4()}".encode()

    def key(self, name="key", **given):
        """A new key of the account."""
        return self.learned(self.home.kms.create_key(**given)["KeyMetadata"], name)

    def learned(self, metadata, name="key"):
        """A key with its id and material named."""
        self.names.give(metadata["KeyId"], name)
        if "CurrentKeyMaterialId" in metadata:
            self.names.give(metadata["CurrentKeyMaterialId"], f"material of {name}")
        return SimpleNamespace(id=metadata["KeyId"], arn=metadata["Arn"], metadata=metadata)

    @functools.cached_property
    def symmetric(self):
        """A key that stays as it is; so do those of the other kinds."""
        return self.key()

    @functools.cached_property
    def other(self):
        return self.key("other key")

    @functools.cached_property
    def signing(self):
        return self.key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")

    @functools.cached_property
    def mac(self):
        return self.key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")

    @functools.cached_property
    def agreeing(self):
        return self.key(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")

    @functools.cached_property
    def kem(self):
        return self.key(KeySpec="ML_KEM_512", KeyUsage="ENCAPSULATE_DECAPSULATE")

    def play(self, case):
        """What the request was answered with, and its records, with names."""
        if str(case) not in self.played:
            self.played[str(case)] = self.send(case)
        return self.played[str(case)]

    def send(self, case):
        caller = getattr(self, case.caller)
        given = case.make(self)
        self.secrets += secrets(given)
        try:
            if case.call:
                answer = case.call(self, caller, given)
            else:
                answer = getattr(caller.client(case.service), xform_name(case.operation))(**given)
            code = None
        except ClientError as error:
            answer, code = error.response, error.response["Error"]["Code"]
        assert code == case.refused, answer
        self.secrets += secrets(answer)
        self.harvest(answer)
        request_id = answer["ResponseMetadata"]["RequestId"]
        found = self.stack.records_where(lambda record: record.get("requestID") == request_id, case.records, request_id)
        found.sort(key=lambda record: record["awsRegion"] != HERE)
        check_given(case, given, found[0])
        return [self.normal(record, request_id) for record in found]

    def harvest(self, answer):
        """Names what an answer has made."""
        for member in ("KeyMetadata", "ReplicaKeyMetadata"):
            made = answer.get(member)
            if made and made["KeyId"] not in self.names.values:
                self.learned(made, "new key")
        for member, name in (("GrantId", "grant"), ("KeyMaterialId", "material")):
            if answer.get(member) and answer[member] not in self.names.values:
                self.names.give(answer[member], name)

    def normal(self, record, request_id):
        """A record with names, once what is named is what it must be."""
        assert ID.fullmatch(record["eventID"]) and record["eventID"] != request_id
        at = datetime.strptime(record["eventTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
        assert abs(datetime.now(timezone.utc) - at) < timedelta(minutes=5), record["eventTime"]
        assert record["userAgent"].startswith(("Boto3/", "golden")), record["userAgent"]
        named = {"requestID": "{request}", "eventID": "{event}", "userAgent": "{agent}"}
        return self.names.put_into(record | named)


def camel(name):
    return name[0].lower() + name[1:]


def check_given(case, given, record):
    """Everything that the request gave stands in its record, but for secrets."""
    if record["requestParameters"] is None or case.call:
        return
    shape = model(case.service).operation_model(case.operation).input_shape
    for name, value in given.items():
        member = shape.members[name]
        if member.type_name == "blob" or name in OMITTED:
            assert camel(name) not in record["requestParameters"], name
        elif member.type_name in ("string", "integer", "boolean") and name != "CloudHsmClusterId":
            assert record["requestParameters"][camel(name)] == value, name


def secrets(value, name=""):
    """Blobs and secret strings of a request or an answer."""
    if isinstance(value, dict):
        return list(itertools.chain.from_iterable(secrets(part, name) for name, part in value.items()))
    if isinstance(value, list):
        return list(itertools.chain.from_iterable(secrets(part, name) for part in value))
    if isinstance(value, bytes) and len(value) >= 8:
        return [(name, value)]
    if isinstance(value, str) and name in SECRET_TEXTS:
        return [(name, value.encode())]
    return []


def spellings(secret):
    """The beginnings of a secret as text, base64 and hex."""
    head = secret[:30]
    found = {base64.b64encode(head).decode().rstrip("=")[:-1], base64.urlsafe_b64encode(head).decode().rstrip("=")[:-1], head.hex()}
    if head.isascii() and head.decode().isprintable():
        found.add(head.decode())
    return found


@functools.cache
def model(service):
    return botocore.session.get_session().get_service_model(service)


def path_of(case):
    return FOLDER / case.service / f"{case.operation}.json"


def stored(path):
    return json.loads(path.read_text()) if path.exists() else {}


def compare(case, records):
    """The records of a case must be the golden ones."""
    compare_stored(path_of(case), case.name, records[0] if case.records == 1 else records)


def compare_stored(path, name, got):
    """What was recorded must be what is stored under this name; or it is stored."""
    golden = stored(path)
    if os.environ.get("TRENT_GOLDEN") == "write":
        golden[name] = got
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(golden, indent=2, ensure_ascii=False) + "\n")
    assert name in golden, f"{path} has no record {name}"
    assert got == golden[name]
