"""IAM's users and access keys through boto3."""

import re

import pytest
from people import document, new_name, statement, trusting
from program import wait_for

TAGS = [{"Key": "stage", "Value": "test"}, {"Key": "team", "Value": "red"}]


@pytest.fixture
def iam(home):
    return home.iam


@pytest.fixture
def name(iam):
    """A new user's name."""
    made = new_name("user")
    iam.create_user(UserName=made)
    return made


def test_a_user_with_everything(home, iam):
    name, boundary = new_name("user"), home.policy(statement("kms:*"))
    made = iam.create_user(UserName=name, Path="/a/b/", PermissionsBoundary=boundary, Tags=TAGS)["User"]
    assert re.fullmatch("AIDA[A-Z2-7]{17}", made["UserId"])
    assert made["Arn"] == f"arn:aws:iam::{home.id}:user/a/b/{name}" and made["Path"] == "/a/b/"
    got = iam.get_user(UserName=name)["User"]
    assert got["PermissionsBoundary"] == {
        "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
        "PermissionsBoundaryArn": boundary,
    }
    assert sorted(got["Tags"], key=lambda tag: tag["Key"]) == TAGS
    assert {k: got[k] for k in ("UserName", "UserId", "Arn", "Path", "CreateDate")} == {
        k: made[k] for k in ("UserName", "UserId", "Arn", "Path", "CreateDate")
    }


def test_names_are_unique_without_regard_to_case(iam, name):
    for again in (name, name.upper()):
        with pytest.raises(iam.exceptions.EntityAlreadyExistsException) as caught:
            iam.create_user(UserName=again)
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    assert iam.get_user(UserName=name.upper())["User"]["UserName"] == name


def test_unknown_users(iam):
    message = "The user with name nobody cannot be found."
    for call in (
        lambda: iam.get_user(UserName="nobody"),
        lambda: iam.delete_user(UserName="nobody"),
        lambda: iam.update_user(UserName="nobody", NewUserName="somebody"),
        lambda: iam.tag_user(UserName="nobody", Tags=TAGS),
        lambda: iam.untag_user(UserName="nobody", TagKeys=["team"]),
        lambda: iam.list_user_tags(UserName="nobody"),
        lambda: iam.list_access_keys(UserName="nobody"),
        lambda: iam.create_access_key(UserName="nobody"),
        lambda: iam.list_user_policies(UserName="nobody"),
        lambda: iam.list_attached_user_policies(UserName="nobody"),
        lambda: iam.list_groups_for_user(UserName="nobody"),
        lambda: iam.put_user_policy(UserName="nobody", PolicyName="p", PolicyDocument=document(statement("kms:*"))),
        lambda: iam.delete_user_policy(UserName="nobody", PolicyName="p"),
        lambda: iam.get_user_policy(UserName="nobody", PolicyName="p"),
        lambda: iam.attach_user_policy(UserName="nobody", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"),
        lambda: iam.delete_user_permissions_boundary(UserName="nobody"),
    ):
        with pytest.raises(iam.exceptions.NoSuchEntityException) as caught:
            call()
        assert caught.value.response["Error"]["Message"] == message
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_a_user_moves_to_another_name_and_path(home, iam, name, refused):
    before, new = iam.get_user(UserName=name)["User"], new_name("moved")
    other = home.user()
    with refused("EntityAlreadyExists"):
        iam.update_user(UserName=name, NewUserName=other.name.upper())
    iam.update_user(UserName=name, NewUserName=new, NewPath="/moved/")
    after = iam.get_user(UserName=new)["User"]
    assert (after["UserId"], after["CreateDate"]) == (before["UserId"], before["CreateDate"])
    assert after["Arn"] == f"arn:aws:iam::{home.id}:user/moved/{new}"
    with refused("NoSuchEntity"):
        iam.get_user(UserName=name)


def test_a_user_in_use_is_not_deleted(home, iam, name, refused):
    policy, group = home.policy(statement("kms:*")), new_name("group")
    iam.create_group(GroupName=group)
    key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document(statement("kms:*")))
    iam.attach_user_policy(UserName=name, PolicyArn=policy)
    iam.add_user_to_group(GroupName=group, UserName=name)
    ends = [
        lambda: iam.delete_access_key(UserName=name, AccessKeyId=key),
        lambda: iam.delete_user_policy(UserName=name, PolicyName="p"),
        lambda: iam.detach_user_policy(UserName=name, PolicyArn=policy),
        lambda: iam.remove_user_from_group(GroupName=group, UserName=name),
    ]
    for end in ends:
        with pytest.raises(iam.exceptions.DeleteConflictException) as caught:
            iam.delete_user(UserName=name)
        assert caught.value.response["Error"]["Message"].startswith("Cannot delete entity, must ")
        end()
    iam.delete_user(UserName=name)
    with refused("NoSuchEntity"):
        iam.get_user(UserName=name)


def test_a_recreated_user_is_another_one(iam, name):
    before = iam.get_user(UserName=name)["User"]
    iam.delete_user(UserName=name)
    after = iam.create_user(UserName=name)["User"]
    assert after["Arn"] == before["Arn"] and after["UserId"] != before["UserId"]


def test_tags(iam, name, refused):
    iam.tag_user(UserName=name, Tags=TAGS)
    iam.tag_user(UserName=name, Tags=[{"Key": "Team", "Value": "blue"}])
    tags = {tag["Key"].lower(): tag["Value"] for tag in iam.list_user_tags(UserName=name)["Tags"]}
    assert tags == {"stage": "test", "team": "blue"}
    iam.untag_user(UserName=name, TagKeys=["stage", "never-there"])
    assert [tag["Value"] for tag in iam.list_user_tags(UserName=name)["Tags"]] == ["blue"]
    iam.tag_user(UserName=name, Tags=[{"Key": f"k{n}", "Value": ""} for n in range(49)])
    with refused("LimitExceeded"):
        iam.tag_user(UserName=name, Tags=[{"Key": "one-more", "Value": ""}])
    with refused("InvalidInput"):
        iam.tag_user(UserName=name, Tags=[{"Key": "aws:mine", "Value": ""}])
    with refused("InvalidInput"):
        iam.tag_user(UserName=name, Tags=[{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}])
    pages = list(iam.get_paginator("list_user_tags").paginate(UserName=name, PaginationConfig={"PageSize": 20}))
    assert [len(page["Tags"]) for page in pages] == [20, 20, 10]


def test_the_user_exists_waiter(iam, name):
    iam.get_waiter("user_exists").wait(UserName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 1})
    with pytest.raises(Exception, match="Max attempts exceeded"):
        iam.get_waiter("user_exists").wait(UserName="nobody", WaiterConfig={"Delay": 0, "MaxAttempts": 2})


def test_wrong_parameters(home, refused):
    iam = home.client("iam", parameter_validation=False)
    for wrong in (
        {"UserName": "with space"},
        {"UserName": "u" * 65},
        {"UserName": ""},
        {"UserName": new_name("user"), "Path": "no-slash"},
        {"UserName": new_name("user"), "Path": "/with space/"},
        {"UserName": new_name("user"), "Path": "/" + "p" * 511 + "/"},
        {},
    ):
        with refused("ValidationError"):
            iam.create_user(**wrong)
    with refused("NoSuchEntity"):
        iam.create_user(UserName=new_name("user"), PermissionsBoundary=f"arn:aws:iam::{home.id}:policy/nobody")


def test_get_user_of_oneself(home, refused):
    user = home.user(statement(["iam:GetUser", "sts:AssumeRole"]))
    assert user.iam.get_user()["User"]["UserName"] == user.name
    root = home.iam.get_user()["User"]
    assert (root["UserId"], root["Arn"]) == (home.id, home.arn)
    session = user.assume(home.role(trusting(user.arn), statement("iam:GetUser")))
    with refused("ValidationError", "Must specify userName when calling with non-User credentials"):
        session.iam.get_user()


def test_access_keys(home, iam, name, refused):
    first, second = (iam.create_access_key(UserName=name)["AccessKey"] for _ in range(2))
    for made in (first, second):
        assert re.fullmatch("AKIA[A-Z2-7]{16}", made["AccessKeyId"]) and made["UserName"] == name
        assert re.fullmatch("[A-Za-z0-9/+]{40}", made["SecretAccessKey"]) and made["Status"] == "Active"
    with pytest.raises(iam.exceptions.LimitExceededException) as caught:
        iam.create_access_key(UserName=name)
    assert caught.value.response["Error"]["Message"] == "Cannot exceed quota for AccessKeysPerUser: 2"
    listed = iam.list_access_keys(UserName=name)["AccessKeyMetadata"]
    assert {one["AccessKeyId"] for one in listed} == {first["AccessKeyId"], second["AccessKeyId"]}
    assert all(set(one) == {"UserName", "AccessKeyId", "Status", "CreateDate"} for one in listed)
    iam.delete_access_key(UserName=name, AccessKeyId=first["AccessKeyId"])
    with refused("InvalidClientTokenId"):
        caller = home.stack.client("sts", credentials=(first["AccessKeyId"], first["SecretAccessKey"]))
        caller.get_caller_identity()
    iam.create_access_key(UserName=name)


def test_an_inactive_key_signs_nothing_until_it_is_active_again(home, iam, key, refused):
    user = home.user(statement("kms:Encrypt"))
    which = {"UserName": user.name, "AccessKeyId": user.credentials[0]}
    for _ in range(2):
        user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
        iam.update_access_key(Status="Inactive", **which)
        assert iam.list_access_keys(UserName=user.name)["AccessKeyMetadata"][0]["Status"] == "Inactive"
        with refused("UnrecognizedClientException"):
            user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
        with refused("InvalidClientTokenId"):
            user.sts.get_caller_identity()
        iam.update_access_key(Status="Active", **which)


def test_access_keys_of_nobody_and_of_others(home, iam, name, refused):
    other = home.user()
    for key_id in ("AKIAAAAAAAAAAAAAAAAA", other.credentials[0]):
        for call in (
            lambda: iam.update_access_key(UserName=name, AccessKeyId=key_id, Status="Inactive"),  # noqa: B023
            lambda: iam.delete_access_key(UserName=name, AccessKeyId=key_id),  # noqa: B023
        ):
            with refused("NoSuchEntity") as error:
                call()
            assert key_id in error.text and "Access Key" in error.text
    other.sts.get_caller_identity()
    with refused("ValidationError"):
        home.client("iam", parameter_validation=False).update_access_key(
            UserName=other.name, AccessKeyId=other.credentials[0], Status="Off"
        )


def test_users_manage_their_own_keys(home):
    own = f"arn:aws:iam::{home.id}:user/${{aws:username}}"
    user = home.user(statement("iam:*AccessKey*", own))
    made = user.iam.create_access_key()["AccessKey"]
    assert made["UserName"] == user.name
    assert len(user.iam.list_access_keys()["AccessKeyMetadata"]) == 2
    user.iam.update_access_key(AccessKeyId=made["AccessKeyId"], Status="Inactive")
    user.iam.delete_access_key(AccessKeyId=made["AccessKeyId"])
    assert [one["AccessKeyId"] for one in user.iam.list_access_keys()["AccessKeyMetadata"]] == [user.credentials[0]]


def test_the_last_use_of_an_access_key(home, iam, name):
    made = iam.create_access_key(UserName=name)["AccessKey"]
    key_id = made["AccessKeyId"]
    never = iam.get_access_key_last_used(AccessKeyId=key_id)
    assert never["UserName"] == name
    assert (never["AccessKeyLastUsed"]["ServiceName"], never["AccessKeyLastUsed"]["Region"]) == ("N/A", "N/A")
    assert "LastUsedDate" not in never["AccessKeyLastUsed"]
    answer = home.stack.client("sts", "eu-west-1", (key_id, made["SecretAccessKey"])).get_caller_identity()
    last_used = lambda: iam.get_access_key_last_used(AccessKeyId=key_id)["AccessKeyLastUsed"]  # noqa: E731
    used = wait_for("last use", lambda: last_used() if "LastUsedDate" in last_used() else None)
    assert (used["ServiceName"], used["Region"]) == ("sts", "eu-west-1")
    assert abs(used["LastUsedDate"].timestamp() - made["CreateDate"].timestamp()) < 120 and answer


def test_secrets_are_shown_once(home, iam, name):
    made = iam.create_access_key(UserName=name)
    secret = made["AccessKey"]["SecretAccessKey"]
    record = home.stack.record(made)
    assert record["responseElements"]["accessKey"]["accessKeyId"] == made["AccessKey"]["AccessKeyId"]
    listed = iam.list_access_keys(UserName=name)
    assert secret not in str(record) and secret not in str(listed)
