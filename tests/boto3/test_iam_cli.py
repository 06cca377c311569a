"""`aws iam` and `aws sts`: identities from the shell, as administrators make them."""

import json

import pytest
from people import document, new_name, statement, trusting
from test_cli import aws


@pytest.fixture
def run(stack, tmp_path):
    """Runs a shell line; what it prints as JSON, if it prints anything."""

    def line(command, credentials=None):
        printed = aws(stack, command, cwd=tmp_path, credentials=credentials)
        return json.loads(printed) if printed.strip() else None

    return line


def fails(stack, command, credentials=None):
    """What the AWS CLI says when it fails."""
    with pytest.raises(AssertionError) as caught:
        aws(stack, command, credentials=credentials)
    return str(caught.value)


def test_a_user_from_beginning_to_end(stack, home, key, run, tmp_path):
    name, group = new_name("cli"), new_name("cli-group")
    (tmp_path / "policy.json").write_text(document(statement("kms:Encrypt", key["Arn"])))
    made = run(f"aws iam create-user --user-name {name} --path /cli/ --tags Key=team,Value=red")["User"]
    assert made["Arn"] == f"arn:aws:iam::{home.id}:user/cli/{name}"
    access = run(f"aws iam create-access-key --user-name {name}")["AccessKey"]
    credentials = (access["AccessKeyId"], access["SecretAccessKey"])
    assert run("aws sts get-caller-identity", credentials)["Arn"] == made["Arn"]
    encrypt = f"aws kms encrypt --key-id {key['KeyId']} --plaintext eA=="
    assert "AccessDeniedException" in fails(stack, encrypt, credentials)
    run(f"aws iam put-user-policy --user-name {name} --policy-name p --policy-document file://policy.json")
    assert run(encrypt, credentials)["KeyId"] == key["Arn"]
    shown = run(f"aws iam get-user-policy --user-name {name} --policy-name p")
    assert shown["PolicyDocument"]["Statement"][0]["Resource"] == key["Arn"]
    assert run(f"aws iam list-user-policies --user-name {name}")["PolicyNames"] == ["p"]
    run(f"aws iam delete-user-policy --user-name {name} --policy-name p")
    assert "AccessDeniedException" in fails(stack, encrypt, credentials)
    arn = run("aws iam create-policy --policy-name " + name + " --policy-document file://policy.json")["Policy"]["Arn"]
    run(f"aws iam create-group --group-name {group}")
    run(f"aws iam attach-group-policy --group-name {group} --policy-arn {arn}")
    run(f"aws iam add-user-to-group --group-name {group} --user-name {name}")
    run(encrypt, credentials)
    assert [one["GroupName"] for one in run(f"aws iam list-groups-for-user --user-name {name}")["Groups"]] == [group]
    run(f"aws iam update-access-key --user-name {name} --access-key-id {credentials[0]} --status Inactive")
    assert "UnrecognizedClientException" in fails(stack, encrypt, credentials)
    assert "DeleteConflict" in fails(stack, f"aws iam delete-user --user-name {name}")
    for command in (
        f"delete-access-key --user-name {name} --access-key-id {credentials[0]}",
        f"remove-user-from-group --group-name {group} --user-name {name}",
        f"detach-group-policy --group-name {group} --policy-arn {arn}",
        f"delete-group --group-name {group}",
        f"delete-policy --policy-arn {arn}",
        f"delete-user --user-name {name}",
    ):
        run("aws iam " + command)
    assert "NoSuchEntity" in fails(stack, f"aws iam get-user --user-name {name}")


def test_a_role_assumed(stack, home, key, run, tmp_path):
    name = new_name("cli-role")
    user = home.user()
    (tmp_path / "trust.json").write_text(document(trusting(user.arn)))
    (tmp_path / "policy.json").write_text(document(statement("kms:Encrypt", key["Arn"])))
    role = run(f"aws iam create-role --role-name {name} --assume-role-policy-document file://trust.json")["Role"]
    run(f"aws iam put-role-policy --role-name {name} --policy-name p --policy-document file://policy.json")
    assume = f"aws sts assume-role --role-arn {role['Arn']} --role-session-name from-the-cli"
    given = run(assume, user.credentials)["Credentials"]
    session = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    identity = run("aws sts get-caller-identity", session)
    assert identity["Arn"] == f"arn:aws:sts::{home.id}:assumed-role/{name}/from-the-cli"
    assert identity["UserId"] == f"{role['RoleId']}:from-the-cli"
    run(f"aws kms encrypt --key-id {key['KeyId']} --plaintext eA==", session)
    assert "Roles may not be assumed by root accounts" in fails(stack, assume)
    assert run(f"aws iam get-role --role-name {name}")["Role"]["AssumeRolePolicyDocument"]["Statement"]
    run(f"aws iam wait role-exists --role-name {name}")
    run(f"aws iam delete-role-policy --role-name {name} --policy-name p")
    run(f"aws iam delete-role --role-name {name}")


def test_a_session_token_and_a_simulation(stack, home, run):
    user = home.user(statement("kms:ListKeys"))
    given = run("aws sts get-session-token --duration-seconds 900", user.credentials)["Credentials"]
    session = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    assert run("aws sts get-caller-identity", session)["Arn"] == user.arn
    answer = run(
        f"aws iam simulate-principal-policy --policy-source-arn {user.arn} --action-names kms:ListKeys kms:CreateKey"
    )
    assert [one["EvalDecision"] for one in answer["EvaluationResults"]] == ["allowed", "implicitDeny"]
    assert run("aws iam list-users --max-items 1 --query 'length(Users)'") == 1
