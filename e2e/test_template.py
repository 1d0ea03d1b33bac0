"""Lints of the template, and its expansion for production.

Production shifts traffic with CodeDeploy, which the emulator lacks.
"""

import json
import re

import pytest

from support import environments, template
from support.paths import E2E, ROOT
from support.processes import check

HOOK = "CheckVersion"


@pytest.fixture(scope="module")
def production():
    return template.expand(Environment="prod")


def of_type(resources, kind):
    return {name: resource["Properties"] for name, resource in resources.items() if resource["Type"] == kind}


def test_sam_accepts_the_template():
    sam = environments.install("sam")
    check([sam / "sam", "validate", "--lint", "--region", "eu-west-3"], cwd=ROOT)


def test_cfn_lint_accepts_the_template():
    sam = environments.install("sam")
    check([sam / "cfn-lint", "template.yaml"], cwd=ROOT)


def test_checkov_accepts_the_template():
    checkov = environments.install("checkov")
    check([checkov / "checkov", "--config-file", E2E / "checkov.yaml"], cwd=ROOT)


def test_functions_have_aliases_in_production(production):
    functions = of_type(production, "AWS::Lambda::Function")
    aliased = {alias["FunctionName"]["Ref"] for alias in of_type(production, "AWS::Lambda::Alias").values()}
    assert aliased == set(functions)


def gradual_updates(production):
    """Returns how each alias is updated, except that of the hook, which cannot check itself."""
    return {
        name: resource.get("UpdatePolicy", {}).get("CodeDeployLambdaAliasUpdate", {})
        for name, resource in production.items()
        if resource["Type"] == "AWS::Lambda::Alias" and resource["Properties"]["FunctionName"] != {"Ref": HOOK}
    }


def test_alarms_roll_gradual_deployments_back_in_production(production):
    expected = [production[name]["Properties"]["AlarmName"] for name in ("DeploymentFaults", "DeploymentCrashes")]
    groups = of_type(production, "AWS::CodeDeploy::DeploymentGroup")
    without_rollback = []
    for name, update in gradual_updates(production).items():
        group = groups.get(update.get("DeploymentGroupName", {}).get("Ref"), {})
        alarms = [each["Name"] for each in group.get("AlarmConfiguration", {}).get("Alarms", [])]
        events = group.get("AutoRollbackConfiguration", {}).get("Events", [])
        if alarms != expected or "DEPLOYMENT_STOP_ON_ALARM" not in events:
            without_rollback.append(name)
    assert without_rollback == []


def test_hook_checks_every_version_in_production(production):
    updates = gradual_updates(production)
    assert len(updates) == len(of_type(production, "AWS::Lambda::Function")) - 1
    assert [name for name, update in updates.items() if update.get("BeforeAllowTrafficHook") != {"Ref": HOOK}] == []


def test_codedeploy_may_invoke_the_hook_in_production(production):
    # The role's policy allows functions whose name starts with `CodeDeployHook_`:
    # https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCodeDeployRoleForLambda.html
    [policy] = production["CodeDeployServiceRole"]["Properties"]["ManagedPolicyArns"]
    assert "AWSCodeDeployRoleForLambda" in json.dumps(policy)
    name = production[HOOK]["Properties"]["FunctionName"]["Fn::Sub"]
    assert name.startswith("CodeDeployHook_")


def test_resources_have_no_dependency_cycle_in_production(production):
    assert template.circular(production) == set()


def test_pages_of_named_origins_may_call():
    origins = "https://one.example,https://two.example"
    cors = template.expand(CorsOrigins=origins)["Api"]["Properties"]["Body"]["x-amazon-apigateway-cors"]
    assert cors["Fn::If"][1]["allowOrigins"] == {"Fn::Split": [",", origins]}


def access_log():
    """Returns the fields of the access log."""
    [stage] = of_type(template.expand(), "AWS::ApiGatewayV2::Stage").values()
    return json.loads(stage["AccessLogSettings"]["Format"])


def test_access_log_contains_no_request_data_except_the_route():
    fields = access_log()
    revealing = re.compile("path|querystring|claims|identity|header", re.IGNORECASE)
    assert fields.pop("clientId") == "$context.authorizer.claims.client_id"
    assert "$context.routeKey" in fields.values()
    assert [value for value in fields.values() if revealing.search(value)] == []


def test_access_log_has_no_text_that_could_break_its_json():
    """These variables hold free text that API Gateway does not escape."""
    unescaped = re.compile(r"[.]error$|message", re.IGNORECASE)
    assert [value for value in access_log().values() if unescaped.search(value)] == []


def versions(**parameters):
    """Returns the logical names of the functions' versions. CloudFormation publishes a version if its name is new."""
    return {name for name, resource in template.expand(**parameters).items() if resource["Type"] == "AWS::Lambda::Version"}


@pytest.mark.parametrize(
    "parameters", [{"ReservedConcurrency": "2"}, {"Gradual": "yes"}, {"Environment": "prod"}, {"MaxReadUnits": 100}]
)
def test_parameters_that_change_no_function_publish_no_version(parameters):
    """Lambda refuses to publish a version that equals the one before."""
    assert versions(**parameters) == versions()


def test_a_change_of_the_functions_settings_publishes_versions():
    assert versions(Tracing="Active").isdisjoint(versions())


@pytest.mark.parametrize(
    ("environment", "gradual", "is_gradual"),
    [("prod", "auto", True), ("prod", "no", False), ("dev", "auto", False), ("dev", "yes", True)],
)
def test_gradual_deployments_can_be_turned_off_and_on(environment, gradual, is_gradual):
    resources = template.expand(Environment=environment, Gradual=gradual)
    assert bool(of_type(resources, "AWS::CodeDeploy::DeploymentGroup")) == is_gradual


def test_roles_have_only_the_log_policy_of_the_stack():
    for parameters in [{}, {"Environment": "prod"}]:
        roles = of_type(template.expand(**parameters), "AWS::IAM::Role")
        managed = {name: role.get("ManagedPolicyArns") for name, role in roles.items() if name != "CodeDeployServiceRole"}
        assert {name for name, arns in managed.items() if arns != [{"Ref": "WriteLogs"}]} == set()


def test_template_describes_itself_in_ascii():
    """CloudFormation shows other characters as question marks."""
    assert template.YAML["Description"].isascii()
