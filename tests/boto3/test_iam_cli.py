"""`aws iam` and `aws sts`: identities from the shell, as administrators make them. The AWS CLI runs in this process."""

import json
import os

import pytest
from awscli.clidriver import create_clidriver
from people import document, new_name, statement, trusting


class Cli:
    """The AWS CLI as somebody, in a directory of its own."""

    def __init__(self, stack, capfd, monkeypatch, directory):
        self.stack, self.capfd, self.monkeypatch, self.directory = stack, capfd, monkeypatch, directory
        monkeypatch.chdir(directory)

    def run(self, line, credentials=None):
        """Exit status, standard output and standard error of `aws` with these arguments."""
        with self.monkeypatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("AWS_") and name != "AWS_DATA_PATH"]:
                patch.delenv(name)
            for name, value in self.stack.environment(credentials=credentials).items():
                if name.startswith("AWS_"):
                    patch.setenv(name, value)
            self.capfd.readouterr()
            status = create_clidriver().main(line.split())
        out, err = self.capfd.readouterr()
        return status, out, err

    def __call__(self, line, credentials=None):
        """What `aws` prints, read as JSON, if it prints anything."""
        status, out, err = self.run(line, credentials)
        assert status == 0, err
        return json.loads(out) if out.strip() else None

    def fails(self, line, credentials=None):
        """What `aws` says when it fails."""
        status, _, err = self.run(line, credentials)
        assert status != 0
        return err

    def write(self, name, text):
        (self.directory / name).write_text(text)


@pytest.fixture
def cli(stack, capfd, monkeypatch, tmp_path):
    return Cli(stack, capfd, monkeypatch, tmp_path)


def test_a_user_from_beginning_to_end(home, key, cli):
    name, group = new_name("cli"), new_name("cli-group")
    cli.write("policy.json", document(statement("kms:Encrypt", key["Arn"])))
    made = cli(f"iam create-user --user-name {name} --path /cli/ --tags Key=team,Value=red")["User"]
    assert made["Arn"] == f"arn:aws:iam::{home.id}:user/cli/{name}"
    access = cli(f"iam create-access-key --user-name {name}")["AccessKey"]
    own = (access["AccessKeyId"], access["SecretAccessKey"])
    encrypt = f"kms encrypt --key-id {key['KeyId']} --plaintext eA=="
    assert "AccessDeniedException" in cli.fails(encrypt, own)
    cli(f"iam put-user-policy --user-name {name} --policy-name p --policy-document file://policy.json")
    assert cli(encrypt, own)["KeyId"] == key["Arn"]
    shown = cli(f"iam get-user-policy --user-name {name} --policy-name p")
    assert shown["PolicyDocument"]["Statement"][0]["Resource"] == key["Arn"]
    cli(f"iam delete-user-policy --user-name {name} --policy-name p")
    arn = cli(f"iam create-policy --policy-name {name} --policy-document file://policy.json")["Policy"]["Arn"]
    cli(f"iam create-group --group-name {group}")
    cli(f"iam attach-group-policy --group-name {group} --policy-arn {arn}")
    cli(f"iam add-user-to-group --group-name {group} --user-name {name}")
    cli(encrypt, own)
    assert [one["GroupName"] for one in cli(f"iam list-groups-for-user --user-name {name}")["Groups"]] == [group]
    cli(f"iam update-access-key --user-name {name} --access-key-id {own[0]} --status Inactive")
    assert "UnrecognizedClientException" in cli.fails(encrypt, own)
    assert "DeleteConflict" in cli.fails(f"iam delete-user --user-name {name}")
    for command in (
        f"delete-access-key --user-name {name} --access-key-id {own[0]}",
        f"remove-user-from-group --group-name {group} --user-name {name}",
        f"detach-group-policy --group-name {group} --policy-arn {arn}",
        f"delete-group --group-name {group}",
        f"delete-policy --policy-arn {arn}",
        f"delete-user --user-name {name}",
    ):
        cli("iam " + command)
    assert "NoSuchEntity" in cli.fails(f"iam get-user --user-name {name}")


def test_a_role_assumed(home, key, cli):
    name, user = new_name("cli-role"), home.user()
    cli.write("trust.json", document(trusting(user.arn)))
    cli.write("policy.json", document(statement("kms:Encrypt", key["Arn"])))
    role = cli(f"iam create-role --role-name {name} --assume-role-policy-document file://trust.json")["Role"]
    cli(f"iam put-role-policy --role-name {name} --policy-name p --policy-document file://policy.json")
    assume = f"sts assume-role --role-arn {role['Arn']} --role-session-name from-the-cli"
    given = cli(assume, user.credentials)["Credentials"]
    session = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    identity = cli("sts get-caller-identity", session)
    assert identity["Arn"] == f"arn:aws:sts::{home.id}:assumed-role/{name}/from-the-cli"
    assert identity["UserId"] == f"{role['RoleId']}:from-the-cli"
    cli(f"kms encrypt --key-id {key['KeyId']} --plaintext eA==", session)
    assert "Roles may not be assumed by root accounts" in cli.fails(assume)
    cli(f"iam wait role-exists --role-name {name}")
    cli(f"iam delete-role-policy --role-name {name} --policy-name p")
    cli(f"iam delete-role --role-name {name}")


def test_a_session_token_and_a_simulation(home, cli):
    user = home.user(statement("kms:ListKeys"))
    given = cli("sts get-session-token --duration-seconds 900", user.credentials)["Credentials"]
    session = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    assert cli("sts get-caller-identity", session)["Arn"] == user.arn
    answer = cli(
        f"iam simulate-principal-policy --policy-source-arn {user.arn} --action-names kms:ListKeys kms:CreateKey"
    )
    assert [one["EvalDecision"] for one in answer["EvaluationResults"]] == ["allowed", "implicitDeny"]
    assert cli("iam list-users --max-items 1 --query length(Users)") == 1
