"""IAM's managed policies through boto3."""

import re

import pytest
from people import document, new_name, statement, trusting

ENCRYPT, DECRYPT = document(statement("kms:Encrypt")), document(statement("kms:Decrypt"))
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


@pytest.fixture
def iam(home):
    return home.iam


@pytest.fixture
def arn(home):
    """A new policy's ARN."""
    return home.policy(statement("kms:Encrypt"))


def test_a_policy_with_everything(home, iam):
    name = new_name("policy")
    made = iam.create_policy(
        PolicyName=name, Path="/kms/", PolicyDocument=ENCRYPT, Description="for tests",
        Tags=[{"Key": "team", "Value": "red"}],
    )["Policy"]  # fmt: skip
    assert re.fullmatch("ANPA[A-Z2-7]{17}", made["PolicyId"])
    assert made["Arn"] == f"arn:aws:iam::{home.id}:policy/kms/{name}"
    got = iam.get_policy(PolicyArn=made["Arn"])["Policy"]
    assert got["Description"] == "for tests" and got["Tags"] == [{"Key": "team", "Value": "red"}]
    shown = {
        "PolicyName": name, "Path": "/kms/", "DefaultVersionId": "v1", "AttachmentCount": 0,
        "PermissionsBoundaryUsageCount": 0, "IsAttachable": True, "PolicyId": made["PolicyId"],
    }  # fmt: skip
    assert {k: got[k] for k in shown} == shown and got["CreateDate"] == got["UpdateDate"]
    version = iam.get_policy_version(PolicyArn=made["Arn"], VersionId="v1")["PolicyVersion"]
    assert version["Document"]["Statement"][0]["Action"] == "kms:Encrypt" and version["IsDefaultVersion"]


def test_names_of_policies(home, iam, arn, refused):
    name = arn.rpartition("/")[2]
    message = f"A policy called {name} already exists. Duplicate names are not allowed."
    with refused("EntityAlreadyExists", message):
        iam.create_policy(PolicyName=name, PolicyDocument=ENCRYPT)
    unknown = {"PolicyArn": f"arn:aws:iam::{home.id}:policy/nobody"}
    for call in (
        lambda: iam.get_policy(**unknown),
        lambda: iam.delete_policy(**unknown),
        lambda: iam.create_policy_version(PolicyDocument=ENCRYPT, **unknown),
        lambda: iam.list_policy_versions(**unknown),
        lambda: iam.get_policy_version(VersionId="v1", **unknown),
        lambda: iam.list_entities_for_policy(**unknown),
        lambda: iam.list_policy_tags(**unknown),
    ):
        with refused("NoSuchEntity", f"Policy {unknown['PolicyArn']} was not found."):
            call()
    user = home.user()
    with refused("NoSuchEntity", f"Policy {unknown['PolicyArn']} does not exist or is not attachable."):
        iam.attach_user_policy(UserName=user.name, **unknown)


def test_versions(iam, arn, refused):
    policy = {"PolicyArn": arn}
    for number in range(2, 6):
        made = iam.create_policy_version(PolicyDocument=DECRYPT, SetAsDefault=number == 3, **policy)["PolicyVersion"]
        assert (made["VersionId"], made["IsDefaultVersion"]) == (f"v{number}", number == 3)
    message = (
        "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version."
    )
    with refused("LimitExceeded", message):
        iam.create_policy_version(PolicyDocument=DECRYPT, **policy)
    with refused("DeleteConflict", "Cannot delete the default version of a policy."):
        iam.delete_policy_version(VersionId="v3", **policy)
    iam.delete_policy_version(VersionId="v1", **policy)
    assert iam.create_policy_version(PolicyDocument=ENCRYPT, **policy)["PolicyVersion"]["VersionId"] == "v6"
    listed = iam.list_policy_versions(**policy)["Versions"]
    assert {one["VersionId"]: one["IsDefaultVersion"] for one in listed} == {
        "v2": False, "v3": True, "v4": False, "v5": False, "v6": False,
    }  # fmt: skip
    iam.set_default_policy_version(VersionId="v6", **policy)
    assert iam.get_policy(**policy)["Policy"]["DefaultVersionId"] == "v6"
    for call in (iam.get_policy_version, iam.delete_policy_version, iam.set_default_policy_version):
        with refused("NoSuchEntity"):
            call(VersionId="v1", **policy)
    with refused("DeleteConflict"):
        iam.delete_policy(**policy)
    for number in range(2, 6):
        iam.delete_policy_version(VersionId=f"v{number}", **policy)
    iam.delete_policy(**policy)
    pages = iam.get_paginator("list_policy_versions")
    with refused("NoSuchEntity"):
        list(pages.paginate(**policy))


def test_whom_a_policy_is_attached_to(home, iam, arn, refused):
    user, role, group = home.user(), home.role(trusting(home.arn)), new_name("group")
    iam.create_group(GroupName=group)
    bound = home.user(PermissionsBoundary=arn)
    policy = {"PolicyArn": arn}
    for _ in range(2):
        iam.attach_user_policy(UserName=user.name, **policy)
    iam.attach_role_policy(RoleName=role.name, **policy)
    iam.attach_group_policy(GroupName=group, **policy)
    got = iam.get_policy(**policy)["Policy"]
    assert (got["AttachmentCount"], got["PermissionsBoundaryUsageCount"]) == (3, 1)
    entities = lambda **filter_: iam.list_entities_for_policy(**policy, **filter_)  # noqa: E731
    listed = entities(PolicyUsageFilter="PermissionsPolicy")
    assert [one["UserName"] for one in listed["PolicyUsers"]] == [user.name]
    assert [one["RoleName"] for one in listed["PolicyRoles"]] == [role.name]
    assert [one["GroupName"] for one in listed["PolicyGroups"]] == [group]
    assert [one["UserName"] for one in entities(PolicyUsageFilter="PermissionsBoundary")["PolicyUsers"]] == [bound.name]
    only_roles = entities(EntityFilter="Role")
    assert only_roles["PolicyRoles"] and not only_roles["PolicyUsers"] and not only_roles["PolicyGroups"]
    with refused("DeleteConflict"):
        iam.delete_policy(**policy)
    iam.detach_user_policy(UserName=user.name, **policy)
    with refused("NoSuchEntity"):
        iam.detach_user_policy(UserName=user.name, **policy)
    iam.detach_role_policy(RoleName=role.name, **policy)
    iam.detach_group_policy(GroupName=group, **policy)
    with refused("DeleteConflict"):
        iam.delete_policy(**policy)
    iam.delete_user_permissions_boundary(UserName=bound.name)
    iam.delete_policy(**policy)


def test_at_most_ten_policies_are_attached(home, iam, refused):
    user, role = home.user(), home.role(trusting(home.arn))
    arns = [home.policy(statement("kms:Encrypt")) for _ in range(11)]
    for arn in arns[:10]:
        iam.attach_user_policy(UserName=user.name, PolicyArn=arn)
        iam.attach_role_policy(RoleName=role.name, PolicyArn=arn)
    with refused("LimitExceeded"):
        iam.attach_user_policy(UserName=user.name, PolicyArn=arns[10])
    with refused("LimitExceeded"):
        iam.attach_role_policy(RoleName=role.name, PolicyArn=arns[10])
    pages = iam.get_paginator("list_attached_user_policies").paginate(
        UserName=user.name, PaginationConfig={"PageSize": 4}
    )
    listed = [one["PolicyArn"] for page in pages for one in page["AttachedPolicies"]]
    assert sorted(listed) == sorted(arns[:10])


def test_aws_policies_are_there_and_nobodys_to_change(home, iam, refused):
    got = iam.get_policy(PolicyArn=ADMINISTRATOR)["Policy"]
    assert got["PolicyName"] == "AdministratorAccess" and got["IsAttachable"]
    version = iam.get_policy_version(PolicyArn=ADMINISTRATOR, VersionId=got["DefaultVersionId"])["PolicyVersion"]
    (allowed,) = version["Document"]["Statement"]
    assert (allowed["Effect"], allowed["Action"], allowed["Resource"]) == ("Allow", "*", "*")
    for call in (
        lambda: iam.delete_policy(PolicyArn=ADMINISTRATOR),
        lambda: iam.create_policy_version(PolicyArn=ADMINISTRATOR, PolicyDocument=ENCRYPT),
    ):
        with refused("AccessDenied"):
            call()
    with refused("NoSuchEntity"):
        iam.attach_user_policy(UserName=home.user().name, PolicyArn="arn:aws:iam::aws:policy/NoSuchPolicy")


def test_policies_of_another_account_are_not_attached(home, abroad, iam, refused):
    theirs = abroad.policy(statement("kms:*"))
    with refused("NoSuchEntity"):
        iam.attach_user_policy(UserName=home.user().name, PolicyArn=theirs)
    with refused("AccessDenied"):
        iam.get_policy(PolicyArn=theirs)


def test_policies_are_listed(home, iam, arn):
    path = f"/{new_name('path')}/"
    mine = [home.policy(statement("kms:Encrypt"), Path=path) for _ in range(3)]
    listed = lambda **given: [  # noqa: E731
        one["Arn"] for page in iam.get_paginator("list_policies").paginate(PathPrefix=path, **given) for one in page["Policies"]
    ]
    assert sorted(listed()) == sorted(listed(Scope="Local")) == sorted(mine)
    assert sorted(listed(PaginationConfig={"PageSize": 1})) == sorted(mine)
    assert listed(Scope="AWS") == []
    iam.attach_user_policy(UserName=home.user().name, PolicyArn=mine[0])
    home.user(PermissionsBoundary=mine[1])
    assert listed(OnlyAttached=True, PolicyUsageFilter="PermissionsPolicy") == [mine[0]]
    assert listed(OnlyAttached=True, PolicyUsageFilter="PermissionsBoundary") == [mine[1]]
    aws = iam.list_policies(Scope="AWS")["Policies"]
    assert ADMINISTRATOR in [one["Arn"] for one in aws] and arn not in [one["Arn"] for one in aws]


def test_tags_of_a_policy(iam, arn):
    iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    iam.untag_policy(PolicyArn=arn, TagKeys=["a"])
    assert iam.list_policy_tags(PolicyArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]


def test_the_policy_exists_waiter(iam, arn):
    iam.get_waiter("policy_exists").wait(PolicyArn=arn, WaiterConfig={"Delay": 1, "MaxAttempts": 1})
