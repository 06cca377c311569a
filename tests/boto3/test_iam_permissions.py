"""What it takes to use IAM itself: permissions on users, roles and policies, and IAM's own condition keys."""

import pytest
from people import document, new_name, statement, trusting


def user_arn(home, name):
    return f"arn:aws:iam::{home.id}:user{name}"


def test_permissions_are_on_the_path_and_name(home, refused):
    admin = home.user(statement("iam:*User", user_arn(home, "/team/*")))
    name = new_name("user")
    admin.iam.create_user(UserName=name, Path="/team/")
    assert admin.iam.get_user(UserName=name)["User"]["Path"] == "/team/"
    outside = home.user().name
    for call in (
        lambda: admin.iam.create_user(UserName=new_name("user")),
        lambda: admin.iam.get_user(UserName=outside),
        lambda: admin.iam.delete_user(UserName=outside),
        lambda: admin.iam.update_user(UserName=name, NewPath="/elsewhere/"),
        lambda: admin.iam.list_users(),
        lambda: admin.iam.create_access_key(UserName=name),
    ):
        with refused("AccessDenied"):
            call()
    admin.iam.update_user(UserName=name, NewPath="/team/red/")
    admin.iam.delete_user(UserName=name)


def test_who_may_not_know_learns_nothing(home, refused):
    someone = home.user()
    for name in (someone.name, "nobody-at-all"):
        with refused("AccessDenied") as error:
            someone.iam.get_user(UserName=name)
        assert error.text.endswith(f"user/{name} because no identity-based policy allows the iam:GetUser action")


def test_tags_at_creation_take_their_own_permission(home, refused):
    admin = home.user(statement(["iam:CreateUser", "iam:CreateRole", "iam:CreatePolicy"]))
    tags, trust = [{"Key": "team", "Value": "red"}], document(trusting(home.arn))
    create = {
        "TagUser": lambda: admin.iam.create_user(UserName=new_name("user"), Tags=tags),
        "TagRole": lambda: admin.iam.create_role(RoleName=new_name("role"), AssumeRolePolicyDocument=trust, Tags=tags),
        "TagPolicy": lambda: admin.iam.create_policy(
            PolicyName=new_name("policy"), PolicyDocument=document(statement("kms:*")), Tags=tags
        ),
    }
    for call in create.values():
        with refused("AccessDenied"):
            call()
    for action, call in create.items():
        red = {"StringEquals": {"aws:RequestTag/team": "red"}}
        admin.may(statement(["iam:CreateUser", "iam:CreateRole", "iam:CreatePolicy"]), statement(f"iam:{action}", condition=red))
        call()


def test_only_these_policies_may_be_attached(home, refused):
    harmless, mighty = home.policy(statement("kms:ListKeys")), home.policy(statement("*"))
    admin = home.user(statement("iam:AttachUserPolicy", condition={"ArnEquals": {"iam:PolicyARN": harmless}}))
    someone = home.user()
    admin.iam.attach_user_policy(UserName=someone.name, PolicyArn=harmless)
    with refused("AccessDenied"):
        admin.iam.attach_user_policy(UserName=someone.name, PolicyArn=mighty)
    assert [one["PolicyArn"] for one in home.iam.list_attached_user_policies(UserName=someone.name)["AttachedPolicies"]] == [
        harmless
    ]


def test_new_users_must_have_the_boundary(home, refused):
    boundary = home.policy(statement("kms:*"))
    bounded = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    admin = home.user(statement(["iam:CreateUser", "iam:PutUserPolicy"], condition=bounded))
    name = new_name("user")
    for given in ({}, {"PermissionsBoundary": home.policy(statement("*"))}):
        with refused("AccessDenied"):
            admin.iam.create_user(UserName=name, **given)
    admin.iam.create_user(UserName=name, PermissionsBoundary=boundary)
    policy = {"PolicyName": "p", "PolicyDocument": document(statement("kms:*"))}
    admin.iam.put_user_policy(UserName=name, **policy)
    with refused("AccessDenied"):
        admin.iam.put_user_policy(UserName=home.user().name, **policy)


def test_tags_of_the_one_who_is_changed(home, refused):
    tags = [{"Key": "team", "Value": "red"}]
    red, blue = home.user(Tags=tags), home.user()
    for key in ("aws:ResourceTag/team", "iam:ResourceTag/team"):
        admin = home.user(statement("iam:GetUser", condition={"StringEquals": {key: "red"}}))
        admin.iam.get_user(UserName=red.name)
        with refused("AccessDenied"):
            admin.iam.get_user(UserName=blue.name)


@pytest.mark.parametrize("operation", ["get_account_summary", "list_account_aliases", "list_users", "list_roles"])
def test_lists_take_permission_on_everything(home, refused, operation):
    action = "iam:" + "".join(part.title() for part in operation.split("_"))
    admin = home.user(statement("iam:*", user_arn(home, "/*")))
    with refused("AccessDenied"):
        getattr(admin.iam, operation)()
    admin.may(statement(action))
    getattr(admin.iam, operation)()


def test_the_summary_of_an_account(new_account):
    account = new_account()
    empty = account.iam.get_account_summary()["SummaryMap"]
    assert (empty["Users"], empty["Groups"], empty["Roles"], empty["Policies"]) == (0, 0, 0, 0)
    assert empty["AccessKeysPerUserQuota"] == 2 and empty["VersionsPerPolicyQuota"] == 5
    account.user()
    account.role(trusting(account.arn))
    account.policy(statement("kms:*"))
    account.iam.create_group(GroupName="all")
    full = account.iam.get_account_summary()["SummaryMap"]
    assert (full["Users"], full["Groups"], full["Roles"], full["Policies"]) == (1, 1, 1, 1)
    assert account.iam.list_account_aliases()["AccountAliases"] == []


def test_another_accounts_users_are_out_of_reach(home, abroad, refused):
    role = home.role(trusting(abroad.arn), statement("iam:GetUser"))
    visitor = abroad.user(statement(["sts:AssumeRole", "iam:*"]))
    theirs = home.user()
    with refused("NoSuchEntity"):
        visitor.iam.get_user(UserName=theirs.name)
    assert visitor.assume(role).iam.get_user(UserName=theirs.name)["User"]["Arn"] == theirs.arn
