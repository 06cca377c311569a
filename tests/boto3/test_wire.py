"""Bad input below the SDK: each gets AWS's error within a bounded time and changes nothing."""

import json
import re
import socket
import time
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest
from raw import send, signed


def call(stack, body, target, **kwargs):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return send(stack, signed(stack, body, target=f"TrentService.{target}", **kwargs), body)


def test_every_answer_carries_date_and_request_id(stack):
    for answer in (call(stack, {}, "ListKeys"), call(stack, {"KeyId": "x"}, "DescribeKey"), send(stack, {}, b"")):
        assert re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer.headers["x-amzn-requestid"])
        assert abs(parsedate_to_datetime(answer.headers["date"]).timestamp() - time.time()) < 120
        assert answer.headers["content-type"] == "application/x-amz-json-1.1"
        assert "no-store" in answer.headers["cache-control"]


def test_unknown_operations(stack):
    for target in ("TrentService.Nonsense", "Other.ListKeys", ""):
        body = b"{}"
        answer = send(stack, signed(stack, body, target=target), body)
        assert (answer.status, answer.code) == (400, "UnknownOperationException")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"not json", b"[]", b"null", b'"x"', b'{"KeyId": ', b'{"KeyId": "\xff"}', b'{"KeyId": 5}', b'{"KeyId": ["x"]}',
        b'{"KeyId": "x", "Plaintext": "***"}', b'{"KeyId": "x", "Plaintext": 1}', b'{"KeyId": "x", "EncryptionContext": {"a": 1, "b": []}}',
        b"[" * 5000, b'{"a":' * 5000,
    ],
)  # fmt: skip
def test_bodies_that_are_not_a_request(stack, body):
    answer = call(stack, body, "Encrypt")
    assert answer.status == 400
    assert answer.code in ("SerializationException", "ValidationException"), answer.body


def test_all_violations_come_in_one_message(stack):
    answer = call(stack, {"Plaintext": ""}, "Encrypt")
    assert answer.code == "ValidationException"
    assert answer.message.startswith("2 validation errors detected: ")
    assert "Value null at 'keyId' failed to satisfy constraint: Member must not be null" in answer.message
    assert "at 'plaintext' failed to satisfy constraint: Member must have length greater than or equal to 1" in answer.message


def test_null_is_absent_and_unknown_members_are_ignored(stack):
    answer = call(stack, {"Limit": None, "Marker": None, "Whatever": {"deep": [1]}}, "ListKeys")
    assert answer.status == 200


def test_a_signature_error_wins_over_a_body_error(stack):
    answer = call(stack, b"not json", "Encrypt", secret="x" * 40)
    assert answer.code == "InvalidSignatureException"


def test_a_body_over_one_mebibyte_is_refused_before_anything_else(stack):
    body = b"x" * (1024 * 1024 + 1)
    # Before it is read, so that whoever goes on to send may find the connection closed.
    answer = send(stack, signed(stack, body, target="TrentService.Encrypt"), b"", announced=len(body))
    assert answer.status in (400, 413)
    assert json.loads(answer.body)["__type"]


def test_large_bodies_within_the_limit_are_validated(stack):
    answer = call(stack, {"KeyId": "x" * 500_000}, "DescribeKey")
    assert answer.code == "ValidationException"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_other_methods(stack, method):
    answer = send(stack, {}, b"", method=method)
    assert 400 <= answer.status < 500


def raw_socket(stack):
    parts = urlsplit(stack.endpoints[0])
    return socket.create_connection((parts.hostname, parts.port), timeout=40)


def test_a_client_that_never_finishes_its_headers_is_dropped(stack):
    with raw_socket(stack) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n")
        begun = time.monotonic()
        while connection.recv(4096):
            pass
        assert time.monotonic() - begun < 30


def test_a_client_that_never_finishes_its_body_is_dropped(stack):
    with raw_socket(stack) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: TrentService.ListKeys\r\nContent-Length: 100\r\n\r\n{")
        begun = time.monotonic()
        while connection.recv(4096):
            pass
        assert time.monotonic() - begun < 40


def test_headers_without_end_are_refused(stack):
    with raw_socket(stack) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n")
        try:
            for number in range(20_000):
                connection.sendall(b"X-H-%d: %s\r\n" % (number, b"y" * 100))
            answer = connection.recv(100)
        except (BrokenPipeError, ConnectionResetError):
            return
        assert answer == b"" or b" 4" in answer


def test_a_request_cut_short_leaves_the_server_serving(stack, kms):
    for cut in (b"", b"POST", b"\x16\x03\x01\x02\x00\x01", b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"\x00" * 1000):
        with raw_socket(stack) as connection:
            connection.sendall(cut)
    assert kms.list_keys(Limit=1)["ResponseMetadata"]["HTTPStatusCode"] == 200
