"""Tokens: those of Cognito, and forged ones."""

import base64
import json
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from support.api import send

SCOPES = ("parc/read", "parc/write")


def request(emulator, host, client, secret, scopes=SCOPES):
    """Requests a token for an application, with OAuth's client credentials."""
    body = urlencode({"grant_type": "client_credentials", "scope": " ".join(scopes)})
    credentials = base64.b64encode(f"{client}:{secret}".encode()).decode()
    headers = {
        "authorization": f"Basic {credentials}",
        "content-type": "application/x-www-form-urlencoded",
        "host": host,
    }
    answer = send("POST", f"{emulator.url}/oauth2/token", headers, body)
    assert answer.status == 200, answer
    return answer.json()["access_token"]


def encode(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decode(text):
    return json.loads(base64.urlsafe_b64decode(text + "=="))


def sign(header, claims, key):
    text = ".".join(encode(json.dumps(part).encode()) for part in (header, claims))
    return f"{text}.{encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


class Forge:
    """Makes tokens like an accepted one, with the issuer's own key or another one."""

    def __init__(self, accepted, key):
        self.accepted, self.key = accepted, key
        self.header, self.claims = (decode(text) for text in accepted.split(".")[:2])

    def token(self, key=None, **changes):
        """Returns a signed token with these claims changed; a claim that is None is left out."""
        claims = {name: claim for name, claim in (self.claims | changes).items() if claim is not None}
        return sign(self.header, claims, key or self.key)

    def unsigned(self):
        """Returns an unsigned token (`alg: none`)."""
        header = self.header | {"alg": "none"}
        return ".".join(encode(json.dumps(part).encode()) for part in (header, self.claims)) + "."

    def altered(self, **changes):
        """Returns the accepted token with claims that its signature does not cover."""
        header, _, signature = self.accepted.split(".")
        return ".".join((header, encode(json.dumps(self.claims | changes).encode()), signature))
