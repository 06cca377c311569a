"""Bad policy documents, each refused with AWS's code wherever it is offered, and nothing stored; and their limits."""

import json
import re
from urllib.parse import unquote

import pytest
from conftest import REPOSITORY
from people import document, new_name, of_key, statement, trusting

BAD = json.loads((REPOSITORY / "crates/trent-policy/tests/data/bad_policies.json").read_text())
KINDS = ("key", "identity", "trust")


def of_kind(kind):
    """The bad documents of a kind that fit into a request, numbered."""
    found = [(number, one) for number, one in enumerate(BAD) if one["kind"] == kind and one["document"]]
    return pytest.mark.parametrize("bad", [one for _, one in found], ids=[str(number) for number, _ in found])


def test_there_are_more_than_a_hundred():
    assert {one["kind"] for one in BAD} >= set(KINDS)
    assert len({(one["kind"], one["document"]) for one in BAD if one["kind"] in KINDS}) >= 100


def code(bad, protocol):
    """What a document is refused with: the model tells of characters that none may have, the policy of all else."""
    if re.fullmatch("[\\t\\n\\r\\u0020-\\u00FF]+", bad["document"]):
        return {"json": "MalformedPolicyDocumentException", "query": "MalformedPolicyDocument"}[protocol]
    return {"json": "ValidationException", "query": "ValidationError"}[protocol]


def check_text(bad, error):
    assert error.text.startswith(bad["message"]) or "Malformed" not in error.error.response["Error"]["Code"], error.text


@pytest.fixture(scope="module")
def kept(home):
    """A key, a user, a role and a managed policy that no test here changes."""
    user = home.user()
    return home.key(), user, home.role(trusting(user.arn)), home.policy(statement("kms:*"))


@of_kind("key")
def test_a_key_policy(home, kept, refused, bad):
    key = kept[0]
    before = home.kms.get_key_policy(KeyId=key["KeyId"])["Policy"]
    with refused(code(bad, "json")) as error:
        home.kms.put_key_policy(KeyId=key["KeyId"], Policy=bad["document"], BypassPolicyLockoutSafetyCheck=True)
    check_text(bad, error)
    assert home.kms.get_key_policy(KeyId=key["KeyId"])["Policy"] == before
    with refused(code(bad, "json")):
        home.client("kms", "sa-east-1").create_key(Policy=bad["document"], BypassPolicyLockoutSafetyCheck=True)
    assert home.client("kms", "sa-east-1").list_keys()["Keys"] == []


@of_kind("identity")
def test_an_identity_policy(home, kept, refused, bad):
    _, user, role, arn = kept
    text, iam = bad["document"], home.iam
    before = iam.get_policy(PolicyArn=arn)["Policy"]
    name = new_name("bad")
    for call in (
        lambda: iam.put_user_policy(UserName=user.name, PolicyName=name, PolicyDocument=text),
        lambda: iam.put_role_policy(RoleName=role.name, PolicyName=name, PolicyDocument=text),
        lambda: iam.create_policy(PolicyName=name, PolicyDocument=text),
        lambda: iam.create_policy_version(PolicyArn=arn, PolicyDocument=text),
    ):
        with refused(code(bad, "query")) as error:
            call()
        check_text(bad, error)
    with refused(code(bad, "query")):
        user.assume(role, Policy=text)
    assert iam.list_user_policies(UserName=user.name)["PolicyNames"] == []
    assert iam.list_role_policies(RoleName=role.name)["PolicyNames"] == []
    with refused("NoSuchEntity"):
        iam.get_policy(PolicyArn=f"arn:aws:iam::{home.id}:policy/{name}")
    assert iam.get_policy(PolicyArn=arn)["Policy"] == before
    assert len(iam.list_policy_versions(PolicyArn=arn)["Versions"]) == 1


@of_kind("trust")
def test_a_trust_policy(home, kept, refused, bad):
    role = kept[2]
    name = new_name("bad")
    before = home.iam.get_role(RoleName=role.name)["Role"]["AssumeRolePolicyDocument"]
    with refused(code(bad, "query")) as error:
        home.iam.create_role(RoleName=name, AssumeRolePolicyDocument=bad["document"])
    check_text(bad, error)
    with refused("NoSuchEntity"):
        home.iam.get_role(RoleName=name)
    with refused(code(bad, "query")):
        home.iam.update_assume_role_policy(RoleName=role.name, PolicyDocument=bad["document"])
    assert home.iam.get_role(RoleName=role.name)["Role"]["AssumeRolePolicyDocument"] == before


def long_policy(characters):
    """An identity policy of so many characters without its white space."""
    rest = len(document(statement("kms:Encrypt", ["x"])).replace(" ", ""))
    return document(statement("kms:Encrypt", ["arn:aws:kms:*:*:key/".ljust(characters - rest + 1, "k")]))


def test_the_sizes_of_identity_policies(home, refused):
    iam, user = home.iam, home.user()
    role = home.role(trusting(user.arn))
    group = new_name("group")
    iam.create_group(GroupName=group)
    name = {"PolicyName": "long"}
    managed = lambda text: iam.create_policy(PolicyName=new_name("policy"), PolicyDocument=text)  # noqa: E731
    for limit, put in (
        (2048, lambda text: iam.put_user_policy(UserName=user.name, PolicyDocument=text, **name)),
        (10240, lambda text: iam.put_role_policy(RoleName=role.name, PolicyDocument=text, **name)),
        (5120, lambda text: iam.put_group_policy(GroupName=group, PolicyDocument=text, **name)),
        (6144, managed),
    ):
        put(long_policy(limit))
        put(long_policy(limit).replace(" ", "  \n "))
        with refused("LimitExceeded"):
            put(long_policy(limit + 1))
    iam.put_user_policy(UserName=user.name, PolicyDocument=long_policy(1000), **name)
    with refused("LimitExceeded"):
        iam.put_user_policy(UserName=user.name, PolicyName="more", PolicyDocument=long_policy(1049))


def test_the_size_of_a_key_policy(home, refused):
    key = home.key()
    longest = document(home.everything, of_key(home.arn, "kms:Encrypt", Sid="S"))
    longest = longest.replace('"S"', '"S' + "s" * (32768 - len(longest)) + '"')
    assert len(longest) == 32768
    home.kms.put_key_policy(KeyId=key["KeyId"], Policy=longest)
    # botocore takes this code for one of throttling.
    once = home.client("kms", retries={"mode": "standard", "max_attempts": 1})
    with refused("LimitExceededException"):
        once.put_key_policy(KeyId=key["KeyId"], Policy=longest + " ")
    assert home.kms.get_key_policy(KeyId=key["KeyId"])["Policy"] == longest


def test_documents_come_back_word_for_word(home):
    user = home.user()
    text = ' {"Statement" : {"Sid" : "A1", "Effect":"Allow",\n"Action":"kms:Encrypt","Resource":"*"}}\n'
    home.iam.put_user_policy(UserName=user.name, PolicyName="test", PolicyDocument=text)
    wire = []
    home.iam.meta.events.register_last("after-call.iam.GetUserPolicy", lambda http_response, **_: wire.append(http_response.text))
    got = home.iam.get_user_policy(UserName=user.name, PolicyName="test")["PolicyDocument"]
    assert got == json.loads(text)
    encoded = wire[0].partition("<PolicyDocument>")[2].partition("</PolicyDocument>")[0]
    assert "{" not in encoded and unquote(encoded) == text
