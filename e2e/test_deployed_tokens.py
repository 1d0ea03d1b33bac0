"""Which tokens the deployed API accepts. Each refused token has one fault."""

import time
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from support import tokens
from support.routes import PROTECTED, scope

DAY = 86400

INVALID_TOKENS = {
    "no_token": (401, lambda stack: None),
    "not_a_jwt": (401, lambda stack: "parc"),
    "no_signature": (401, lambda stack: stack.forge.unsigned()),
    "forged_signature": (401, lambda stack: stack.forge.token(rsa.generate_private_key(65537, 2048))),
    "claims_that_were_not_signed": (401, lambda stack: stack.forge.altered(exp=int(time.time()) + DAY)),
    "expired": (401, lambda stack: stack.forge.token(exp=int(time.time()) - 1)),
    "not_valid_yet": (401, lambda stack: stack.forge.token(nbf=int(time.time()) + DAY)),
    "foreign_issuer": (401, lambda stack: foreign_token(stack)),
    "name_of_a_foreign_issuer": (401, lambda stack: stack.forge.token(iss=foreign_issuer(stack))),
    "other_application": (401, lambda stack: other_application_token(stack)),
    "wrong_audience": (401, lambda stack: stack.forge.token(aud="other")),
    "no_scope": (403, lambda stack: stack.forge.token(scope=None)),
    "scopes_of_other_names": (
        403,
        lambda stack: stack.forge.token(scope="parc/reader parc/writer other/read other/write"),
    ),
}


@cache
def foreign_pool(stack):
    """Creates another issuer with the same scopes, and returns its name."""
    cognito = stack.emulator.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="other")["UserPool"]["Id"]
    scopes = [{"ScopeName": name, "ScopeDescription": name} for name in ("read", "write")]
    cognito.create_resource_server(UserPoolId=pool, Identifier="parc", Name="parc", Scopes=scopes)
    cognito.create_user_pool_domain(UserPoolId=pool, Domain="other")
    return pool


def other_application(stack, pool):
    """Creates an application that the API does not accept, and returns its name and secret."""
    client = stack.emulator.client("cognito-idp").create_user_pool_client(
        UserPoolId=pool,
        ClientName="other",
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=list(tokens.SCOPES),
    )["UserPoolClient"]
    return client["ClientId"], client["ClientSecret"]


def foreign_token(stack):
    host = f"other.auth.{stack.names['AWS::Region']}.amazoncognito.com"
    return tokens.request(stack.emulator, host, *other_application(stack, foreign_pool(stack)))


def foreign_issuer(stack):
    return stack.forge.claims["iss"].replace(stack.outputs["UserPoolId"], foreign_pool(stack))


def other_application_token(stack):
    return tokens.request(stack.emulator, stack.token_host, *other_application(stack, stack.outputs["UserPoolId"]))


@pytest.fixture(scope="module", params=INVALID_TOKENS)
def refused(request, stack):
    """A token that must be refused, and the expected status."""
    status, make = INVALID_TOKENS[request.param]
    return make(stack), status


def call(stack, token, route):
    method, path = route.split(" ")
    fields = {} if method in ("POST", "PUT") else None
    return stack.api(token).call(method, path.replace("{", "").replace("}", ""), fields)


@pytest.mark.parametrize("route", PROTECTED)
def test_invalid_token_is_refused(stack, refused, route):
    token, status = refused
    assert call(stack, token, route).status == status


def test_refused_registration_writes_nothing(stack, refused):
    stack.empty()
    token, status = refused
    answer = stack.api(token).call("POST", "/clients/register", {"nom": "x", "code": 1})
    assert (answer.status, stack.count_items()) == (status, 0)


@pytest.mark.parametrize("route", PROTECTED)
def test_token_with_the_other_scope_is_refused(stack, route):
    [other] = {*tokens.SCOPES} - {scope(route)}
    assert call(stack, stack.forge.token(scope=other), route).status == 403


def test_registration_with_the_scope_to_read_writes_nothing(stack):
    stack.empty()
    reader = stack.api(stack.forge.token(scope="parc/read"))
    answer = reader.call("POST", "/clients/register", {"nom": "x", "code": 1})
    assert (answer.status, stack.count_items()) == (403, 0)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(lambda claims: {}, id="both_scopes"),
        pytest.param(lambda claims: {"scope": "parc/read"}, id="scope_to_read"),
        pytest.param(lambda claims: {"aud": claims["client_id"]}, id="audience"),
    ],
)
def test_valid_token_is_accepted(stack, changes):
    """Control: forged tokens with valid claims are accepted, so the others are refused for their one fault."""
    token = stack.forge.token(**changes(stack.forge.claims))
    assert stack.api(token).call("GET", "/clients/all").status == 200
