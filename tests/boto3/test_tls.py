"""The AWS API over TLS, with a certificate authority of the test's own."""

import json
import socket
import ssl
import subprocess
from types import SimpleNamespace

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import SSLError
from people import document, of_key
from program import serving

EXTENSIONS = """
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[server]
subjectAltName = IP:127.0.0.1, DNS:localhost
basicConstraints = CA:FALSE
"""


def openssl(*arguments, cwd=None, stdin=""):
    return subprocess.run(["openssl", *arguments], cwd=cwd, input=stdin, capture_output=True, text=True, errors="replace", timeout=30)


def make_certificates(directory):
    """A certificate authority, and a server's certificate for 127.0.0.1."""
    (directory / "extensions").write_text(EXTENSIONS)
    for name, issued_by in [("ca", ["-signkey", "ca.key"]), ("server", ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"])]:
        for step in [
            ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key"],
            ["req", "-new", "-key", f"{name}.key", "-subj", f"/CN=Trent test {name}", "-out", f"{name}.csr"],
            ["x509", "-req", "-in", f"{name}.csr", *issued_by, "-days", "2", "-out", f"{name}.pem",
             "-extfile", "extensions", "-extensions", name],
        ]:  # fmt: skip
            done = openssl(*step, cwd=directory)
            assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def tls(stack, tmp_path_factory):
    """A process that serves over TLS, and its authority's certificate."""
    directory = tmp_path_factory.mktemp("tls")
    make_certificates(directory)
    process = serving(stack, directory, TRENT_TLS_CERT=str(directory / "server.pem"), TRENT_TLS_KEY=str(directory / "server.key"))
    process.start()
    try:
        process.wait_until_ready()
        yield SimpleNamespace(port=process.port, ca=str(directory / "ca.pem"), stack=process.stack(stack, scheme="https"))
    finally:
        process.kill()


def client(tls, verify):
    return boto3.client(
        "kms",
        endpoint_url=tls.stack.endpoints[0],
        region_name="us-east-1",
        aws_access_key_id=tls.stack.access_key_id,
        aws_secret_access_key=tls.stack.secret_access_key,
        verify=verify,
        config=Config(retries={"total_max_attempts": 1}),
    )


def test_boto3_trusts_the_authority_and_the_record_says_how(tls):
    kms = client(tls, tls.ca)
    key = kms.create_key()["KeyMetadata"]
    answer = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"over TLS")
    assert kms.decrypt(CiphertextBlob=answer["CiphertextBlob"])["Plaintext"] == b"over TLS"
    details = tls.stack.record(answer)["tlsDetails"]
    assert details == {
        "tlsVersion": "TLSv1.3",
        "cipherSuite": details["cipherSuite"],
        "keyExchange": details["keyExchange"],
        "clientProvidedHostHeader": f"127.0.0.1:{tls.port}",
    }
    assert details["cipherSuite"].startswith("TLS_AES_")
    assert details["keyExchange"] in ("X25519", "X25519MLKEM768")


def test_a_condition_on_secure_transport(tls, refused):
    kms = client(tls, tls.ca)
    key = kms.create_key()["KeyMetadata"]
    everything = of_key(f"arn:aws:iam::{key['AWSAccountId']}:root", "kms:*")
    for forbidden, works in (("false", True), ("true", False)):
        deny = of_key("*", "kms:Encrypt", "Deny", {"Bool": {"aws:SecureTransport": forbidden}})
        kms.put_key_policy(KeyId=key["KeyId"], Policy=document(everything, deny))
        if works:
            kms.encrypt(KeyId=key["KeyId"], Plaintext=b"over TLS")
        else:
            with refused("AccessDeniedException", ending="with an explicit deny in a resource-based policy"):
                kms.encrypt(KeyId=key["KeyId"], Plaintext=b"over TLS")


def test_boto3_without_the_authority_refuses_the_server(tls):
    with pytest.raises(SSLError):
        client(tls, True).list_keys()


def test_plain_http_has_no_tls_details(stack, kms):
    assert "tlsDetails" not in stack.record(kms.generate_random(NumberOfBytes=1))


def curl(tls, *options):
    """ListKeys by curl, signed by curl: protocol, status, request id and body."""
    done = subprocess.run(
        [
            "curl", "--silent", "--show-error", "--cacert", tls.ca, *options,
            "--aws-sigv4", "aws:amz:us-east-1:kms",
            "--user", f"{tls.stack.access_key_id}:{tls.stack.secret_access_key}",
            "--header", "Content-Type: application/x-amz-json-1.1",
            "--header", "X-Amz-Target: TrentService.ListKeys",
            "--data", '{"Limit": 1}', "--dump-header", "/dev/stderr",
            "--write-out", "\n%{http_version} %{http_code}", tls.stack.endpoints[0] + "/",
        ],
        capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    body, _, said = done.stdout.rpartition("\n")
    headers = dict(line.lower().split(": ", 1) for line in done.stderr.splitlines() if ": " in line)
    return SimpleNamespace(said=said, body=body, request=headers["x-amzn-requestid"])


@pytest.mark.parametrize("option, expected", [("--http2", "2 200"), ("--http1.1", "1.1 200")])
def test_curl_signs_and_speaks_both_protocols(tls, option, expected):
    answer = curl(tls, option)
    assert answer.said == expected, answer.body
    assert "Keys" in json.loads(answer.body)
    record = tls.stack.record_where(lambda record: record.get("requestID") == answer.request)
    assert record["tlsDetails"]["clientProvidedHostHeader"] == f"127.0.0.1:{tls.port}"
    assert record["userAgent"].startswith("curl/")


def test_tls_1_2_with_forward_secrecy_is_served_and_recorded(tls):
    answer = curl(tls, "--tls-max", "1.2")
    assert answer.said.endswith(" 200")
    record = tls.stack.record_where(lambda record: record.get("requestID") == answer.request)
    assert record["tlsDetails"]["tlsVersion"] == "TLSv1.2"
    assert record["tlsDetails"]["cipherSuite"].startswith(("ECDHE-", "TLS_ECDHE_")), record["tlsDetails"]


def shake_hands(tls, *options):
    return openssl("s_client", "-connect", f"127.0.0.1:{tls.port}", "-CAfile", tls.ca, *options)


# The security level is lowered so that it is the server that refuses, and not openssl before it has sent anything.
@pytest.mark.parametrize(
    "options",
    [
        ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
        ["-tls1", "-cipher", "ALL:@SECLEVEL=0"],
        ["-tls1_2", "-cipher", "kRSA:@SECLEVEL=0"],
        ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384:@SECLEVEL=0"],
        ["-tls1_2", "-cipher", "aNULL:@SECLEVEL=0"],
    ],
    ids=["TLS 1.1", "TLS 1.0", "without forward secrecy", "CBC", "anonymous"],
)
def test_old_protocols_and_weak_suites_are_refused(tls, options):
    done = shake_hands(tls, *options)
    assert done.returncode != 0
    assert "alert" in done.stderr, done.stderr
    assert "Cipher is (NONE)" in done.stdout, done.stdout


def test_what_openssl_negotiates_by_itself(tls):
    done = shake_hands(tls, "-verify_return_error", "-alpn", "h2,http/1.1")
    assert done.returncode == 0, done.stderr
    assert "ALPN protocol: h2" in done.stdout
    assert "TLSv1.3" in done.stdout


def test_a_handshake_that_never_comes_is_given_up(tls):
    with socket.create_connection(("127.0.0.1", tls.port), timeout=60) as silent:
        assert silent.recv(1) == b""
    context = ssl.create_default_context(cafile=tls.ca)
    with socket.create_connection(("127.0.0.1", tls.port)) as raw, context.wrap_socket(raw, server_hostname="127.0.0.1") as wrapped:
        assert wrapped.version() == "TLSv1.3"
