"""Golden records: the record of every operation of every API, done and refused, is the one that CloudTrail shows."""

import json
import re

import pytest
from conftest import REPOSITORY
from golden import FOLDER, SECRET_TEXTS, World, camel, compare, model, spellings, stored
from golden_iam import IAM, OWN, STS, TRAIL
from golden_kms import CASES as KMS
from program import get

CASES = KMS + IAM + STS + TRAIL + OWN

# What CloudTrail calls a write (KMS Developer Guide, "Logging with CloudTrail"); of IAM, what neither gets, lists nor
# simulates. STS only reads, and so does what there is of CloudTrail.
WRITES = set(
    "CancelKeyDeletion ConnectCustomKeyStore CreateAlias CreateCustomKeyStore CreateGrant CreateKey DeleteAlias DeleteCustomKeyStore "
    "DeleteImportedKeyMaterial DisableKey DisableKeyRotation DisconnectCustomKeyStore EnableKey EnableKeyRotation ImportKeyMaterial "
    "PutKeyPolicy ReplicateKey RetireGrant RevokeGrant RotateKeyOnDemand ScheduleKeyDeletion TagResource UntagResource UpdateAlias "
    "UpdateCustomKeyStore UpdateKeyDescription UpdatePrimaryRegion".split()
)
# Members of records that no shape of the service model has: CloudTrail shows the key of most writes since 2022, and
# CloudHSM clusters by a shorter name.
KMS_PARAMETERS = {"clusterId"}
KMS_ELEMENTS = {"keyId"}
GOLDEN = sorted(path.relative_to(FOLDER) for path in FOLDER.glob("*/*.json") if path.parent.name != "events")


@pytest.fixture(scope="module")
def world(stack, home):
    return World(stack, home)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_record_is_the_golden_one(world, case):
    compare(case, world.play(case))


def golden_operations(service):
    return {path.stem for path in GOLDEN if path.parent.name == service}


def documented(page, cell):
    """The operations that a page's tables list."""
    rows = [line.split("|") for line in (REPOSITORY / "docs" / page).read_text().splitlines() if line.startswith("| ")]
    found = re.findall(r"[A-Z][A-Za-z]+", " ".join(row[cell] for row in rows if len(row) > cell))
    return {name for name in found if any(name in model(service).operation_names for service in ("kms", "iam", "sts", "cloudtrail"))}


def test_every_operation_has_golden_records(stack):
    assert golden_operations("kms") == set(model("kms").operation_names)
    assert golden_operations("kms") | golden_operations("cloudtrail") == documented("api-coverage.md", 1)
    query = golden_operations("iam") | golden_operations("sts")
    assert query == documented("iam.md", 2)
    assert golden_operations("iam") <= set(model("iam").operation_names)
    assert golden_operations("sts") <= set(model("sts").operation_names)
    assert golden_operations("cloudtrail") <= set(model("cloudtrail").operation_names)
    # What the program itself says that it serves.
    (gateway, *_) = [role for role in stack.roles if role["role"] in ("gateway", "all")]
    counted = re.findall(r'^trent_requests_total\{[^}]*operation="(\w+)"', get(gateway["admin_port"], "/metrics")[1], re.M)
    assert {path.stem for path in GOLDEN} == set(counted) - {"Unknown"}


@pytest.mark.parametrize("path", GOLDEN, ids=str)
def test_each_operation_is_done_and_refused(path):
    golden = stored(FOLDER / path)
    names = [case.name for case in CASES if (case.service, case.operation) == (path.parent.name, path.stem)]
    assert sorted(golden) == sorted(names)
    records = [one for name in golden for one in (golden[name] if isinstance(golden[name], list) else [golden[name]])]
    failed = ["errorCode" in record for record in records]
    assert True in failed and (False in failed or path.stem.endswith(("CustomKeyStore", "CustomKeyStores")))
    assert {record["eventName"] for record in records} == {path.stem}


@pytest.mark.parametrize("path", [path for path in GOLDEN if path.parent.name != "trent"], ids=str)
def test_golden_records_have_the_members_of_the_service_model(path):
    service, operation = path.parent.name, path.stem
    shapes = model(service).operation_model(operation)
    reads = operation not in WRITES if service == "kms" else service == "sts" or operation.startswith(("Get", "List", "Lookup", "Simulate"))
    for name, golden in stored(FOLDER / path).items():
        for record in golden if isinstance(golden, list) else [golden]:
            assert record["readOnly"] is reads and record["eventSource"] == f"{service}.amazonaws.com", name
            check_members(record["requestParameters"], shapes.input_shape, KMS_PARAMETERS)
            check_members(record["responseElements"], shapes.output_shape, KMS_ELEMENTS if service == "kms" else set())
            assert record["responseElements"] is None or not reads or service == "sts"
            assert record["responseElements"] is None or "errorCode" not in record


def check_members(value, shape, more):
    """Every member is one of the shape's in camel case, and none is a blob or a secret."""
    if isinstance(value, dict) and (shape is None or shape.type_name == "structure"):
        members = {camel(name): member for name, member in shape.members.items()} if shape else {}
        for name, part in value.items():
            assert name in members or name in more, name
            if name in members:
                assert members[name].type_name != "blob" and name not in {camel(secret) for secret in SECRET_TEXTS}, name
                check_members(part, members[name], set())
    elif isinstance(value, list):
        for part in value:
            check_members(part, shape.member, set())


def test_no_record_holds_what_is_secret(stack, world):
    for case in CASES:
        world.play(case)
    kinds = {name for name, _ in world.secrets}
    assert {
        "Plaintext", "CiphertextBlob", "Message", "Signature", "Mac", "PublicKey", "PrivateKeyPlaintext", "PrivateKeyCiphertextBlob",
        "SharedSecret", "SharedSecretCiphertextBlob", "ImportToken", "EncryptedKeyMaterial", "key material", "GrantToken",
        "GrantTokens", "SecretAccessKey", "SessionToken", "KeyStorePassword", "RawSecretAccessKey",
    } <= kinds  # fmt: skip
    trail = json.dumps(stack.records(), ensure_ascii=False)
    assert f"user/{world.user.name}" in trail, "the search finds nothing"
    found = [name for name, secret in world.secrets if any(spelling in trail for spelling in spellings(secret))]
    assert found == []
