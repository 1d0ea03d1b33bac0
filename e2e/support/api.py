"""An API over HTTP, as the holder of a token or of none."""

import http.client
import json
import socket
from urllib.parse import quote, urlsplit

PATH_CHARACTERS = "/?&=%+#:;,@!$'()*[]<>\"~"


def resolve_localhost():
    """Makes names below localhost this machine's (RFC 6761), which not every resolver knows."""
    resolve = socket.getaddrinfo

    def getaddrinfo(host, *rest, **more):
        return resolve("127.0.0.1" if str(host).endswith(".localhost") else host, *rest, **more)

    socket.getaddrinfo = getaddrinfo


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    def __repr__(self):
        return f"{self.status} {self.body[:500]}"

    def json(self):
        return json.loads(self.body)


def send(method, url, headers=(), body=None):
    parts = urlsplit(url)
    connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = connect(parts.hostname, parts.port, timeout=60)
    try:
        target = quote(parts._replace(scheme="", netloc="").geturl() or "/", safe=PATH_CHARACTERS)
        connection.request(method, target, body, dict(headers))
        return Answer(connection.getresponse())
    finally:
        connection.close()


class Api:
    def __init__(self, url, token=None):
        self.url, self.token = url.rstrip("/"), token

    def call(self, method, path, fields=None, headers=None):
        """Sends a request, with these fields as its JSON body."""
        headers = dict(headers or {})
        if self.token is not None:
            headers["authorization"] = f"Bearer {self.token}"
        body = None
        if fields is not None:
            headers["content-type"] = "application/json"
            body = json.dumps(fields)
        return send(method, self.url + path, headers, body)
