"""Audit records of what Trent does by itself and what operators do: golden records under golden/events/."""

import json
import secrets
import uuid
from datetime import timedelta

import pytest
from golden import FOLDER, HERE, ID, THERE, World, compare_stored
from golden_kms import OAEP, TAGS, family
from program import wait_for
from test_import import wrap
from test_seed import seeding, symmetric  # noqa: F401


@pytest.fixture(scope="module")
def world(stack, home):
    yield World(stack, home)
    # Other tests have the same stack, and keep to the wall clock.
    done = stack.trent("dev", "clock", "reset")
    assert done.returncode == 0, done.stderr


def check(world, name, event, arn, stack=None, **more):
    """The one event about a key that is in this golden record, which is also its file's name."""
    record = (stack or world.stack).record_where(
        lambda record: record["eventName"] == event
        and record["eventType"] == "AwsServiceEvent"
        and record["awsRegion"] == arn.split(":")[3]
        and arn in [one["ARN"] for one in record.get("resources", [])],
        arn.rpartition("/")[2],
    )
    assert "requestID" not in record and ID.fullmatch(record["eventID"])
    named = world.names.put_into(record | {"eventID": "{event}"})
    compare_stored(FOLDER / "events" / f"{event}.json", name, named)
    return record


def current(world, key):
    return world.home.kms.describe_key(KeyId=key.id)["KeyMetadata"]["CurrentKeyMaterialId"]


def test_rotations(world):
    key = world.key()
    world.home.kms.rotate_key_on_demand(KeyId=key.id)
    world.names.give(current(world, key), "new material")
    check(world, "on demand", "RotateKey", key.arn)
    due = world.key()
    world.home.kms.enable_key_rotation(KeyId=due.id, RotationPeriodInDays=90)
    world.stack.advance_key_clock(91)
    first = due.metadata["CurrentKeyMaterialId"]
    wait_for("rotation", lambda: current(world, due) != first)
    world.names.give(current(world, due), "new material")
    check(world, "automatic", "RotateKey", due.arn)


def test_the_rotation_of_imported_material(world):
    key = world.key(Origin="EXTERNAL")
    kms = world.home.kms
    for name, more in (("material of key", {}), ("new material", {"ImportType": "NEW_KEY_MATERIAL"})):
        parameters = kms.get_parameters_for_import(KeyId=key.id, **OAEP)
        made = kms.import_key_material(
            KeyId=key.id,
            ImportToken=parameters["ImportToken"],
            EncryptedKeyMaterial=wrap(parameters, OAEP["WrappingAlgorithm"], secrets.token_bytes(32)),
            ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
            **more,
        )
        world.names.give(made["KeyMaterialId"], name)
    kms.rotate_key_on_demand(KeyId=key.id)
    check(world, "of imported material", "RotateKey", key.arn)


def test_the_end_of_a_key_and_of_imported_material(world):
    kms = world.home.kms
    key, external = world.key(), world.key(Origin="EXTERNAL")
    parameters = kms.get_parameters_for_import(KeyId=external.id, **OAEP)
    made = kms.import_key_material(
        KeyId=external.id,
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=wrap(parameters, OAEP["WrappingAlgorithm"], secrets.token_bytes(32)),
        ValidTo=parameters["ParametersValidTo"] + timedelta(days=3),
    )
    world.names.give(made["KeyMaterialId"], "material")
    kms.schedule_key_deletion(KeyId=key.id, PendingWindowInDays=7)
    world.stack.advance_key_clock(8)
    check(world, "success", "DeleteKey", key.arn)
    check(world, "success", "DeleteExpiredKeyMaterial", external.arn)


def test_a_replica_and_what_is_synchronized(world):
    key = world.key(MultiRegion=True, KeySpec="ECC_NIST_P384", KeyUsage="SIGN_VERIFY")
    there = key.arn.replace(HERE, THERE)
    world.home.kms.replicate_key(KeyId=key.id, ReplicaRegion=THERE, Tags=TAGS)
    made = check(world, "of a replica", "CreateKey", there)
    assert made["awsRegion"] == THERE
    check(world, "success", "SynchronizeMultiRegionKey", key.arn)


def test_the_rotation_of_a_family_is_one_and_so_is_its_synchronization(world):
    key = family(world)
    synchronized = lambda record: record["eventName"] == "SynchronizeMultiRegionKey"  # noqa: E731
    world.home.kms.rotate_key_on_demand(KeyId=key.id)
    about = world.stack.records_where(synchronized, 2, key.id)
    assert {record["resources"][0]["ARN"] for record in about} == {key.arn}
    rotated = world.stack.records_where(lambda record: record["eventName"] == "RotateKey", 1, key.id)
    assert rotated[0]["serviceEventDetails"]["previousKeyMaterialId"] == key.metadata["CurrentKeyMaterialId"]


def test_another_primary_region_synchronizes_the_new_primary(world):
    key = family(world)
    world.home.kms.update_primary_region(KeyId=key.id, PrimaryRegion=THERE)
    about = world.stack.records_where(lambda record: record["eventName"] == "SynchronizeMultiRegionKey", 2, key.id)
    assert {record["awsRegion"] for record in about} == {HERE, THERE}


def test_an_aws_managed_key(world, new_account):
    account = new_account()
    world.names.give(account.id, "new account")
    key = world.learned(account.kms.describe_key(KeyId="alias/aws/ebs")["KeyMetadata"])
    check(world, "of an AWS managed key", "CreateKey", key.arn)
    check(world, "of an AWS managed key", "CreateAlias", key.arn)


def test_a_seeded_key_and_its_alias(world, stack, seeding):  # noqa: F811
    key_id, alias = str(uuid.uuid4()), f"alias/seeded-{uuid.uuid4()}"
    lines = f"        Tags: {{team: a}}\nAliases:\n  - AliasName: {alias}\n    TargetKeyId: {key_id}\n"
    program = seeding.program(symmetric(key_id, [secrets.token_hex(32)], lines))
    key = seeding.client(program).describe_key(KeyId=key_id)["KeyMetadata"]
    world.names.give(key["AWSAccountId"], "account")
    world.names.give(alias, "alias")
    world.learned(key)
    trail = seeding.trail(program)
    check(world, "success", "ImportSeedKey", key["Arn"], trail)
    check(world, "success", "ImportSeedAlias", key["Arn"], trail)


def test_what_an_operator_does(world, stack):
    """Whoever has the deployment in hand signs nothing; the records say so."""
    name = f"golden-{uuid.uuid4().hex[:8]}"
    stack.said("service", "create", name)
    record = stack.record_where(lambda record: record["eventName"] == "CreateService" and name in json.dumps(record), name)
    assert record["userIdentity"]["invokedBy"] == record["sourceIPAddress"] == record["userAgent"] == "trent admin"
    assert record["eventType"] == "AwsServiceEvent" and "requestID" not in record
