"""The AWS CLI, as the source texts use it (A1, A2, A6, D1, G1)."""

import json
import os
import subprocess
from pathlib import Path

AWS = Path(__file__).resolve().parents[2] / ".tools" / "bin" / "aws"


def aws(stack, command, region="us-east-1", cwd=None, credentials=None):
    """Runs a shell line in which `aws` is the AWS CLI; its standard output."""
    env = stack.environment(region, credentials)
    env["PATH"] = f"{AWS.parent}:{env['PATH']}"
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], env=env, capture_output=True, text=True, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a1_create_key(stack):
    made = json.loads(aws(stack, "aws kms create-key"))["KeyMetadata"]
    assert (made["KeySpec"], made["KeyState"], made["Description"]) == ("SYMMETRIC_DEFAULT", "Enabled", "")


def test_a2_get_key_policy_as_text(stack, key):
    text = aws(stack, f"aws kms get-key-policy --key-id {key['KeyId']} --policy-name default --output text --query Policy")
    policy = json.loads(text)
    assert policy["Id"] == "key-default-1"
    assert policy["Statement"][0]["Sid"] == "Enable IAM User Permissions"


def test_d1_the_file_round_trip(stack, key, alias, tmp_path):
    content = os.urandom(2000)
    (tmp_path / "plain").write_bytes(content)
    aws(stack, f"aws kms create-alias --alias-name {alias} --target-key-id {key['KeyId']}")
    aws(
        stack,
        f"aws kms encrypt --key-id {alias} --plaintext fileb://plain --output text --query CiphertextBlob"
        " | base64 --decode > sealed",
        cwd=tmp_path,
    )
    aws(
        stack,
        "aws kms decrypt --ciphertext-blob fileb://sealed --output text --query Plaintext | base64 --decode > opened",
        cwd=tmp_path,
    )
    assert (tmp_path / "opened").read_bytes() == content
    listed = json.loads(aws(stack, f"aws kms list-aliases --key-id {key['KeyId']}"))["Aliases"]
    assert [entry["AliasName"] for entry in listed] == [alias]


def test_g1_list_keys_of_an_empty_region(stack):
    assert json.loads(aws(stack, "aws kms list-keys", region="ap-southeast-7"))["Keys"] == []


def test_identity_and_users(stack, account):
    assert json.loads(aws(stack, "aws sts get-caller-identity"))["Account"] == account
    made = json.loads(aws(stack, "aws iam create-user --user-name from-the-cli"))["User"]
    assert made["UserName"] == "from-the-cli"
