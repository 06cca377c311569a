"""Aliases (source texts A5, A6, A7)."""

import uuid

import pytest


def test_an_alias_is_listed_with_its_key(kms, key, alias):
    kms.create_alias(AliasName=alias, TargetKeyId=key["Arn"])
    (listed,) = kms.list_aliases(KeyId=key["KeyId"])["Aliases"]
    assert listed["AliasName"] == alias and listed["TargetKeyId"] == key["KeyId"]
    assert listed["AliasArn"] == key["Arn"].split(":key/")[0] + ":" + alias
    assert listed["CreationDate"] == listed["LastUpdatedDate"]
    assert kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"] == key["KeyId"]


def test_a6_an_alias_can_be_moved_to_another_key(kms, key, alias):
    other = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    before = kms.encrypt(KeyId=alias, Plaintext=b"x")
    kms.update_alias(AliasName=alias, TargetKeyId=other["KeyId"])
    after = kms.encrypt(KeyId=alias, Plaintext=b"x")
    assert (before["KeyId"], after["KeyId"]) == (key["Arn"], other["Arn"])
    assert kms.decrypt(CiphertextBlob=before["CiphertextBlob"])["Plaintext"] == b"x"
    assert kms.list_aliases(KeyId=key["KeyId"])["Aliases"] == []


def test_a_name_is_taken_once(kms, key, alias, refused):
    kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    arn = key["Arn"].split(":key/")[0] + ":" + alias
    with refused("AlreadyExistsException", f"An alias with the name {arn} already exists"):
        kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])


def test_a_deleted_alias_is_gone_and_its_key_is_not(kms, key, alias, refused):
    kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    kms.delete_alias(AliasName=alias)
    arn = key["Arn"].split(":key/")[0] + ":" + alias
    with refused("NotFoundException", f"Alias {arn} is not found."):
        kms.encrypt(KeyId=alias, Plaintext=b"x")
    with refused("NotFoundException", f"Alias {arn} is not found."):
        kms.delete_alias(AliasName=alias)
    with refused("NotFoundException", f"Alias {arn} is not found."):
        kms.update_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")


@pytest.mark.parametrize(
    "name, code",
    [
        ("no-prefix", "ValidationException"),
        ("alias/with space", "ValidationException"),
        ("alias/aws/mine", "NotAuthorizedException"),
        ("alias/" + "x" * 251, "ValidationException"),
    ],
)
def test_names_that_are_not_aliases(kms, key, refused, name, code):
    with refused(code):
        kms.create_alias(AliasName=name, TargetKeyId=key["KeyId"])


def test_aliases_are_case_sensitive(kms, key, alias, refused):
    kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    with refused("NotFoundException"):
        kms.describe_key(KeyId=alias.replace("test", "Test"))


def test_an_alias_of_an_alias_is_refused(kms, key, alias, refused):
    kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    with refused("ValidationException", "Aliases must refer to keys. Not aliases"):
        kms.create_alias(AliasName=f"{alias}-2", TargetKeyId=alias)


def test_a_key_has_at_most_fifty_aliases(kms, key, refused):
    for number in range(50):
        kms.create_alias(AliasName=f"alias/{uuid.uuid4()}", TargetKeyId=key["KeyId"])
    with refused("LimitExceededException") as error:
        kms.create_alias(AliasName=f"alias/{uuid.uuid4()}", TargetKeyId=key["KeyId"])
    assert error.text == "Aliases per key quota for this account in this region is 50, current usage is 50."


def test_list_aliases_pages(stack, refused):
    kms = stack.client("kms", region="eu-south-1")
    target = kms.create_key()["KeyMetadata"]["KeyId"]
    made = {f"alias/page-{uuid.uuid4()}" for _ in range(7)}
    for name in made:
        kms.create_alias(AliasName=name, TargetKeyId=target)
    seen = [
        entry["AliasName"]
        for page in kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 3})
        for entry in page["Aliases"]
    ]
    assert made <= set(seen) and len(seen) == len(set(seen))
    marker = kms.list_aliases(Limit=1)["NextMarker"]
    with refused("InvalidMarkerException"):
        stack.client("kms").list_aliases(Marker=marker)


def test_aliases_of_a_key_that_is_not_there(kms, key, refused):
    assert kms.list_aliases(KeyId=key["Arn"])["Aliases"] == []
    unknown = key["Arn"].replace(key["KeyId"], str(uuid.uuid4()))
    for name in (unknown, unknown.split("/")[1]):
        with refused("NotFoundException", f"Key '{unknown}' does not exist"):
            kms.list_aliases(KeyId=name)


def test_a7_a_customer_alias_works_in_decrypt(kms, key, alias):
    kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    sealed = kms.encrypt(KeyId=alias, Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(KeyId=alias, CiphertextBlob=sealed)["Plaintext"] == b"x"


def test_an_alias_moves_between_keys_of_one_type_and_usage(kms, alias, refused):
    def new(spec, usage):
        # Keys without material are made at once, whatever their spec.
        return kms.create_key(KeySpec=spec, KeyUsage=usage, Origin="EXTERNAL")["KeyMetadata"]["KeyId"]

    kms.create_alias(AliasName=alias, TargetKeyId=new("RSA_2048", "SIGN_VERIFY"))
    for spec in ("RSA_4096", "ECC_NIST_P256"):
        other = new(spec, "SIGN_VERIFY")
        kms.update_alias(AliasName=alias, TargetKeyId=other)
        assert kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"] == other
    unfit = [("RSA_2048", "ENCRYPT_DECRYPT"), ("ECC_NIST_P256", "KEY_AGREEMENT"), ("HMAC_256", "GENERATE_VERIFY_MAC")]
    for spec, usage in unfit + [("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")]:
        with refused("ValidationException"):
            kms.update_alias(AliasName=alias, TargetKeyId=new(spec, usage))
    kms.update_alias(AliasName=alias, TargetKeyId=new("RSA_2048", "SIGN_VERIFY"))
    kms.delete_alias(AliasName=alias)
    kms.create_alias(AliasName=alias, TargetKeyId=new("RSA_2048", "ENCRYPT_DECRYPT"))
    with refused("ValidationException"):
        kms.update_alias(AliasName=alias, TargetKeyId=new("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"))
