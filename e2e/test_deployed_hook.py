"""The hook of gradual deployments, with its own role. CodeDeploy's calls are answered by a stub."""

import io
import json
import time
import zipfile
from contextlib import contextmanager

import pytest

from support import template
from support.codedeploy import codedeploying
from support.emulator import STAGE

HOOK = "CheckVersion"
FUNCTIONS = [name for name in template.names("AWS::Serverless::Function") if name != HOOK]
DEADLINE = 60
"""Seconds until a line must be in the log."""


@pytest.fixture(scope="module")
def codedeploy():
    with codedeploying() as codedeploy:
        yield codedeploy


@pytest.fixture(scope="module")
def aws_lambda(stack):
    return stack.emulator.client("lambda")


@pytest.fixture(scope="module")
def hook(stack, codedeploy, aws_lambda):
    """Runs the hook for a version of a function. Returns the deployment and what the hook reported."""
    name = stack.names[HOOK]

    def run(function, version):
        event = codedeploy.deploy(function, version)
        answer = aws_lambda.invoke(FunctionName=name, Payload=json.dumps(event))
        assert "FunctionError" not in answer, answer["Payload"].read()
        return event["DeploymentId"], codedeploy.reports[event["DeploymentId"]]

    with configured(aws_lambda, name, AWS_ENDPOINT_URL_CODEDEPLOY=codedeploy.url):
        yield run


@contextmanager
def configured(aws_lambda, function, **changed):
    """Changes environment variables of a function, and not those of its versions."""
    configuration = aws_lambda.get_function_configuration(FunctionName=function)
    variables = configuration["Environment"]["Variables"]
    aws_lambda.update_function_configuration(FunctionName=function, Environment={"Variables": variables | changed})
    try:
        yield
    finally:
        aws_lambda.update_function_configuration(FunctionName=function, Environment={"Variables": variables})


def package(binary):
    """Returns the package of a function, as `sam deploy` uploads it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        file = zipfile.ZipInfo("bootstrap")
        file.external_attr = 0o755 << 16
        archive.writestr(file, (STAGE / "target/lambda" / binary / "bootstrap").read_bytes())
    return packed.getvalue()


def log_of(stack, deployment):
    """Returns the hook's line about a deployment."""
    pages = stack.emulator.client("logs").get_paginator("filter_log_events")
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        for page in pages.paginate(logGroupName=stack.names["Logs"]):
            for event in page["events"]:
                if deployment in event["message"] and "deployment_id" in event["message"]:
                    return event["message"]
        time.sleep(0.2)
    raise AssertionError(f"no line about {deployment}")


def test_hook_is_named_as_codedeploy_requires(stack):
    assert stack.names[HOOK] == "CodeDeployHook_parc-dev"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_version_that_works_passes_and_changes_nothing(stack, aws_lambda, hook, function):
    name, items = stack.names[function], stack.count_items()
    version = aws_lambda.get_alias(FunctionName=name, Name="live")["FunctionVersion"]
    deployment, reports = hook(name, version)
    assert reports == ["Succeeded"], log_of(stack, deployment)
    assert stack.count_items() == items


def test_version_without_its_table_fails(stack, aws_lambda, hook):
    name = stack.names["ClientsAll"]
    with configured(aws_lambda, name, PARC_TABLE="missing"):
        version = aws_lambda.publish_version(FunctionName=name)["Version"]
    deployment, reports = hook(name, version)
    assert reports == ["Failed"]
    assert "GET /clients/all answered 503, expected 200" in log_of(stack, deployment)


def test_version_with_the_code_of_another_fails(stack, aws_lambda, hook):
    name = stack.names["ClientsAll"]
    aws_lambda.update_function_code(FunctionName=name, ZipFile=package("docs"))
    try:
        version = aws_lambda.publish_version(FunctionName=name)["Version"]
    finally:
        aws_lambda.update_function_code(FunctionName=name, ZipFile=package("clients-all"))
    deployment, reports = hook(name, version)
    assert reports == ["Failed"]
    assert "GET /clients/all answered 307, expected 200" in log_of(stack, deployment)


def test_hook_may_not_invoke_functions_outside_of_the_stack(stack, aws_lambda, hook):
    inside = aws_lambda.get_function_configuration(FunctionName=stack.names["ClientsAll"])
    name = "parc-dev-ClientsAll-Outside"
    aws_lambda.create_function(
        FunctionName=name,
        Code={"ZipFile": package("clients-all")},
        Environment=inside["Environment"],
        Publish=True,
        **{key: inside[key] for key in ("Role", "Runtime", "Handler", "Architectures", "Timeout")},
    )
    try:
        deployment, reports = hook(name, "1")
        assert reports == ["Failed"]
        assert "AccessDenied" in log_of(stack, deployment)
    finally:
        aws_lambda.delete_function(FunctionName=name)
