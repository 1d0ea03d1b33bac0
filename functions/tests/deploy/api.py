"""The deployed API over HTTP, and its tokens."""

import base64
import http.client
import json
import os
from urllib.parse import quote, urlencode, urlsplit

GATEWAY = urlsplit(os.environ["AWS_ENDPOINT_URL"])


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.text = response.status, response.headers, response.read()

    def json(self):
        return json.loads(self.text)


def send(method, host, path, headers, body=None):
    connection = http.client.HTTPConnection(GATEWAY.hostname, GATEWAY.port, timeout=60)
    try:
        connection.request(method, quote(path, safe="/?&=%+#:;,@!$'()*[]<>\"~"), body, {"host": host, **headers})
        return Answer(connection.getresponse())
    finally:
        connection.close()


class Api:
    """One API by its identifier, as whoever has this token."""

    def __init__(self, name, token=None):
        self.host, self.token = f"{name}.execute-api.localhost:{GATEWAY.port}", token

    def call(self, method, path, body=None, content_type="application/json", headers=None):
        headers = dict(headers or {})
        if self.token is not None:
            headers["authorization"] = f"Bearer {self.token}"
        if body is not None:
            headers["content-type"] = content_type
        return send(method, self.host, path, headers, body)

    def ask(self, method, path, fields=None, headers=None):
        return self.call(method, path, None if fields is None else json.dumps(fields), headers=headers)


def token(domain, client, secret, scopes):
    """A token for an application, asked for as OAuth's client credentials are."""
    asked = urlencode({"grant_type": "client_credentials", "scope": " ".join(scopes)})
    known = base64.b64encode(f"{client}:{secret}".encode()).decode()
    headers = {"authorization": f"Basic {known}", "content-type": "application/x-www-form-urlencoded"}
    answer = send("POST", domain, "/oauth2/token", headers, asked)
    assert answer.status == 200, answer.text
    return answer.json()["access_token"]
