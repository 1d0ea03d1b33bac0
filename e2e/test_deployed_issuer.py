"""A stack that accepts the tokens of an issuer other than Cognito."""

import pytest

from support import tokens
from support.stack import Stack

BOTH = "parc/read parc/write"


def test_stack_with_another_issuer_has_no_user_pool(issuer_stack):
    assert "UserPool" not in issuer_stack.names


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        pytest.param({"aud": "parc-test", "scope": BOTH}, 200, id="its_own"),
        pytest.param({"aud": ["other", "parc-test"], "scope": BOTH}, 200, id="several_audiences"),
        pytest.param({"aud": "other", "scope": BOTH}, 401, id="other_audience"),
        pytest.param({"scope": BOTH}, 401, id="no_audience"),
        pytest.param({"aud": "parc-test", "scope": BOTH, "exp": 1}, 401, id="expired"),
        pytest.param({"aud": "parc-test", "scope": "parc/write"}, 403, id="scope_to_write"),
    ],
)
def test_claims_of_another_issuer_are_checked(issuer_stack, issuer, claims, status):
    api = issuer_stack.api(issuer.token(**claims))
    assert api.call("GET", "/clients/all").status == status


def test_secrets_survive_a_change_of_the_issuer_and_work_after_a_return(emulator, issuer):
    emulator.deploy("--stack-name", "parc-moving")
    stack = Stack(emulator, "parc-moving")
    pool, client, host = stack.outputs["UserPoolId"], stack.outputs["ClientId"], stack.token_host
    secret = emulator.client("cognito-idp").describe_user_pool_client(UserPoolId=pool, ClientId=client)
    secret = secret["UserPoolClient"]["ClientSecret"]

    stack.update(Issuer=issuer.url, Audience="parc-test")
    assert "UserPool" not in stack.names
    token = tokens.request(emulator, host, client, secret)
    assert stack.api(token).call("GET", "/clients/all").status == 401

    # As RUNBOOK.md describes it.
    stack.update(Issuer=f"https://cognito-idp.{stack.names['AWS::Region']}.amazonaws.com/{pool}", Audience=client)
    assert stack.api(token).call("GET", "/clients/all").status == 200


def test_token_of_cognito_is_refused_with_another_issuer(stack, issuer_stack):
    assert issuer_stack.api(stack.token).call("GET", "/clients/all").status == 401
