"""SigV4: what is verified, and AWS's errors where it does not hold (source text D3)."""

import datetime
import json
from unittest import mock

import pytest
from raw import presigned, send, signed

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)


def test_d3_a_request_without_a_signature_is_refused(stack):
    answer = send(stack, {"X-Amz-Target": "TrentService.ListKeys"}, b"{}")
    assert (answer.status, answer.code) == (400, "MissingAuthenticationTokenException")


def test_an_unknown_access_key(stack):
    answer = send(stack, signed(stack, b"{}", key_id="AKIAAAAAAAAAAAAAAAAA"), b"{}")
    assert (answer.status, answer.code) == (400, "UnrecognizedClientException")
    assert answer.message == "The security token included in the request is invalid."


def test_a_wrong_secret(stack):
    answer = send(stack, signed(stack, b"{}", secret="x" * 40), b"{}")
    assert (answer.status, answer.code, answer.message) == (400, "InvalidSignatureException", MISMATCH)


def test_another_body_than_the_one_that_was_signed(stack):
    answer = send(stack, signed(stack, b'{"Limit":1}'), b'{"Limit":2}')
    assert answer.code == "InvalidSignatureException"


def test_another_target_than_the_one_that_was_signed(stack, key):
    body = json.dumps({"KeyId": key["KeyId"]}).encode()
    headers = signed(stack, body, target="TrentService.DescribeKey")
    headers["X-Amz-Target"] = "TrentService.DisableKey"
    assert send(stack, headers, body).code == "InvalidSignatureException"


def test_a_target_that_was_not_signed_at_all(stack):
    headers = signed(stack, b"{}")
    del headers["X-Amz-Target"]
    headers["Authorization"] = headers["Authorization"].replace(";x-amz-target", "")
    headers["X-Amz-Target"] = "TrentService.ListKeys"
    assert send(stack, headers, b"{}").code in ("InvalidSignatureException", "IncompleteSignatureException")


@pytest.mark.parametrize(
    "minutes, start", [(-16, "Signature expired: "), (16, "Signature not yet current: ")]
)
def test_the_clock_may_be_off_by_fifteen_minutes(stack, minutes, start):
    def at(offset):
        moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=offset)
        with mock.patch("botocore.auth.get_current_datetime", lambda remove_tzinfo=True: moment.replace(tzinfo=None)):
            return send(stack, signed(stack, b"{}"), b"{}")

    answer = at(minutes)
    assert answer.code == "InvalidSignatureException" and answer.message.startswith(start)
    assert at(minutes * 14 / 16).status == 200


def test_a_scope_for_another_service_or_an_unknown_region(stack):
    assert send(stack, signed(stack, b"{}", service="s3"), b"{}").code == "InvalidSignatureException"
    assert send(stack, signed(stack, b"{}", region="mars-1"), b"{}").code == "InvalidSignatureException"


@pytest.mark.parametrize(
    "header",
    ["", "Bearer x", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=x", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=, Signature=zz", "AWS4-HMAC-SHA256 ~" + "x" * 5000],
)
def test_authorization_headers_that_are_none(stack, header):
    headers = signed(stack, b"{}") | {"Authorization": header}
    answer = send(stack, headers, b"{}")
    assert answer.status == 400
    assert answer.code in ("IncompleteSignatureException", "MissingAuthenticationTokenException", "InvalidSignatureException"), answer.body


def test_a_header_that_is_missing_although_it_was_signed(stack):
    headers = signed(stack, b"{}")
    del headers["X-Amz-Date"]
    assert send(stack, headers, b"{}").status == 400


def test_the_presigned_form(stack):
    path, headers = presigned(stack, b"{}")
    assert send(stack, headers, b"{}", path=path).status == 200
    assert send(stack, headers, b'{"Limit":1}', path=path).code == "InvalidSignatureException"
    assert send(stack, headers, b"{}", path=path.replace("X-Amz-Expires=60", "X-Amz-Expires=600")).code == "InvalidSignatureException"


def test_session_tokens_are_refused_until_there_are_sessions(stack):
    headers = signed(stack, b"{}", headers={"X-Amz-Security-Token": "made-up"}.items())
    assert send(stack, headers, b"{}").code in ("UnrecognizedClientException", "InvalidSignatureException")
