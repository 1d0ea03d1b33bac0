"""The rights of `deploy/account.yaml`, compared with the resources of the template."""

import fnmatch

from samtranslator.yaml_helper import yaml_parse

from support import environments, template
from support.paths import ROOT
from support.processes import check
from support.roles import as_list

ACCOUNT = ROOT / "deploy/account.yaml"
RESOURCES = yaml_parse(ACCOUNT.read_text())["Resources"]
CREATED_BY = {
    "AWS::ApiGatewayV2::Api": "apigateway:POST",
    "AWS::ApiGatewayV2::ApiMapping": "apigateway:POST",
    "AWS::ApiGatewayV2::DomainName": "apigateway:POST",
    "AWS::ApiGatewayV2::Stage": "apigateway:POST",
    "AWS::Budgets::Budget": "budgets:ModifyBudget",
    "AWS::CloudWatch::Alarm": "cloudwatch:PutMetricAlarm",
    "AWS::CloudWatch::Dashboard": "cloudwatch:PutDashboard",
    "AWS::CodeDeploy::Application": "codedeploy:CreateApplication",
    "AWS::CodeDeploy::DeploymentGroup": "codedeploy:CreateDeploymentGroup",
    "AWS::Cognito::UserPool": "cognito-idp:CreateUserPool",
    "AWS::Cognito::UserPoolClient": "cognito-idp:CreateUserPoolClient",
    "AWS::Cognito::UserPoolDomain": "cognito-idp:CreateUserPoolDomain",
    "AWS::Cognito::UserPoolResourceServer": "cognito-idp:CreateResourceServer",
    "AWS::DynamoDB::Table": "dynamodb:CreateTable",
    "AWS::IAM::ManagedPolicy": "iam:CreatePolicy",
    "AWS::IAM::Role": "iam:CreateRole",
    "AWS::Lambda::Alias": "lambda:CreateAlias",
    "AWS::Lambda::Function": "lambda:CreateFunction",
    "AWS::Lambda::Permission": "lambda:AddPermission",
    "AWS::Lambda::Version": "lambda:PublishVersion",
    "AWS::Logs::LogGroup": "logs:CreateLogGroup",
    "AWS::Logs::QueryDefinition": "logs:PutQueryDefinition",
    "AWS::Route53::RecordSet": "route53:ChangeResourceRecordSets",
    "AWS::SNS::Subscription": "sns:Subscribe",
    "AWS::SNS::Topic": "sns:CreateTopic",
}
"""Action that creates a resource of each type."""


def statements(role):
    [policy] = RESOURCES[role]["Properties"]["Policies"]
    return policy["PolicyDocument"]["Statement"]


def actions(statements):
    return {action for statement in statements for action in as_list(statement["Action"])}


def test_cfn_lint_accepts_the_account_template():
    check([environments.install("sam") / "cfn-lint", ACCOUNT], cwd=ROOT)


def test_cloudformation_may_create_every_resource_of_the_template():
    kinds = {resource["Type"] for resource in template.expand(Environment="prod").values()}
    unknown = kinds - CREATED_BY.keys()
    assert unknown == set(), "give CloudFormation's role in deploy/account.yaml their rights, and name them in CREATED_BY"
    allowed = actions(statements("CloudFormation"))
    assert {kind for kind in kinds if not any(fnmatch.fnmatch(CREATED_BY[kind], action) for action in allowed)} == set()


def test_boundary_allows_every_action_of_the_functions():
    used = set()
    for resource in template.RESOURCES.values():
        properties = resource["Properties"]
        documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            documents.append(properties["PolicyDocument"])
        for document in documents:
            used |= actions(statement for statement in document["Statement"] if "Action" in statement)
    assert used - actions(RESOURCES["Boundary"]["Properties"]["PolicyDocument"]["Statement"]) == set()


def test_rights_to_roles_require_the_boundary():
    granting = {"iam:AttachRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"}
    unbounded = [
        statement["Sid"]
        for statement in statements("CloudFormation")
        if granting & set(as_list(statement["Action"]))
        and not {"iam:PermissionsBoundary", "iam:PolicyARN"} & statement.get("Condition", {}).get("ArnEquals", {}).keys()
    ]
    assert unbounded == []
    forbidden = {"iam:DeleteRolePermissionsBoundary", "iam:UpdateAssumeRolePolicy", "iam:*"}
    assert actions(statements("CloudFormation")) & forbidden == set()
