"""IAM's groups through boto3."""

import re

import pytest
from people import document, new_name, statement


@pytest.fixture
def iam(home):
    return home.iam


@pytest.fixture
def name(iam):
    """A new group's name."""
    made = new_name("group")
    iam.create_group(GroupName=made)
    return made


def test_a_group_and_its_users(home, iam):
    name, users = new_name("group"), [home.user() for _ in range(3)]
    made = iam.create_group(GroupName=name, Path="/teams/")["Group"]
    assert re.fullmatch("AGPA[A-Z2-7]{17}", made["GroupId"])
    assert made["Arn"] == f"arn:aws:iam::{home.id}:group/teams/{name}"
    for user in users:
        iam.add_user_to_group(GroupName=name, UserName=user.name)
    iam.add_user_to_group(GroupName=name, UserName=users[0].name)
    got = iam.get_group(GroupName=name)
    assert got["Group"] == made and not got["IsTruncated"]
    assert {user["Arn"] for user in got["Users"]} == {user.arn for user in users}
    pages = list(iam.get_paginator("get_group").paginate(GroupName=name, PaginationConfig={"PageSize": 2}))
    assert [len(page["Users"]) for page in pages] == [2, 1]
    assert [group["GroupName"] for group in iam.list_groups_for_user(UserName=users[0].name)["Groups"]] == [name]
    assert name in [group["GroupName"] for group in iam.list_groups(MaxItems=1000)["Groups"]]
    iam.remove_user_from_group(GroupName=name, UserName=users[0].name)
    assert iam.list_groups_for_user(UserName=users[0].name)["Groups"] == []
    assert len(iam.get_group(GroupName=name)["Users"]) == 2


def test_policies_of_a_group(home, iam, name, refused):
    text, arn = document(statement("kms:Encrypt")), home.policy(statement("kms:Decrypt"))
    iam.put_group_policy(GroupName=name, PolicyName="p", PolicyDocument=text)
    got = iam.get_group_policy(GroupName=name, PolicyName="p")
    assert (got["GroupName"], got["PolicyName"]) == (name, "p") and got["PolicyDocument"]["Statement"]
    assert iam.list_group_policies(GroupName=name)["PolicyNames"] == ["p"]
    iam.attach_group_policy(GroupName=name, PolicyArn=arn)
    attached = iam.list_attached_group_policies(GroupName=name)["AttachedPolicies"]
    assert attached == [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn}]
    with refused("DeleteConflict"):
        iam.delete_group(GroupName=name)
    iam.detach_group_policy(GroupName=name, PolicyArn=arn)
    iam.delete_group_policy(GroupName=name, PolicyName="p")
    with refused("NoSuchEntity"):
        iam.get_group_policy(GroupName=name, PolicyName="p")
    with refused("NoSuchEntity"):
        iam.detach_group_policy(GroupName=name, PolicyArn=arn)
    iam.delete_group(GroupName=name)


def test_a_group_with_users_is_not_deleted(home, iam, name):
    user = home.user()
    iam.add_user_to_group(GroupName=name, UserName=user.name)
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_group(GroupName=name)
    iam.remove_user_from_group(GroupName=name, UserName=user.name)
    iam.delete_group(GroupName=name)


def test_a_group_moves(home, iam, name, refused):
    user, new = home.user(), new_name("moved")
    iam.add_user_to_group(GroupName=name, UserName=user.name)
    iam.update_group(GroupName=name, NewGroupName=new, NewPath="/moved/")
    got = iam.get_group(GroupName=new)
    assert got["Group"]["Arn"] == f"arn:aws:iam::{home.id}:group/moved/{new}"
    assert [one["UserName"] for one in got["Users"]] == [user.name]
    with refused("NoSuchEntity"):
        iam.get_group(GroupName=name)


def test_names_of_groups(home, iam, name, refused):
    with pytest.raises(iam.exceptions.EntityAlreadyExistsException):
        iam.create_group(GroupName=name.upper())
    user = home.user()
    message = "The group with name nobody cannot be found."
    for call in (
        lambda: iam.get_group(GroupName="nobody"),
        lambda: iam.delete_group(GroupName="nobody"),
        lambda: iam.update_group(GroupName="nobody", NewPath="/x/"),
        lambda: iam.add_user_to_group(GroupName="nobody", UserName=user.name),
        lambda: iam.remove_user_from_group(GroupName="nobody", UserName=user.name),
        lambda: iam.list_group_policies(GroupName="nobody"),
        lambda: iam.list_attached_group_policies(GroupName="nobody"),
    ):
        with refused("NoSuchEntity", message):
            call()
    with refused("NoSuchEntity"):
        iam.add_user_to_group(GroupName=name, UserName="nobody")
    with refused("NoSuchEntity"):
        iam.remove_user_from_group(GroupName=name, UserName=user.name)


def test_a_user_is_in_at_most_ten_groups(home, iam, refused):
    user = home.user()
    for number in range(11):
        group = new_name("group")
        iam.create_group(GroupName=group)
        if number < 10:
            iam.add_user_to_group(GroupName=group, UserName=user.name)
        else:
            with refused("LimitExceeded"):
                iam.add_user_to_group(GroupName=group, UserName=user.name)
    pages = iam.get_paginator("list_groups_for_user").paginate(UserName=user.name, PaginationConfig={"PageSize": 4})
    assert [len(page["Groups"]) for page in pages] == [4, 4, 2]
