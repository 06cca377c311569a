"""Three Regions and two accounts: what each account has in each Region is its own."""

import itertools

import pytest
from people import document, of_key, statement, trusting

REGIONS = ["us-east-1", "eu-west-1", "ap-southeast-2"]


@pytest.fixture(scope="module")
def keys(home, abroad):
    """(account, Region) → a key with an alias of the same name everywhere."""
    made = {}
    for account, region in itertools.product((home, abroad), REGIONS):
        made[account, region] = account.key(region=region)
        account.client("kms", region).create_alias(
            AliasName="alias/of-every-region", TargetKeyId=made[account, region]["KeyId"]
        )
    yield made
    for account, region in made:
        account.client("kms", region).delete_alias(AliasName="alias/of-every-region")


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("side", ["home", "abroad"])
def test_an_account_in_a_region(request, keys, refused, side, region):
    account = request.getfixturevalue(side)
    key = keys[account, region]
    assert key["Arn"] == f"arn:aws:kms:{region}:{account.id}:key/{key['KeyId']}"
    there = f"arn:aws:kms:{region}:{account.id}:*"
    user = account.user(statement(["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"], there))
    session = user.assume(account.role(trusting(user.arn), statement("kms:Encrypt", there)))
    root, kms = account.client("kms", region), user.client("kms", region)
    sealed = kms.encrypt(KeyId="alias/of-every-region", Plaintext=b"x")
    assert sealed["KeyId"] == key["Arn"]
    assert kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"])["Plaintext"] == b"x"
    assert session.client("kms", region).encrypt(KeyId=key["Arn"], Plaintext=b"x")["KeyId"] == key["Arn"]
    assert [one["TargetKeyId"] for one in root.list_aliases(KeyId=key["KeyId"])["Aliases"]] == [key["KeyId"]]
    for other in REGIONS:
        if other == region:
            continue
        elsewhere = user.client("kms", other)
        with refused("AccessDeniedException"):
            elsewhere.encrypt(KeyId="alias/of-every-region", Plaintext=b"x")
        with refused("NotFoundException"):
            account.client("kms", other).describe_key(KeyId=key["KeyId"])
        with refused("AccessDeniedException"):
            account.client("kms", other).decrypt(CiphertextBlob=sealed["CiphertextBlob"])
    others = [keys[a, r]["KeyId"] for a, r in keys if (a, r) != (account, region)]
    listed = {one["KeyId"] for page in root.get_paginator("list_keys").paginate() for one in page["Keys"]}
    assert key["KeyId"] in listed and not listed & set(others)


@pytest.mark.parametrize("region", REGIONS)
def test_across_accounts_in_every_region(home, abroad, keys, refused, region):
    key = keys[home, region]
    user = abroad.user(statement("kms:Encrypt", f"arn:aws:kms:{region}:{home.id}:key/*"))
    kms = user.client("kms", region)
    with refused("AccessDeniedException"):
        kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    shared = document(home.everything, of_key(abroad.arn, "kms:Encrypt"))
    home.client("kms", region).put_key_policy(KeyId=key["KeyId"], Policy=shared)
    assert kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")["KeyId"] == key["Arn"]
    assert kms.encrypt(KeyId=f"arn:aws:kms:{region}:{home.id}:alias/of-every-region", Plaintext=b"x")


def test_users_and_roles_are_of_the_account_and_of_no_region(home, key):
    user = home.user(statement("*"))
    for region in REGIONS:
        assert user.client("sts", region).get_caller_identity()["Arn"] == user.arn
        assert user.client("iam", region).get_user()["User"]["Arn"] == user.arn
        user.client("kms", region).list_keys(Limit=1)
