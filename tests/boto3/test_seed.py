"""Seed files: keys of fixed ids and material that a deployment begins with.

Embedded, each test has an instance of its own. Distributed, a further evaluator joins the stack with a seed file and
makes its keys in the database of all.
"""

import json
import secrets
import subprocess
import uuid
from datetime import datetime, timezone

import pytest
from conftest import FORM
from program import Program, bus_of, run

distributed_only = pytest.mark.skipif(FORM != "distributed", reason="there is nothing to allow in one process")


def seed_file(directory, text):
    directory.mkdir(exist_ok=True)
    path = directory / "seed.yaml"
    path.write_text(text)
    path.chmod(0o600)
    return path


class Seeding:
    """Instances that begin with seed files."""

    def __init__(self, stack, directory):
        self.shared, self.directory, self.programs = stack, directory, []

    def program(self, text, name="own", form=FORM):
        directory = self.directory / name
        variables = {"TRENT_SEED_FILE": str(seed_file(directory, text)), "TRENT_LIFECYCLE_INTERVAL_MS": "600000"}
        if form == "embedded":
            root = {"TRENT_ROOT_ACCESS_KEY_ID": "AKIASEEDSEEDSEEDSEED", "TRENT_ROOT_SECRET_ACCESS_KEY": "s" * 40}
            program = Program(directory, "all", **root, **variables)
        else:
            allowed = {"TRENT_SEED_ALLOW": "distributed"}
            program = Program(directory, "policy", **bus_of(self.shared, "policy"), **allowed, **variables)
        self.programs.append(program)
        return program.start().wait_until_ready()

    def kms(self, text, name="own", form=FORM):
        """A client of an instance with these keys."""
        return self.client(self.program(text, name, form))

    def client(self, program):
        if program.role == "policy":
            return self.shared.client("kms")
        own = ("AKIASEEDSEEDSEEDSEED", "s" * 40)
        return self.shared.client("kms", credentials=own, endpoint=f"http://127.0.0.1:{program.port}")

    def trail(self, program):
        return self.shared if program.role == "policy" else program.stack(self.shared)


@pytest.fixture
def seeding(stack, tmp_path):
    made = Seeding(stack, tmp_path)
    yield made
    for program in made.programs:
        program.kill()


@pytest.fixture
def aes():
    """A key id, a material, and the file with both."""
    key_id, material = str(uuid.uuid4()), secrets.token_hex(32)
    return key_id, material, symmetric(key_id, [material])


def symmetric(key_id, materials, lines=""):
    return (
        f"Keys:\n  Symmetric:\n    Aes:\n      - Metadata: {{KeyId: {key_id}, Description: seeded}}\n"
        f"        BackingKeys: {json.dumps(materials)}\n{lines}"
    )


def asymmetric(kind, key_id, usage, pem):
    indented = pem.replace("\n", "\n          ").rstrip()
    return (
        f"Keys:\n  Asymmetric:\n    {kind}:\n      - Metadata: {{KeyId: {key_id}, KeyUsage: {usage}}}\n"
        f"        PrivateKeyPem: |\n          {indented}\n"
    )


def openssl(*arguments, stdin=b""):
    done = subprocess.run(["openssl", *arguments], input=stdin, capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_key_is_as_the_file_says(seeding, aes, account):
    key_id, _, text = aes
    name = f"alias/seeded-{key_id}"
    policy = (
        "        Policy:\n          Version: 2012-10-17\n          Statement:\n            - Sid: from the file\n"
        f"              Effect: Allow\n              Principal: {{AWS: arn:aws:iam::{account}:root}}\n"
        "              Action: kms:*\n              Resource: '*'\n"
    )
    more = f"        NextKeyRotation: 2031-02-03\n        Tags: {{team: a}}\n{policy}"
    aliases = f"Aliases:\n  - AliasName: {name}\n    TargetKeyId: {key_id}\n"
    program = seeding.program(text + more + aliases)
    kms = seeding.client(program)
    key = kms.describe_key(KeyId=name)["KeyMetadata"]
    assert (key["KeyId"], key["Description"], key["KeyState"]) == (key_id, "seeded", "Enabled")
    assert (key["Origin"], key["KeySpec"], key["KeyUsage"]) == ("AWS_KMS", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    assert kms.list_resource_tags(KeyId=key_id)["Tags"] == [{"TagKey": "team", "TagValue": "a"}]
    stored = json.loads(kms.get_key_policy(KeyId=key_id)["Policy"])
    assert stored["Statement"][0]["Sid"] == "from the file"
    rotation = kms.get_key_rotation_status(KeyId=key_id)
    assert rotation["KeyRotationEnabled"] and rotation["RotationPeriodInDays"] == 365
    assert rotation["NextRotationDate"] == datetime(2031, 2, 3, tzinfo=timezone.utc)
    blob = kms.encrypt(KeyId=name, Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    record = seeding.trail(program).record_where(
        lambda record: record["eventName"] == "ImportSeedKey" and record["resources"][0]["ARN"] == key["Arn"]
    )
    assert record["eventType"] == "AwsServiceEvent" and record["recipientAccountId"] == account
    alias = seeding.trail(program).record_where(
        lambda record: record.get("serviceEventDetails", {}).get("aliasName") == name
    )
    assert alias["eventName"] == "ImportSeedAlias"


def test_instances_with_the_same_file_read_each_others_ciphertexts(seeding, aes, refused):
    key_id, material, text = aes
    context = {"purpose": "test"}
    one = seeding.kms(text)
    blob = one.encrypt(KeyId=key_id, Plaintext=b"x", EncryptionContext=context)["CiphertextBlob"]
    # The other one is embedded, in both forms, and has a newer material as well.
    other = seeding.kms(symmetric(key_id, [material, secrets.token_hex(32)]), "other", "embedded")
    assert other.decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"] == b"x"
    with refused("InvalidCiphertextException"):
        other.decrypt(CiphertextBlob=blob)
    newer = other.encrypt(KeyId=key_id, Plaintext=b"y")["CiphertextBlob"]
    assert other.decrypt(CiphertextBlob=newer)["Plaintext"] == b"y"
    with refused("InvalidCiphertextException"):
        one.decrypt(CiphertextBlob=newer)
    with_other = seeding.kms(symmetric(key_id, [secrets.token_hex(32)]), "third", "embedded")
    with refused("InvalidCiphertextException"):
        with_other.decrypt(CiphertextBlob=blob, EncryptionContext=context)


@pytest.mark.parametrize(
    "kind, arguments, algorithm, verify",
    [
        ("Rsa", ["genrsa", "-traditional", "2048"], "RSASSA_PKCS1_V1_5_SHA_256", []),
        ("Rsa", ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"], "RSASSA_PKCS1_V1_5_SHA_256", []),
        ("Ecc", ["ecparam", "-genkey", "-noout", "-name", "prime256v1"], "ECDSA_SHA_256", []),
        ("Ecc", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"], "ECDSA_SHA_384", ["-sha384"]),
        ("Ecc", ["ecparam", "-genkey", "-noout", "-name", "secp256k1"], "ECDSA_SHA_256", []),
    ],
)
def test_openssl_verifies_what_a_seeded_key_signs(seeding, tmp_path, kind, arguments, algorithm, verify):
    key_id, pem = str(uuid.uuid4()), openssl(*arguments)
    kms = seeding.kms(asymmetric(kind, key_id, "SIGN_VERIFY", pem.decode()))
    signed = kms.sign(KeyId=key_id, Message=b"message", SigningAlgorithm=algorithm)["Signature"]
    public, signature = tmp_path / "public.pem", tmp_path / "signature"
    public.write_bytes(openssl("pkey", "-pubout", stdin=pem))
    signature.write_bytes(signed)
    check = ["dgst", *(verify or ["-sha256"]), "-verify", str(public), "-signature", str(signature)]
    assert openssl(*check, stdin=b"message") == b"Verified OK\n"
    told = openssl("pkey", "-pubin", "-inform", "DER", stdin=kms.get_public_key(KeyId=key_id)["PublicKey"])
    assert told == public.read_bytes()


def test_a_seeded_rsa_key_decrypts_what_openssl_encrypts(seeding, tmp_path):
    key_id, pem = str(uuid.uuid4()), openssl("genrsa", "2048")
    kms = seeding.kms(asymmetric("Rsa", key_id, "ENCRYPT_DECRYPT", pem.decode()))
    public = tmp_path / "public.pem"
    public.write_bytes(openssl("pkey", "-pubout", stdin=pem))
    oaep = ["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256"]
    blob = openssl("pkeyutl", "-encrypt", "-pubin", "-inkey", str(public), *oaep, stdin=b"secret")
    opened = kms.decrypt(KeyId=key_id, CiphertextBlob=blob, EncryptionAlgorithm="RSAES_OAEP_SHA_256")
    assert opened["Plaintext"] == b"secret"


def test_a_second_start_changes_nothing_whatever_the_file_says_then(seeding, aes):
    key_id, material, text = aes
    program = seeding.program(text)
    kms = seeding.client(program)
    kms.update_key_description(KeyId=key_id, Description="changed since")
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    before = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    for again in (text, symmetric(key_id, [secrets.token_hex(32)])):
        assert program.terminate() == 0
        seed_file(program.directory, again)
        program.start().wait_until_ready()
        assert kms.describe_key(KeyId=key_id)["KeyMetadata"] == before
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    assert "left as it is" in program.log.read_text()
    made = [record for record in seeding.trail(program).records() if record["eventName"] == "ImportSeedKey"]
    assert sum(key_id in record["resources"][0]["ARN"] for record in made) == 1
    assert material not in program.log.read_text()


def refusal(stack, directory, text, **variables):
    """What the program says that does not start with this file, and how it ends."""
    path = seed_file(directory, text)
    if FORM == "embedded":
        done = run("all", cwd=directory, TRENT_SEED_FILE=str(path), TRENT_LISTEN="127.0.0.1:0",
                   TRENT_ADMIN_LISTEN="127.0.0.1:0", TRENT_DATA_DIR=str(directory / "data"), **variables)  # fmt: skip
    else:
        allowed = {"TRENT_SEED_ALLOW": "distributed"} | bus_of(stack, "policy") | variables
        done = run("policy", cwd=directory, TRENT_SEED_FILE=str(path), TRENT_ADMIN_LISTEN="127.0.0.1:0", **allowed)
    return done.returncode, done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    "wrong, place",
    [
        (lambda text, material: text.replace("Metadata", "Metadatum"), "Keys.Symmetric.Aes[0].Metadata (line 4): is missing"),
        (lambda text, material: text + "        Colour: red\n", "Keys.Symmetric.Aes[0].Colour (line 6): is not known here"),
        (lambda text, material: text.replace(material, material[2:]), "Keys.Symmetric.Aes[0].BackingKeys[0] (line 5): must be 64"),
        (lambda text, material: text + "  - [\n", "this is not YAML"),
        (lambda text, material: text + "Aliases: [{AliasName: alias/aws/x}]\n", "Aliases[0].AliasName (line 6)"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_at_the_start_with_its_place(stack, tmp_path, aes, wrong, place):
    _, material, text = aes
    status, said = refusal(stack, tmp_path / "bad", wrong(text, material))
    assert status == 64 and "TRENT_SEED_FILE" in said and place in said, said
    assert material not in said and material[2:] not in said
    assert not (tmp_path / "bad" / "data").exists()


def test_a_file_whose_keys_cannot_be_made_is_refused_before_anything_is_served(stack, tmp_path):
    key_id, pem = str(uuid.uuid4()), openssl("genrsa", "1024").decode()
    status, said = refusal(stack, tmp_path / "bad", asymmetric("Rsa", key_id, "SIGN_VERIFY", pem))
    assert status == 1 and "Keys.Asymmetric.Rsa[0] (line 4): its private key is none that a key can have" in said
    text = asymmetric("Ecc", key_id, "SIGN_VERIFY", openssl("genrsa", "2048").decode())
    status, said = refusal(stack, tmp_path / "bad", text)
    assert status == 1 and "a key of spec RSA_2048 cannot be what this says" in said, said
    nowhere = f"Aliases: [{{AliasName: alias/nowhere, TargetKeyId: {key_id}}}]"
    status, said = refusal(stack, tmp_path / "bad", nowhere)
    assert status == 1 and "Aliases[0] (line 1): its key is not there" in said, said


def test_a_file_that_others_can_read_is_warned_about(seeding, aes):
    _, _, text = aes
    program = seeding.program(text)
    warning = "others than its owner can read the seed file"
    assert warning not in program.log.read_text()
    assert program.terminate() == 0
    (program.directory / "seed.yaml").chmod(0o644)
    program.start().wait_until_ready()
    assert warning in program.log.read_text()


@distributed_only
def test_a_distributed_deployment_is_seeded_only_when_that_is_allowed(stack, tmp_path, aes):
    _, _, text = aes
    status, said = refusal(stack, tmp_path / "bad", text, TRENT_SEED_ALLOW="")
    assert status == 64 and "TRENT_SEED_ALLOW=distributed" in said, said
    status, said = refusal(stack, tmp_path / "bad", text, TRENT_SEED_ALLOW="yes")
    assert status == 64 and "'yes' is not 'distributed'" in said, said


@distributed_only
def test_of_two_evaluators_that_start_together_one_makes_each_key(seeding, stack, aes):
    key_ids = [str(uuid.uuid4()) for _ in range(4)]
    entries = "".join(
        f"      - Metadata: {{KeyId: {key_id}}}\n        BackingKeys: [{secrets.token_hex(32)}]\n" for key_id in key_ids
    )
    text = f"Keys:\n  Symmetric:\n    Aes:\n{entries}"
    variables = bus_of(stack, "policy") | {"TRENT_SEED_ALLOW": "distributed"}
    for name in ("one", "other"):
        path = seed_file(seeding.directory / name, text)
        program = Program(path.parent, "policy", **variables, TRENT_SEED_FILE=str(path))
        seeding.programs.append(program.start())
    for program in seeding.programs:
        program.wait_until_ready()
    for key_id in key_ids:
        assert stack.client("kms").describe_key(KeyId=key_id)["KeyMetadata"]["KeyId"] == key_id
        stack.record_where(
            lambda record: record["eventName"] == "ImportSeedKey" and key_id in record["resources"][0]["ARN"]
        )


def seed(program, shared, path):
    """Runs `trent seed` against what this process serves."""
    variables = {"TRENT_DATA_DIR": str(program.directory / "data")}
    if program.role == "policy":
        variables = bus_of(shared, "admin") | {"TRENT_BUS_KEY_FILE": f"{shared.secrets}/bus.key"}
    return run("seed", str(path), **variables)


def test_an_operator_seeds_a_running_deployment(seeding, stack, aes):
    program = seeding.program("Keys:\n")
    kms = seeding.client(program)
    key_id, material, text = aes
    name = f"alias/seeded-{key_id}"
    path = seed_file(seeding.directory / "sent", text + f"Aliases: [{{AliasName: {name}, TargetKeyId: {key_id}}}]\n")

    def sent():
        # Distributed, any evaluator may be asked; the others of the stack were not started to be seeded.
        for _ in range(20):
            done = seed(program, stack, path)
            if "TRENT_SEED_ALLOW=distributed" not in done.stderr:
                return done
        raise AssertionError(done)

    done = sent()
    assert (done.returncode, done.stdout) == (0, "made 2, there already 0\n"), done
    assert kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"] == key_id
    done = sent()
    assert (done.returncode, done.stdout) == (0, "made 0, there already 2\n"), done
    path.write_text(path.read_text().replace("Description: seeded", "Description: other"))
    done = sent()
    assert done.stdout == "made 0, there already 2, 1 of them not as the file says\n", done
    path.write_text(text.replace(material, material[2:]))
    path.chmod(0o644)
    done = sent()
    assert done.returncode == 1 and "Keys.Symmetric.Aes[0].BackingKeys[0] (line 5): must be 64" in done.stderr, done
    assert "others than its owner can read" in done.stderr and material[2:] not in done.stderr


def test_nothing_is_seeded_where_nothing_runs(tmp_path, aes):
    path = seed_file(tmp_path / "sent", aes[2])
    done = run("seed", str(path), TRENT_DATA_DIR=str(tmp_path / "nowhere"))
    assert done.returncode != 0 and "bus.key" in done.stderr, done
    done = run("seed", str(tmp_path / "missing.yaml"), TRENT_DATA_DIR=str(tmp_path / "nowhere"))
    assert done.returncode == 64 and "missing.yaml" in done.stderr, done
