"""Tokens that must not be taken, each wrong in one way."""

import base64
import json
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

import api
from stack import aws


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
        AllowedOAuthScopes=["parc/read", "parc/write"],
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


def wrong(stack, domain, good, key):
    """Each way of being wrong, with what it is answered by; `key` is the issuer's own."""
    header, claims = (read(text) for text in good.split(".")[:2])
    scopes, now = ["parc/read", "parc/write"], int(time.time())
    pool = stack.outputs["UserPoolId"]
    foreign = other_client(elsewhere := other_pool())
    strange = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    none = ".".join(part(json.dumps(each).encode()) for each in ({**header, "alg": "none"}, claims))
    read_only, write_only = ({**claims, "scope": scope} for scope in scopes)
    return {
        "no token": (None, 401),
        "no JWT": ("parc", 401),
        "no signature": (f"{none}.", 401),
        "a forged signature": (signed(header, claims, strange), 401),
        "other claims than were signed": (".".join([*good.split(".")[:1], part(json.dumps({**claims, "sub": "x"}).encode()), good.split(".")[2]]), 401),
        "expired": (signed(header, {**claims, "exp": now - 1}, key), 401),
        "not valid yet": (signed(header, {**claims, "nbf": now + 600}, key), 401),
        "a foreign issuer": (api.token(f"other.auth.{stack.names['AWS::Region']}.amazoncognito.com", *foreign, scopes), 401),
        "a foreign issuer's name": (signed(header, {**claims, "iss": claims["iss"].replace(pool, elsewhere)}, key), 401),
        "another application": (api.token(domain, *other_client(pool), scopes), 401),
        "a wrong audience": (signed(header, {**claims, "aud": "other"}, key), 401),
        "no scope": (signed(header, {name: claim for name, claim in claims.items() if name != "scope"}, key), 403),
        "a scope of another name": (signed(header, {**claims, "scope": "parc/reader parc/writer other/read other/write"}, key), 403),
        "only the scope to read": (signed(header, read_only, key), {"parc/write": 403}),
        "only the scope to write": (signed(header, write_only, key), {"parc/read": 403}),
    }


def load(path):
    return serialization.load_pem_private_key(path.read_bytes(), password=None)
