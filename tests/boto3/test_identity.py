"""STS GetCallerIdentity and the users of IAM, over the query protocol."""

import re
import uuid

import pytest


def test_the_root_user_is_the_account(stack, account):
    answer = stack.client("sts").get_caller_identity()
    assert answer["Arn"] == f"arn:aws:iam::{account}:root"
    assert answer["UserId"] == answer["Account"] == account


def test_a_user_is_itself(stack, new_user, account):
    arn, credentials = new_user()
    answer = stack.client("sts", credentials=credentials).get_caller_identity()
    assert answer["Arn"] == arn and answer["Account"] == account
    assert re.fullmatch("AIDA[A-Z2-7]{17}", answer["UserId"])


def test_create_user_get_user_and_its_access_keys(stack, account, refused):
    iam = stack.client("iam")
    name = f"Alice-{uuid.uuid4().hex[:8]}"
    made = iam.create_user(UserName=name, Path="/team/")["User"]
    assert made["Arn"] == f"arn:aws:iam::{account}:user/team/{name}"
    assert iam.get_user(UserName=name)["User"] == made
    with refused("EntityAlreadyExists", f"User with name {name} already exists."):
        iam.create_user(UserName=name)
    with refused("EntityAlreadyExists"):
        iam.create_user(UserName=name.lower())
    keys = [iam.create_access_key(UserName=name)["AccessKey"] for _ in range(2)]
    assert all(re.fullmatch("AKIA[A-Z2-7]{16}", k["AccessKeyId"]) and k["Status"] == "Active" for k in keys)
    assert len({k["SecretAccessKey"] for k in keys}) == 2
    with refused("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2"):
        iam.create_access_key(UserName=name)


def test_unknown_users_and_wrong_names(stack, refused):
    iam = stack.client("iam")
    with refused("NoSuchEntity", "The user with name nobody cannot be found."):
        iam.get_user(UserName="nobody")
    with refused("NoSuchEntity"):
        iam.create_access_key(UserName="nobody")
    with refused("ValidationError"):
        iam.create_user(UserName="with space")


def test_a_stranger_makes_no_users(stack, new_user, refused):
    _, credentials = new_user()
    with refused("AccessDenied"):
        stack.client("iam", credentials=credentials).create_user(UserName="mine")


def test_secrets_are_nowhere_in_the_trail(stack):
    iam = stack.client("iam")
    name = f"user-{uuid.uuid4().hex[:12]}"
    iam.create_user(UserName=name)
    made = iam.create_access_key(UserName=name)
    record = stack.record(made)
    assert record["responseElements"]["accessKey"]["accessKeyId"] == made["AccessKey"]["AccessKeyId"]
    assert made["AccessKey"]["SecretAccessKey"] not in str(record)


@pytest.mark.parametrize("service", ["sts", "iam"])
def test_wrong_secrets_are_refused_in_the_query_protocol(stack, refused, service):
    client = stack.client(service, credentials=(stack.access_key_id, "x" * 40))
    with refused("SignatureDoesNotMatch"):
        client.get_caller_identity() if service == "sts" else client.get_user(UserName="a")
    client = stack.client(service, credentials=("AKIAAAAAAAAAAAAAAAAA", "x" * 40))
    with refused("InvalidClientTokenId"):
        client.get_caller_identity() if service == "sts" else client.get_user(UserName="a")
