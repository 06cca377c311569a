"""Every list of IAM by boto3's paginators, whole and page by page."""

import pytest
from people import document, new_name, statement, trusting

TRUST_NOBODY = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}


@pytest.fixture(scope="module")
def full(home):
    """A user, role, group and policy with five of everything that can be listed, and the names made."""
    iam, user, role, group = home.iam, home.user(), home.role(trusting(home.arn)), new_name("group")
    iam.create_group(GroupName=group)
    arns = [home.policy(statement("kms:Encrypt"), Path="/listed/") for _ in range(4)]
    names = [f"inline-{number}" for number in range(5)]
    text = document(statement("kms:Encrypt"))
    tags = [{"Key": f"k{number}", "Value": "v"} for number in range(5)]
    for name in names:
        iam.put_user_policy(UserName=user.name, PolicyName=name, PolicyDocument=text)
        iam.put_role_policy(RoleName=role.name, PolicyName=name, PolicyDocument=text)
        iam.put_group_policy(GroupName=group, PolicyName=name, PolicyDocument=text)
    for arn in arns:
        iam.attach_user_policy(UserName=user.name, PolicyArn=arn)
        iam.attach_role_policy(RoleName=role.name, PolicyArn=arn)
        iam.attach_group_policy(GroupName=group, PolicyArn=arn)
    iam.tag_user(UserName=user.name, Tags=tags)
    iam.tag_role(RoleName=role.name, Tags=tags)
    iam.tag_policy(PolicyArn=arns[0], Tags=tags)
    iam.create_access_key(UserName=user.name)
    for _ in range(4):
        iam.create_policy_version(PolicyArn=arns[0], PolicyDocument=text)
    users = [home.user(Path="/listed/") for _ in range(5)]
    for one in users:
        iam.add_user_to_group(GroupName=group, UserName=one.name)
        iam.attach_user_policy(UserName=one.name, PolicyArn=arns[0])
    roles = [home.role(TRUST_NOBODY, Path="/listed/") for _ in range(3)]
    groups = [iam.create_group(GroupName=new_name("group"), Path="/listed/")["Group"]["GroupName"] for _ in range(3)]
    for one in groups:
        iam.add_user_to_group(GroupName=one, UserName=user.name)
    return {
        "user": {"UserName": user.name}, "role": {"RoleName": role.name}, "group": {"GroupName": group},
        "policy": {"PolicyArn": arns[0]}, "path": {"PathPrefix": "/listed/"},
        "arns": arns, "names": names, "tags": [tag["Key"] for tag in tags], "versions": [f"v{n}" for n in range(1, 6)],
        "users": [one.name for one in users], "roles": [one.name for one in roles], "groups": groups,
        "attached": [user.name, *(one.name for one in users), role.name, group],
    }  # fmt: skip


# paginator, whose, key of the list, key of an entry (None: it is a name), what it must be (None: so many)
LISTS = [
    ("list_users", "path", "Users", "UserName", "users"),
    ("list_roles", "path", "Roles", "RoleName", "roles"),
    ("list_groups", "path", "Groups", "GroupName", "groups"),
    ("list_policies", "path", "Policies", "Arn", "arns"),
    ("get_group", "group", "Users", "UserName", "users"),
    ("list_groups_for_user", "user", "Groups", "GroupName", "groups"),
    ("list_user_policies", "user", "PolicyNames", None, "names"),
    ("list_role_policies", "role", "PolicyNames", None, "names"),
    ("list_group_policies", "group", "PolicyNames", None, "names"),
    ("list_attached_user_policies", "user", "AttachedPolicies", "PolicyArn", "arns"),
    ("list_attached_role_policies", "role", "AttachedPolicies", "PolicyArn", "arns"),
    ("list_attached_group_policies", "group", "AttachedPolicies", "PolicyArn", "arns"),
    ("list_policy_versions", "policy", "Versions", "VersionId", "versions"),
    ("list_access_keys", "user", "AccessKeyMetadata", "AccessKeyId", 2),
    ("list_user_tags", "user", "Tags", "Key", "tags"),
    ("list_role_tags", "role", "Tags", "Key", "tags"),
    ("list_policy_tags", "policy", "Tags", "Key", "tags"),
]


@pytest.mark.parametrize(("name", "whose", "listed", "entry", "wanted"), LISTS, ids=[one[0] for one in LISTS])
def test_a_list_in_pages_of_every_size(home, full, name, whose, listed, entry, wanted):
    paginator = home.iam.get_paginator(name)
    for size in (1, 2, 3, 1000):
        pages = list(paginator.paginate(**full[whose], PaginationConfig={"PageSize": size}))
        assert all(len(page[listed]) <= size for page in pages)
        assert [page["IsTruncated"] for page in pages] == [True] * (len(pages) - 1) + [False]
        assert all(("Marker" in page) == page["IsTruncated"] for page in pages)
        entries = [one if entry is None else one[entry] for page in pages for one in page[listed]]
        assert len(entries) == len(set(entries))
        if isinstance(wanted, int):
            assert len(entries) == wanted
        else:
            assert sorted(entries) == sorted(full[wanted])
            assert len(pages) >= len(entries) / size


def test_the_entities_of_a_policy_in_pages(home, full):
    for size in (1, 3, 1000):
        pages = home.iam.get_paginator("list_entities_for_policy").paginate(
            **full["policy"], PaginationConfig={"PageSize": size}
        )
        found = [
            one[name]
            for page in pages
            for listed, name in (("PolicyUsers", "UserName"), ("PolicyRoles", "RoleName"), ("PolicyGroups", "GroupName"))
            for one in page[listed]
        ]
        assert sorted(found) == sorted(full["attached"])


def test_wrong_pages(home, full, refused):
    iam = home.client("iam", parameter_validation=False)
    for size in (0, 1001):
        with refused("ValidationError"):
            iam.list_users(MaxItems=size)
    for marker in ("nonsense", "AAAA"):
        with refused("ValidationError"):
            iam.list_users(Marker=marker)
    with refused("ValidationError"):
        iam.list_users(PathPrefix="no-slash")


def test_paths_are_prefixes(home):
    path = f"/{new_name('p')}/"
    inner, outer = home.user(Path=path + "inner/").name, home.user(Path=path).name
    names = lambda prefix: {one["UserName"] for one in home.iam.list_users(PathPrefix=prefix)["Users"]}  # noqa: E731
    assert names(path) == {inner, outer} and names(path + "inner/") == {inner}
    assert names(path[:-1]) == {inner, outer} and names(path + "x") == set()
