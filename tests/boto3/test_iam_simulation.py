"""SimulatePrincipalPolicy and SimulateCustomPolicy through boto3."""

import pytest
from people import document, new_name, of_key, statement, trusting


@pytest.fixture
def iam(home):
    return home.iam


@pytest.fixture
def user(home):
    return home.user()


def decisions(answer):
    return {one["EvalActionName"]: one["EvalDecision"] for one in answer["EvaluationResults"]}


def simulate(home, source, *actions, **given):
    return home.iam.simulate_principal_policy(PolicySourceArn=source.arn, ActionNames=list(actions), **given)


def test_the_three_decisions(home, key, user):
    user.may(statement(["kms:Encrypt", "kms:Decrypt"], key["Arn"], Sid="Use"), statement("kms:Decrypt", effect="Deny"))
    answer = simulate(home, user, "kms:Encrypt", "kms:Decrypt", "kms:Sign", ResourceArns=[key["Arn"]])
    assert decisions(answer) == {"kms:Encrypt": "allowed", "kms:Decrypt": "explicitDeny", "kms:Sign": "implicitDeny"}
    assert {one["EvalResourceName"] for one in answer["EvaluationResults"]} == {key["Arn"]}
    by_action = {one["EvalActionName"]: one for one in answer["EvaluationResults"]}
    (matched,) = by_action["kms:Encrypt"]["MatchedStatements"]
    assert "test" in matched["SourcePolicyId"] and matched["SourcePolicyType"]
    assert matched["StartPosition"]["Line"] == 1 and matched["EndPosition"]["Column"] > matched["StartPosition"]["Column"]
    assert by_action["kms:Sign"]["MatchedStatements"] == []


def test_every_resource_by_default(home, user):
    user.may(statement("kms:CreateKey"))
    answer = simulate(home, user, "kms:CreateKey", "kms:ListKeys")
    assert decisions(answer) == {"kms:CreateKey": "allowed", "kms:ListKeys": "implicitDeny"}
    assert {one["EvalResourceName"] for one in answer["EvaluationResults"]} == {"*"}


def test_context_and_what_is_missing(home, key, user):
    user.may(statement("kms:Encrypt", condition={"StringEquals": {"kms:EncryptionContext:team": "red"}}))
    entry = lambda value: [  # noqa: E731
        {"ContextKeyName": "kms:EncryptionContext:team", "ContextKeyValues": [value], "ContextKeyType": "string"}
    ]
    for given, decision, missing in (
        ({}, "implicitDeny", ["kms:EncryptionContext:team"]),
        ({"ContextEntries": entry("red")}, "allowed", []),
        ({"ContextEntries": entry("blue")}, "implicitDeny", []),
    ):
        (one,) = simulate(home, user, "kms:Encrypt", ResourceArns=[key["Arn"]], **given)["EvaluationResults"]
        assert (one["EvalDecision"], one["MissingContextValues"]) == (decision, missing)


def test_groups_boundaries_and_input_policies_count(home, iam, user):
    group = new_name("group")
    iam.create_group(GroupName=group)
    iam.put_group_policy(GroupName=group, PolicyName="g", PolicyDocument=document(statement("kms:Encrypt")))
    iam.add_user_to_group(GroupName=group, UserName=user.name)
    assert decisions(simulate(home, user, "kms:Encrypt")) == {"kms:Encrypt": "allowed"}
    more = simulate(home, user, "kms:Sign", PolicyInputList=[document(statement("kms:Sign"))])
    assert decisions(more) == {"kms:Sign": "allowed"}
    bounded = simulate(
        home, user, "kms:Encrypt", PermissionsBoundaryPolicyInputList=[document(statement("kms:Decrypt"))]
    )
    assert decisions(bounded) == {"kms:Encrypt": "implicitDeny"}
    detail = bounded["EvaluationResults"][0]["PermissionsBoundaryDecisionDetail"]
    assert detail == {"AllowedByPermissionsBoundary": False}
    iam.put_user_permissions_boundary(UserName=user.name, PermissionsBoundary=home.policy(statement("kms:Decrypt")))
    assert decisions(simulate(home, user, "kms:Encrypt")) == {"kms:Encrypt": "implicitDeny"}
    text = iam.get_group(GroupName=group)["Group"]
    assert text["GroupName"] == group


def test_roles_and_groups_are_sources(home, iam):
    role = home.role(trusting(home.arn), statement("kms:Encrypt"))
    assert decisions(simulate(home, role, "kms:Encrypt")) == {"kms:Encrypt": "allowed"}
    name = new_name("group")
    arn = iam.create_group(GroupName=name)["Group"]["Arn"]
    iam.attach_group_policy(GroupName=name, PolicyArn=home.policy(statement("kms:Decrypt")))
    answer = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["kms:Decrypt", "kms:Encrypt"])
    assert decisions(answer) == {"kms:Decrypt": "allowed", "kms:Encrypt": "implicitDeny"}


def test_a_resource_policy(home, key, user):
    allowing = document(of_key(user.arn, "kms:Encrypt"))
    given = {"ResourceArns": [key["Arn"]], "ResourcePolicy": allowing, "CallerArn": user.arn}
    assert decisions(simulate(home, user, "kms:Encrypt", "kms:Decrypt", **given)) == {
        "kms:Encrypt": "allowed",
        "kms:Decrypt": "implicitDeny",
    }
    user.may(statement("kms:*"))
    denying = document(of_key(home.arn, "kms:*"), of_key("*", "kms:Encrypt", "Deny"))
    assert decisions(simulate(home, user, "kms:Encrypt", **given | {"ResourcePolicy": denying})) == {
        "kms:Encrypt": "explicitDeny"
    }


def test_custom_policies(iam):
    answer = iam.simulate_custom_policy(
        PolicyInputList=[document(statement("kms:*")), document(statement("kms:Sign", effect="Deny"))],
        ActionNames=["kms:Encrypt", "kms:Sign", "iam:CreateUser"],
    )
    assert decisions(answer) == {"kms:Encrypt": "allowed", "kms:Sign": "explicitDeny", "iam:CreateUser": "implicitDeny"}
    first = answer["EvaluationResults"][0]["MatchedStatements"][0]
    assert first["SourcePolicyId"] == "PolicyInputList.1"


def test_pages_of_results(home, user):
    user.may(statement("kms:*"))
    actions = [f"kms:Action{number}" for number in range(7)]
    pages = list(
        home.iam.get_paginator("simulate_principal_policy").paginate(
            PolicySourceArn=user.arn, ActionNames=actions, PaginationConfig={"PageSize": 3}
        )
    )
    assert [len(page["EvaluationResults"]) for page in pages] == [3, 3, 1]
    assert [one["EvalActionName"] for page in pages for one in page["EvaluationResults"]] == actions


def test_the_simulation_agrees_with_what_happens(home, key, user, refused):
    context = {"ContextKeyName": "kms:EncryptionContext:team", "ContextKeyValues": ["red"], "ContextKeyType": "string"}
    for statements, decision in (
        ([statement("kms:Encrypt", key["Arn"])], "allowed"),
        ([statement("kms:Encrypt", key["Arn"] + "x")], "implicitDeny"),
        ([statement("kms:*"), statement("kms:Enc*", effect="Deny")], "explicitDeny"),
        ([statement("kms:Encrypt", condition={"StringLike": {"kms:EncryptionContext:team": "r*"}})], "allowed"),
        ([statement("kms:Encrypt", condition={"Null": {"kms:EncryptionContext:team": "true"}})], "implicitDeny"),
    ):
        user.may(*statements)
        answer = simulate(home, user, "kms:Encrypt", ResourceArns=[key["Arn"]], ContextEntries=[context])
        assert decisions(answer) == {"kms:Encrypt": decision}
        use = lambda: user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x", EncryptionContext={"team": "red"})  # noqa: E731
        if decision == "allowed":
            use()
        else:
            with refused("AccessDeniedException"):
                use()


def test_wrong_simulations(home, user, refused):
    with pytest.raises(home.iam.exceptions.NoSuchEntityException):
        home.iam.simulate_principal_policy(
            PolicySourceArn=f"arn:aws:iam::{home.id}:user/nobody", ActionNames=["kms:Encrypt"]
        )
    for wrong in ({"PolicyInputList": ["{"]}, {"ActionNames": ["Encrypt"]}, {"ActionNames": ["nothing:"]}, {"ActionNames": ["kms:*"]}):
        given = {"PolicySourceArn": user.arn, "ActionNames": ["kms:Encrypt"]} | wrong
        with refused("InvalidInput"):
            home.iam.simulate_principal_policy(**given)
    with refused("AccessDenied"):
        user.iam.simulate_principal_policy(PolicySourceArn=user.arn, ActionNames=["kms:Encrypt"])
