"""Tokens that must not be taken, each wrong in one way."""

import base64
import json
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

import api
from stack import aws

SCOPES = ["parc/read", "parc/write"]


def part(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def read(text):
    return json.loads(base64.urlsafe_b64decode(text + "=="))


def signed(header, claims, key):
    text = ".".join(part(json.dumps(each).encode()) for each in (header, claims))
    return f"{text}.{part(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def other_client(pool):
    """An application of the same issuer, which this API was not made for."""
    made = aws("cognito-idp").create_user_pool_client(
        UserPoolId=pool,
        ClientName="other",
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=SCOPES,
    )["UserPoolClient"]
    return made["ClientId"], made["ClientSecret"]


def other_pool():
    """Another issuer, with the same scopes."""
    cognito = aws("cognito-idp")
    pool = cognito.create_user_pool(PoolName="other")["UserPool"]["Id"]
    scopes = [{"ScopeName": name, "ScopeDescription": name} for name in ("read", "write")]
    cognito.create_resource_server(UserPoolId=pool, Identifier="parc", Name="parc", Scopes=scopes)
    cognito.create_user_pool_domain(UserPoolId=pool, Domain="other")
    return pool


class Forge:
    """Makes tokens like the one that was given, with the issuer's own key or another."""

    def __init__(self, good, key):
        self.good, self.key = good, key
        self.header, self.claims = (read(text) for text in good.split(".")[:2])

    def token(self, key=None, **changes):
        claims = {name: claim for name, claim in (self.claims | changes).items() if claim is not None}
        return signed(self.header, claims, key or self.key)

    def unsigned(self, **changes):
        header = {**self.header, "alg": "none"}
        return ".".join(part(json.dumps(each).encode()) for each in (header, self.claims | changes)) + "."

    def altered(self, **changes):
        header, _, signature = self.good.split(".")
        return ".".join((header, part(json.dumps(self.claims | changes).encode()), signature))


def wrong(stack, domain, forge):
    """Each way of being wrong, and what it is answered by."""
    pool, region, now = stack.outputs["UserPoolId"], stack.names["AWS::Region"], int(time.time())
    elsewhere = other_pool()
    own, foreign = other_client(pool), other_client(elsewhere)
    strange = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return {
        "no token": (None, 401),
        "no JWT": ("parc", 401),
        "no signature": (forge.unsigned(), 401),
        "a forged signature": (forge.token(strange), 401),
        "other claims than were signed": (forge.altered(exp=now + 86400), 401),
        "expired": (forge.token(exp=now - 1), 401),
        "not valid yet": (forge.token(nbf=now + 600), 401),
        "a foreign issuer": (api.token(f"other.auth.{region}.amazoncognito.com", *foreign, SCOPES), 401),
        "a foreign issuer's name": (forge.token(iss=forge.claims["iss"].replace(pool, elsewhere)), 401),
        "another application": (api.token(domain, *own, SCOPES), 401),
        "a wrong audience": (forge.token(aud="other"), 401),
        "no scope": (forge.token(scope=None), 403),
        "scopes of other names": (forge.token(scope="parc/reader parc/writer other/read other/write"), 403),
        "only the scope to read": (forge.token(scope="parc/read"), {"parc/write": 403}),
        "only the scope to write": (forge.token(scope="parc/write"), {"parc/read": 403}),
    }


def load(path):
    return serialization.load_pem_private_key(path.read_bytes(), password=None)
