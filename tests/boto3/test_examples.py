"""The worked examples of docs/examples.md, run as they stand there (source texts C4, D2)."""

import re
import subprocess
import sys

import pytest

from conftest import REPOSITORY

TEXT = (REPOSITORY / "docs" / "examples.md").read_text()
# Section title → its blocks: language and code.
SECTIONS = {
    section.partition("\n")[0]: re.findall(r"^```(\w+)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    for section in TEXT.split("\n## ")[1:]
}


@pytest.fixture
def run(stack, tmp_path):
    """Runs the blocks of a section in an empty directory; the directory afterwards."""
    tools = stack.environment()
    tools["PATH"] = f"{REPOSITORY / '.tools' / 'bin'}:{tools['PATH']}"
    programs = {"sh": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"]}

    def section(title):
        for language, code in SECTIONS[title]:
            done = subprocess.run([*programs[language], code], env=tools, cwd=tmp_path, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
        return tmp_path

    return section


def test_every_section_has_an_example_and_its_test():
    assert {title: len(blocks) for title, blocks in SECTIONS.items()} == {
        "Envelope encryption": 1,
        "Encrypting outside with a downloaded public key": 2,
    }


def test_d2_envelope_encryption(kms, run, refused):
    sealed = (run("Envelope encryption") / "report.sealed").read_bytes()
    assert len(sealed) > 1_000_000
    data_key = sealed[2 : 2 + int.from_bytes(sealed[:2], "big")]
    with refused("InvalidCiphertextException"):
        kms.decrypt(CiphertextBlob=data_key)
    opened = kms.decrypt(CiphertextBlob=data_key, EncryptionContext={"file": "report.pdf"})
    assert len(opened["Plaintext"]) == 32


def test_c4_openssl_encrypts_under_a_downloaded_public_key(run):
    directory = run("Encrypting outside with a downloaded public key")
    assert (directory / "opened.txt").read_bytes() == b"the secret"
    assert len((directory / "secret.sealed").read_bytes()) == 256
