"""The scripts of `deploy/`, with the rights of `deploy/account.yaml`, as the workflow runs them."""

import json

import pytest
from botocore.exceptions import ClientError

from support.deployer import REPOSITORY, Deployer
from support.stack import Stack
from support.tls import terminating
from support.tokens import SCOPES, decode

STACK = "parc-staging"


@pytest.fixture(scope="module")
def deployer(emulator):
    """The role of GitHub for staging, after it has deployed the stack."""
    deployer = Deployer(emulator, "staging")
    deployer.sign_in()
    deployed = deployer.deploy("staging")
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    assert "ClientId" in deployed.stdout
    return deployer


@pytest.fixture(scope="module")
def staging(deployer):
    """The stack, with the boundary on the roles of its functions, which the emulator's CloudFormation leaves out."""
    staging = Stack(deployer.emulator, STACK)
    boundary = deployer.outputs["BoundaryPolicy"]
    for name, resource in staging.resources.items():
        if resource["Type"] == "AWS::IAM::Role":
            assert staging.resolve(resource["Properties"]["PermissionsBoundary"]) == boundary
            deployer.iam.put_role_permissions_boundary(RoleName=staging.names[name], PermissionsBoundary=boundary)
    return staging


@pytest.fixture(scope="module")
def online(deployer, staging, tmp_path_factory):
    """The role, with the API and the issuer of tokens at addresses with TLS."""
    folder, port = tmp_path_factory.mktemp("tls"), deployer.emulator.port
    host = staging.url.removeprefix("http://")
    with terminating(folder, port, host, [staging.token_host]) as (tls_port, certificate):
        (folder / ".curlrc").write_text(f'connect-to = "{staging.token_host}::127.0.0.1:{tls_port}"\n')
        deployer.variables |= {
            "CURL_CA_BUNDLE": str(certificate),
            "CURL_HOME": str(folder),
            "PARC_URL": f"https://localhost:{tls_port}",
            "SSL_CERT_FILE": str(certificate),
        }
        yield deployer


def succeed(done):
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "subject",
    [
        f"repo:{REPOSITORY}:environment:production",
        f"repo:{REPOSITORY}:ref:refs/heads/main",
        "repo:example/other:environment:staging",
    ],
)
def test_role_trusts_no_other_workflow(deployer, subject):
    with pytest.raises(ClientError, match="AccessDenied"):
        deployer.assume(sub=subject)


def test_role_may_not_touch_another_stack(deployer):
    refused = deployer.run("layout", "parc-prod")
    assert refused.returncode != 0 and "AccessDenied" in refused.stderr, refused


def test_layout_is_recorded_and_checked(deployer):
    for _ in range(2):
        assert "layout is current" in succeed(deployer.run("layout", STACK))


def test_token_has_both_scopes_and_the_secret_is_hidden(online, staging):
    done = online.run("token", STACK)
    token = succeed(done).strip()
    assert set(decode(token.split(".")[1])["scope"].split()) == set(SCOPES)
    cognito = online.emulator.client("cognito-idp")
    client = cognito.describe_user_pool_client(UserPoolId=staging.outputs["UserPoolId"], ClientId=staging.outputs["ClientId"])
    assert client["UserPoolClient"]["ClientSecret"] not in done.stdout + done.stderr


def test_staging_replays_the_recorded_cases(online):
    output = succeed(online.run("smoke-test", STACK))
    assert output.count(": passed") == 2, output


def test_read_only_smoke_test_writes_nothing(online, staging):
    before = staging.count_items()
    assert "GET /clients/all?limit=1: 401" in succeed(online.run("smoke-test", "--read-only", STACK))
    assert staging.count_items() == before


@pytest.fixture(scope="module")
def production(emulator):
    """A stack with only the parameter of one in production."""
    parameters = [{"ParameterKey": "Environment", "ParameterValue": "prod"}]
    template = {"Parameters": {"Environment": {"Type": "String"}}, "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    cloudformation = emulator.client("cloudformation")
    cloudformation.create_stack(StackName="production", TemplateBody=json.dumps(template), Parameters=parameters)
    cloudformation.get_waiter("stack_create_complete").wait(StackName="production", WaiterConfig={"Delay": 1})
    return "production"


@pytest.mark.parametrize("script", ["smoke-test", "empty-staging"])
def test_another_environment_is_refused(deployer, production, script):
    administrator = deployer.emulator.keys | {"AWS_SESSION_TOKEN": ""}
    refused = deployer.run(script, production, **administrator)
    assert refused.returncode != 0 and "is prod, not staging" in refused.stderr, refused


# The emulator checks the calls of the role. It checks neither the transform, nor PassRole, nor what CloudFormation does.
@pytest.mark.parametrize(
    ("sid", "script"),
    [
        ("Stack", ["layout", STACK]),
        ("ManagedStack", ["stack", "staging"]),
        ("Packages", ["stack", "staging"]),
        ("Token", ["token", STACK]),
        ("Layout", ["layout", STACK]),
        ("Empty", ["empty-staging", STACK]),
    ],
)
def test_script_fails_if_its_right_is_missing(online, staging, sid, script):
    key = {"PK": {"S": "e2e"}, "SK": {"S": "e2e"}}
    online.emulator.client("dynamodb").put_item(TableName=staging.outputs["TableName"], Item=key)
    with online.without(sid):
        failed = online.run(*script)
    assert failed.returncode != 0 and "AccessDenied" in failed.stdout + failed.stderr, failed
