"""A change that was answered holds in the very next request, through whichever gateway and evaluator it comes."""

import itertools

import pytest
from people import document, of_key, statement, trusting

ROUNDS = 50
# For what comes to a decision on the same way as something that has had all rounds.
FEWER = 10
ALLOW = document(statement("kms:Encrypt"))


class Everywhere:
    """A caller with one client per gateway and more, used in turn: with one gateway, two connections."""

    def __init__(self, stack, credentials):
        endpoints = stack.endpoints * (2 // len(stack.endpoints) or 1)
        self.clients = itertools.cycle([stack.client("kms", credentials=credentials, endpoint=one) for one in endpoints])

    def may(self, key):
        kms = next(self.clients)
        try:
            kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
        except kms.exceptions.ClientError as error:
            code = error.response["Error"]["Code"]
            assert code in ("AccessDeniedException", "UnrecognizedClientException"), error
            return False
        return True


@pytest.fixture
def iams(stack):
    """IAM clients of the root user through every gateway, in turn."""
    return itertools.cycle([stack.client("iam", endpoint=one) for one in stack.endpoints])


def flip(iams, caller, key, on, off, rounds=ROUNDS):
    """Grants and takes away in turn; the request after each must see it."""
    for number in range(rounds):
        on(next(iams))
        assert caller.may(key) and caller.may(key), f"not yet allowed in round {number}"
        off(next(iams))
        assert not caller.may(key) and not caller.may(key), f"still allowed in round {number}"


def test_inline_policies(stack, home, key, iams):
    user = home.user()
    which = {"UserName": user.name, "PolicyName": "test"}
    flip(
        iams, Everywhere(stack, user.credentials), key,
        lambda iam: iam.put_user_policy(PolicyDocument=ALLOW, **which), lambda iam: iam.delete_user_policy(**which),
    )  # fmt: skip


def test_policies_of_a_role(stack, home, key, iams):
    user = home.user()
    role = home.role(trusting(user.arn))
    which = {"RoleName": role.name, "PolicyArn": home.policy(statement("kms:Encrypt"))}
    flip(
        iams, Everywhere(stack, user.assume(role).credentials), key,
        lambda iam: iam.attach_role_policy(**which), lambda iam: iam.detach_role_policy(**which),
    )  # fmt: skip


def test_access_keys(stack, home, key, iams):
    user = home.user(statement("kms:Encrypt"))
    which = {"UserName": user.name, "AccessKeyId": user.credentials[0]}
    flip(
        iams, Everywhere(stack, user.credentials), key,
        lambda iam: iam.update_access_key(Status="Active", **which),
        lambda iam: iam.update_access_key(Status="Inactive", **which),
    )  # fmt: skip


def test_groups(stack, home, key, iams):
    user, group = home.user(), f"at-once-{home.id}"
    home.iam.create_group(GroupName=group)
    home.iam.put_group_policy(GroupName=group, PolicyName="test", PolicyDocument=ALLOW)
    which = {"UserName": user.name, "GroupName": group}
    flip(
        iams, Everywhere(stack, user.credentials), key,
        lambda iam: iam.add_user_to_group(**which), lambda iam: iam.remove_user_from_group(**which), FEWER,
    )  # fmt: skip


def test_versions_of_a_managed_policy(stack, home, key, iams):
    user, arn = home.user(), home.policy(statement("kms:Encrypt"))
    home.iam.attach_user_policy(UserName=user.name, PolicyArn=arn)
    home.iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(statement("kms:Decrypt")))
    flip(
        iams, Everywhere(stack, user.credentials), key,
        lambda iam: iam.set_default_policy_version(PolicyArn=arn, VersionId="v1"),
        lambda iam: iam.set_default_policy_version(PolicyArn=arn, VersionId="v2"), FEWER,
    )  # fmt: skip


def test_boundaries(stack, home, key, iams):
    user, boundary = home.user(statement("kms:Encrypt")), home.policy(statement("kms:Decrypt"))
    which = {"UserName": user.name}
    home.iam.put_user_permissions_boundary(PermissionsBoundary=boundary, **which)
    flip(
        iams, Everywhere(stack, user.credentials), key,
        lambda iam: iam.delete_user_permissions_boundary(**which),
        lambda iam: iam.put_user_permissions_boundary(PermissionsBoundary=boundary, **which), FEWER,
    )  # fmt: skip


def test_key_policies_and_grants(stack, home, iams):
    user, key = home.user(), home.key()
    kms = itertools.cycle([stack.client("kms", endpoint=one) for one in stack.endpoints])
    put = lambda *more: next(kms).put_key_policy(KeyId=key["KeyId"], Policy=document(home.everything, *more))  # noqa: E731
    caller = Everywhere(stack, user.credentials)
    flip(iams, caller, key, lambda _: put(of_key(user.arn, "kms:Encrypt")), lambda _: put(), FEWER)
    made = []
    grant = {"KeyId": key["KeyId"], "GranteePrincipal": user.arn, "Operations": ["Encrypt"]}
    flip(
        iams, caller, key,
        lambda _: made.append(next(kms).create_grant(**grant)["GrantId"]),
        lambda _: next(kms).revoke_grant(KeyId=key["KeyId"], GrantId=made.pop()), FEWER,
    )  # fmt: skip
