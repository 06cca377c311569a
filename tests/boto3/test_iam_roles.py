"""IAM's roles through boto3."""

import re

import pytest
from people import document, new_name, statement, trusting

TAGS = [{"Key": "stage", "Value": "test"}, {"Key": "team", "Value": "red"}]


@pytest.fixture
def iam(home):
    return home.iam


@pytest.fixture
def role(home):
    return home.role(trusting(home.arn))


def test_a_role_with_everything(home, iam):
    name, boundary = new_name("role"), home.policy(statement("kms:*"))
    trust = document(trusting(home.arn))
    made = iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=trust, Path="/svc/", Description="for tests",
        MaxSessionDuration=7200, PermissionsBoundary=boundary, Tags=TAGS,
    )["Role"]  # fmt: skip
    assert re.fullmatch("AROA[A-Z2-7]{17}", made["RoleId"])
    assert made["Arn"] == f"arn:aws:iam::{home.id}:role/svc/{name}"
    assert name in [role["RoleName"] for role in iam.list_roles(PathPrefix="/svc/", MaxItems=1000)["Roles"]]
    got = iam.get_role(RoleName=name)["Role"]
    assert got["PermissionsBoundary"] == {
        "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
        "PermissionsBoundaryArn": boundary,
    }
    assert (got["Description"], got["MaxSessionDuration"], got["Path"]) == ("for tests", 7200, "/svc/")
    assert got["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"AWS": home.arn}
    assert sorted(got["Tags"], key=lambda tag: tag["Key"]) == TAGS
    assert iam.get_role(RoleName=iam.create_role(RoleName=name + "2", AssumeRolePolicyDocument=trust)["Role"]["RoleName"])[
        "Role"
    ]["MaxSessionDuration"] == 3600


def test_a_role_is_updated(iam, role):
    iam.update_role(RoleName=role.name, Description="new", MaxSessionDuration=43200)
    got = iam.get_role(RoleName=role.name)["Role"]
    assert (got["Description"], got["MaxSessionDuration"]) == ("new", 43200)
    assert iam.update_role_description(RoleName=role.name, Description="newer")["Role"]["Description"] == "newer"
    assert iam.get_role(RoleName=role.name)["Role"]["MaxSessionDuration"] == 43200


def test_trust_is_replaced(home, iam, role):
    user = home.user()
    iam.update_assume_role_policy(RoleName=role.name, PolicyDocument=document(trusting(user.arn)))
    got = iam.get_role(RoleName=role.name)["Role"]["AssumeRolePolicyDocument"]
    assert got["Statement"][0]["Principal"] == {"AWS": user.arn}


def test_a_deleted_principal_shows_up_in_trust_by_its_unique_id(home, iam, refused):
    user = home.user()
    role = home.role(trusting(user.arn))
    unique = iam.get_user(UserName=user.name)["User"]["UserId"]
    iam.delete_access_key(UserName=user.name, AccessKeyId=user.credentials[0])
    iam.delete_user(UserName=user.name)
    principal = lambda: iam.get_role(RoleName=role.name)["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]  # noqa: E731
    assert principal() == {"AWS": unique}
    again = home.user(UserName=user.name)
    with refused("AccessDenied"):
        again.assume(role)
    assert principal() == {"AWS": unique}


def test_policies_of_a_role(home, iam, role, refused):
    arn = home.policy(statement("kms:Decrypt"))
    iam.put_role_policy(RoleName=role.name, PolicyName="p", PolicyDocument=document(statement("kms:Encrypt")))
    got = iam.get_role_policy(RoleName=role.name, PolicyName="p")
    assert (got["RoleName"], got["PolicyName"]) == (role.name, "p")
    assert got["PolicyDocument"]["Statement"][0]["Action"] == "kms:Encrypt"
    assert iam.list_role_policies(RoleName=role.name)["PolicyNames"] == ["p"]
    iam.attach_role_policy(RoleName=role.name, PolicyArn=arn)
    attached = iam.list_attached_role_policies(RoleName=role.name)["AttachedPolicies"]
    assert [one["PolicyArn"] for one in attached] == [arn]
    with refused("DeleteConflict", "Cannot delete entity, must detach all policies first."):
        iam.delete_role(RoleName=role.name)
    iam.detach_role_policy(RoleName=role.name, PolicyArn=arn)
    with refused("DeleteConflict", "Cannot delete entity, must delete policies first."):
        iam.delete_role(RoleName=role.name)
    iam.delete_role_policy(RoleName=role.name, PolicyName="p")
    with refused("NoSuchEntity", "The role policy with name p cannot be found."):
        iam.get_role_policy(RoleName=role.name, PolicyName="p")
    iam.delete_role(RoleName=role.name)
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName=role.name)


def test_boundaries(home, iam, role, refused):
    boundary = home.policy(statement("kms:*"))
    iam.put_role_permissions_boundary(RoleName=role.name, PermissionsBoundary=boundary)
    assert iam.get_role(RoleName=role.name)["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    assert iam.get_policy(PolicyArn=boundary)["Policy"]["PermissionsBoundaryUsageCount"] == 1
    with refused("DeleteConflict"):
        iam.delete_policy(PolicyArn=boundary)
    iam.delete_role_permissions_boundary(RoleName=role.name)
    assert "PermissionsBoundary" not in iam.get_role(RoleName=role.name)["Role"]
    with refused("NoSuchEntity"):
        iam.put_role_permissions_boundary(RoleName=role.name, PermissionsBoundary=boundary + "-unknown")
    iam.delete_policy(PolicyArn=boundary)


def test_tags_of_a_role(iam, role):
    iam.tag_role(RoleName=role.name, Tags=TAGS)
    iam.untag_role(RoleName=role.name, TagKeys=["stage"])
    assert iam.list_role_tags(RoleName=role.name)["Tags"] == [{"Key": "team", "Value": "red"}]


def test_names_of_roles(home, iam, role, refused):
    trust = document(trusting(home.arn))
    with refused("EntityAlreadyExists", f"Role with name {role.name} already exists."):
        iam.create_role(RoleName=role.name, AssumeRolePolicyDocument=trust)
    with refused("EntityAlreadyExists"):
        iam.create_role(RoleName=role.name.upper(), AssumeRolePolicyDocument=trust)
    message = "The role with name nobody cannot be found."
    for call in (
        lambda: iam.get_role(RoleName="nobody"),
        lambda: iam.delete_role(RoleName="nobody"),
        lambda: iam.update_role(RoleName="nobody"),
        lambda: iam.update_assume_role_policy(RoleName="nobody", PolicyDocument=trust),
        lambda: iam.tag_role(RoleName="nobody", Tags=TAGS),
        lambda: iam.list_role_tags(RoleName="nobody"),
        lambda: iam.list_role_policies(RoleName="nobody"),
        lambda: iam.list_attached_role_policies(RoleName="nobody"),
        lambda: iam.put_role_policy(RoleName="nobody", PolicyName="p", PolicyDocument=document(statement("kms:*"))),
    ):
        with refused("NoSuchEntity", message):
            call()


def test_wrong_roles(home, refused):
    iam, trust = home.client("iam", parameter_validation=False), document(trusting(home.arn))
    for seconds in (3599, 43201):
        with refused("ValidationError"):
            iam.create_role(RoleName=new_name("role"), AssumeRolePolicyDocument=trust, MaxSessionDuration=seconds)
    for name in ("with space", "r" * 65, ""):
        with refused("ValidationError"):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    with refused("MalformedPolicyDocument"):
        iam.create_role(
            RoleName=new_name("role"),
            AssumeRolePolicyDocument=document(trusting(f"arn:aws:iam::{home.id}:user/nobody-here")),
        )


def test_the_role_exists_waiter(iam, role):
    iam.get_waiter("role_exists").wait(RoleName=role.name, WaiterConfig={"Delay": 1, "MaxAttempts": 1})
    with pytest.raises(Exception, match="Max attempts exceeded"):
        iam.get_waiter("role_exists").wait(RoleName="nobody", WaiterConfig={"Delay": 0, "MaxAttempts": 2})
