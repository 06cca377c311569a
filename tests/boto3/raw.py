"""Requests below the SDK: signed by botocore's signer, then bent as a test wants."""

import http.client
import json
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def code(self):
        return json.loads(self.body)["__type"].rpartition("#")[2]

    @property
    def message(self):
        body = json.loads(self.body)
        return body.get("message", body.get("Message"))


def refusal(answer):
    """The error that botocore would raise for an answer."""
    metadata = {"RequestId": answer.headers["x-amzn-requestid"], "HTTPStatusCode": answer.status}
    return ClientError({"Error": {"Code": answer.code, "Message": answer.message}, "ResponseMetadata": metadata}, "raw")


def signed(stack, body, target="TrentService.ListKeys", region="us-east-1", service="kms", secret=None, headers=(), key_id=None):
    """The headers of a request signed now."""
    request = AWSRequest(
        method="POST",
        url=stack.endpoints[0] + "/",
        data=body,
        headers={"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target, **dict(headers)},
    )
    credentials = Credentials(key_id or stack.access_key_id, secret or stack.secret_access_key)
    SigV4Auth(credentials, service, region).add_auth(request)
    return dict(request.headers.items())


def presigned(stack, body, target="TrentService.ListKeys", expires=60):
    """Path with query, and headers, of a presigned POST."""
    request = AWSRequest(method="POST", url=stack.endpoints[0] + "/", data=body, headers={"X-Amz-Target": target})
    signer = SigV4QueryAuth(Credentials(stack.access_key_id, stack.secret_access_key), "kms", "us-east-1", expires)
    signer.payload = lambda _request: __import__("hashlib").sha256(body).hexdigest()
    signer.add_auth(request)
    parts = urlsplit(request.url)
    return f"{parts.path}?{parts.query}", {"X-Amz-Target": target}


def send(stack, headers, body, path="/", method="POST", announced=None):
    """Sends one request as it is; `announced` is another length of its body than it has."""
    parts = urlsplit(stack.endpoints[0])
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    try:
        connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body) if announced is None else announced))
        connection.endheaders(body)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def own(stack, operation, body, credentials=None, region="us-east-1"):
    """The answer of one of Trent's own operations."""
    key_id, secret = credentials or (stack.access_key_id, stack.secret_access_key)
    body = json.dumps(body).encode()
    headers = signed(stack, body, f"Trent.{operation}", region, secret=secret, key_id=key_id)
    return send(stack, headers, body)
