"""Multi-Region keys; the numbers are the rows of the source texts."""

import os
import time

import pytest

from test_import import import_material

HERE, THERE, ELSEWHERE = "us-east-1", "eu-west-1", "ap-southeast-2"


@pytest.fixture(scope="module")
def there(stack):
    return stack.client("kms", region=THERE)


@pytest.fixture(scope="module")
def elsewhere(stack):
    return stack.client("kms", region=ELSEWHERE)


@pytest.fixture
def primary(kms):
    return kms.create_key(MultiRegion=True, Description="primary")["KeyMetadata"]


def wait_for(client, key_id, state="Enabled", patience=60):
    end = time.monotonic() + patience
    while True:
        metadata = client.describe_key(KeyId=key_id)["KeyMetadata"]
        if metadata["KeyState"] == state:
            return metadata
        assert time.monotonic() < end, metadata["KeyState"]
        time.sleep(0.1)


def replicate(kms, there, primary, region=THERE, **more):
    answer = kms.replicate_key(KeyId=primary["KeyId"], ReplicaRegion=region, **more)
    wait_for(there, primary["KeyId"], "Enabled" if primary["Origin"] == "AWS_KMS" else "PendingImport")
    return answer


def test_a_primary_key_shows_its_family(primary):
    assert primary["KeyId"].startswith("mrk-") and primary["MultiRegion"] is True
    assert primary["MultiRegionConfiguration"] == {
        "MultiRegionKeyType": "PRIMARY",
        "PrimaryKey": {"Arn": primary["Arn"], "Region": HERE},
        "ReplicaKeys": [],
    }


def test_e3_a_replica_has_the_same_id_and_material_and_its_own_settings(kms, there, stack, primary):
    answer = replicate(
        kms, there, primary, Description="replica", Tags=[{"TagKey": "where", "TagValue": "there"}]
    )
    made = answer["ReplicaKeyMetadata"]
    assert (made["KeyState"], made["Enabled"], made["KeyId"]) == ("Creating", False, primary["KeyId"])
    assert answer["ReplicaTags"] == [{"TagKey": "where", "TagValue": "there"}]
    replica = there.describe_key(KeyId=primary["KeyId"])["KeyMetadata"]
    assert (replica["Description"], replica["CurrentKeyMaterialId"]) == ("replica", primary["CurrentKeyMaterialId"])
    family = {
        "PrimaryKey": {"Arn": primary["Arn"], "Region": HERE},
        "ReplicaKeys": [{"Arn": replica["Arn"], "Region": THERE}],
    }
    assert replica["MultiRegionConfiguration"] == {"MultiRegionKeyType": "REPLICA"} | family
    mine = kms.describe_key(KeyId=primary["KeyId"])["KeyMetadata"]
    assert mine["MultiRegionConfiguration"] == {"MultiRegionKeyType": "PRIMARY"} | family
    assert kms.list_resource_tags(KeyId=primary["KeyId"])["Tags"] == []
    blob = kms.encrypt(KeyId=primary["KeyId"], Plaintext=b"here")["CiphertextBlob"]
    opened = there.decrypt(CiphertextBlob=blob)
    assert (opened["Plaintext"], opened["KeyId"]) == (b"here", replica["Arn"])
    back = there.encrypt(KeyId=primary["KeyId"], Plaintext=b"there")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=back)["Plaintext"] == b"there"
    there.disable_key(KeyId=primary["KeyId"])
    assert kms.describe_key(KeyId=primary["KeyId"])["KeyMetadata"]["Enabled"] is True
    record = stack.record(answer)
    assert record["requestParameters"]["replicaRegion"] == THERE
    assert record["responseElements"]["replicaKeyMetadata"]["keyState"] == "Creating"
    assert record["resources"][0]["ARN"] == primary["Arn"]
    created = stack.record_where(
        lambda r: r["eventName"] == "CreateKey" and replica["Arn"] in [one["ARN"] for one in r["resources"]]
    )
    assert created["awsRegion"] == THERE


def test_a_single_region_ciphertext_is_good_in_its_region_only(kms, there, key, refused):
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    with refused("AccessDeniedException"):
        there.decrypt(CiphertextBlob=blob)


@pytest.mark.parametrize(
    ("spec", "usage"),
    [("ECC_NIST_P256", "SIGN_VERIFY"), ("HMAC_256", "GENERATE_VERIFY_MAC"), ("RSA_2048", "ENCRYPT_DECRYPT")],
)
def test_replicas_of_other_keys_work_alike(kms, there, spec, usage):
    primary = kms.create_key(MultiRegion=True, KeySpec=spec, KeyUsage=usage)["KeyMetadata"]
    replicate(kms, there, primary)
    key_id = primary["KeyId"]
    if usage == "SIGN_VERIFY":
        signature = kms.sign(KeyId=key_id, Message=b"m", SigningAlgorithm="ECDSA_SHA_256")["Signature"]
        assert there.verify(
            KeyId=key_id, Message=b"m", Signature=signature, SigningAlgorithm="ECDSA_SHA_256"
        )["SignatureValid"]
        assert kms.get_public_key(KeyId=key_id)["PublicKey"] == there.get_public_key(KeyId=key_id)["PublicKey"]
    elif usage == "GENERATE_VERIFY_MAC":
        mac = kms.generate_mac(KeyId=key_id, Message=b"m", MacAlgorithm="HMAC_SHA_256")["Mac"]
        assert there.verify_mac(KeyId=key_id, Message=b"m", Mac=mac, MacAlgorithm="HMAC_SHA_256")["MacValid"]
    else:
        options = {"KeyId": key_id, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
        blob = kms.encrypt(Plaintext=b"x", **options)["CiphertextBlob"]
        assert there.decrypt(CiphertextBlob=blob, **options)["Plaintext"] == b"x"


def test_what_cannot_be_replicated(kms, there, key, primary, refused):
    with refused("UnsupportedOperationException"):
        kms.replicate_key(KeyId=key["KeyId"], ReplicaRegion=THERE)
    with refused("UnsupportedOperationException"):
        kms.replicate_key(KeyId=primary["KeyId"], ReplicaRegion="xx-nowhere-9")
    with refused("ValidationException"):
        kms.replicate_key(KeyId=primary["KeyId"], ReplicaRegion="Ireland")
    with refused("AlreadyExistsException"):
        kms.replicate_key(KeyId=primary["KeyId"], ReplicaRegion=HERE)
    replicate(kms, there, primary)
    with refused("AlreadyExistsException"):
        kms.replicate_key(KeyId=primary["KeyId"], ReplicaRegion=THERE)
    with refused("UnsupportedOperationException"):
        there.replicate_key(KeyId=primary["KeyId"], ReplicaRegion=ELSEWHERE)
    kms.disable_key(KeyId=primary["KeyId"])
    with refused("DisabledException"):
        kms.replicate_key(KeyId=primary["KeyId"], ReplicaRegion=ELSEWHERE)
    with refused("MalformedPolicyDocumentException"):
        kms.enable_key(KeyId=primary["KeyId"])
        kms.replicate_key(KeyId=primary["KeyId"], ReplicaRegion=ELSEWHERE, Policy="{}")


def test_rotation_is_shared_and_set_on_the_primary(kms, there, stack, primary, refused):
    replicate(kms, there, primary)
    key_id = primary["KeyId"]
    kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=200)
    assert there.get_key_rotation_status(KeyId=key_id)["RotationPeriodInDays"] == 200
    for operation in (there.enable_key_rotation, there.disable_key_rotation, there.rotate_key_on_demand):
        with refused("UnsupportedOperationException"):
            operation(KeyId=key_id)
    old = there.encrypt(KeyId=key_id, Plaintext=b"old")["CiphertextBlob"]
    kms.rotate_key_on_demand(KeyId=key_id)
    here_now = kms.describe_key(KeyId=key_id)["KeyMetadata"]["CurrentKeyMaterialId"]
    there_now = there.describe_key(KeyId=key_id)["KeyMetadata"]["CurrentKeyMaterialId"]
    assert here_now == there_now != primary["CurrentKeyMaterialId"]
    new = there.encrypt(KeyId=key_id, Plaintext=b"new")["CiphertextBlob"]
    assert [kms.decrypt(CiphertextBlob=blob)["Plaintext"] for blob in (old, new)] == [b"old", b"new"]
    end = time.monotonic() + 20
    while True:
        synchronized = [
            r for r in stack.records()
            if r["eventName"] == "SynchronizeMultiRegionKey" and r["resources"][0]["ARN"] == primary["Arn"]
        ]
        if len(synchronized) == 2:
            break
        assert time.monotonic() < end, synchronized
        time.sleep(0.1)
    assert {record["awsRegion"] for record in synchronized} == {HERE}


def test_another_region_becomes_the_primary(kms, there, primary, refused):
    key_id = primary["KeyId"]
    with refused("NotFoundException"):
        kms.update_primary_region(KeyId=key_id, PrimaryRegion=THERE)
    replicate(kms, there, primary)
    with refused("UnsupportedOperationException"):
        kms.update_primary_region(KeyId=key_id, PrimaryRegion=HERE)
    kms.update_primary_region(KeyId=key_id, PrimaryRegion=THERE)
    assert wait_for(there, key_id)["MultiRegionConfiguration"]["MultiRegionKeyType"] == "PRIMARY"
    assert wait_for(kms, key_id)["MultiRegionConfiguration"]["MultiRegionKeyType"] == "REPLICA"
    with refused("UnsupportedOperationException"):
        kms.rotate_key_on_demand(KeyId=key_id)
    there.rotate_key_on_demand(KeyId=key_id)
    there.update_primary_region(KeyId=key_id, PrimaryRegion=HERE)
    assert wait_for(kms, key_id)["MultiRegionConfiguration"]["MultiRegionKeyType"] == "PRIMARY"


def test_a_key_is_used_while_its_primary_region_changes(kms, there, primary, refused):
    key_id = primary["KeyId"]
    replicate(kms, there, primary)
    kms.update_primary_region(KeyId=key_id, PrimaryRegion=THERE)
    if kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "Updating":
        kms.encrypt(KeyId=key_id, Plaintext=b"x")
    wait_for(kms, key_id)


def test_a_primary_waits_for_its_replicas(kms, there, stack, primary):
    key_id = primary["KeyId"]
    replicate(kms, there, primary)
    answer = kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=8)
    assert (answer["KeyState"], answer["PendingWindowInDays"]) == ("PendingReplicaDeletion", 8)
    assert "DeletionDate" not in answer
    metadata = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    assert (metadata["KeyState"], metadata["PendingDeletionWindowInDays"]) == ("PendingReplicaDeletion", 8)
    assert "deletionDate" not in stack.record(answer)["responseElements"]
    there.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    stack.advance_key_clock(7)
    metadata = wait_for(kms, key_id, "PendingDeletion", 90)
    assert "PendingDeletionWindowInDays" not in metadata
    assert metadata["MultiRegionConfiguration"]["ReplicaKeys"] == []
    assert metadata["DeletionDate"] is not None
    kms.cancel_key_deletion(KeyId=key_id)
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "Disabled"
    kms.enable_key(KeyId=key_id)
    replicate(kms, there, primary)


def test_f5_replicas_of_imported_keys_need_the_same_material(kms, there, refused):
    primary = kms.create_key(MultiRegion=True, Origin="EXTERNAL")["KeyMetadata"]
    key_id, material = primary["KeyId"], os.urandom(32)
    with refused("KMSInvalidStateException"):
        kms.replicate_key(KeyId=key_id, ReplicaRegion=THERE)
    first = import_material(kms, key_id, material)["KeyMaterialId"]
    replicate(kms, there, primary)
    assert there.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "PendingImport"
    with refused("IncorrectKeyMaterialException"):
        import_material(there, key_id, os.urandom(32))
    assert import_material(there, key_id, material)["KeyMaterialId"] == first
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    assert there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    second = os.urandom(32)
    import_material(kms, key_id, second, ImportType="NEW_KEY_MATERIAL")

    def pending(client):
        listed = client.list_key_rotations(KeyId=key_id, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
        return listed[-1]["KeyMaterialState"]

    assert pending(kms) == "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
    with refused("KMSInvalidStateException"):
        kms.rotate_key_on_demand(KeyId=key_id)
    import_material(there, key_id, second)
    assert pending(kms) == pending(there) == "PENDING_ROTATION"
    kms.rotate_key_on_demand(KeyId=key_id)
    assert pending(there) == "CURRENT"
    assert there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
