"""The deployed stack, and what the emulator's CloudFormation leaves out of it.

It makes the API without what the template's OpenAPI says of it (`Body`): the authorizer, the routes
and their integrations are made here, from the template as SAM expanded it.
"""

import json
import re

import boto3
from botocore.config import Config

CONFIG = Config(retries={"max_attempts": 1})


def aws(service):
    return boto3.client(service, config=CONFIG)


class Stack:
    def __init__(self, name):
        cloudformation = aws("cloudformation")
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        template = cloudformation.get_template(StackName=name, TemplateStage="Processed")["TemplateBody"]
        self.template = json.loads(template) if isinstance(template, str) else template
        self.resources = self.template["Resources"]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
        made = [made for page in pages for made in page["StackResourceSummaries"]]
        self.names = {made["LogicalResourceId"]: made["PhysicalResourceId"] for made in made}
        self.names |= {given["ParameterKey"]: given["ParameterValue"] for given in stack["Parameters"]}
        _, _, _, region, account, _ = stack["StackId"].split(":", 5)
        self.names |= {"AWS::Region": region, "AWS::AccountId": account, "AWS::Partition": "aws"}

    def value(self, told):
        """What a value of the template is in the stack; only of the functions that the API uses."""
        if isinstance(told, list):
            return [self.value(item) for item in told]
        if not isinstance(told, dict):
            return told
        if "Ref" in told:
            return self.names.get(told["Ref"])
        if "Fn::Sub" in told:
            return re.sub(r"\$\{(.+?)\}", lambda found: self.names[found[1]], told["Fn::Sub"])
        if "Fn::Split" in told:
            return self.value(told["Fn::Split"][1]).split(told["Fn::Split"][0])
        if "Fn::Equals" in told:
            first, second = self.value(told["Fn::Equals"])
            return first == second
        if "Fn::Not" in told:
            return not self.value(told["Fn::Not"][0])
        if "Fn::If" in told:
            condition, yes, no = told["Fn::If"]
            return self.value(yes if self.value(self.template["Conditions"][condition]) else no)
        return {key: self.value(item) for key, item in told.items()}

    def open_routes(self):
        """Makes what the API's OpenAPI says. Gives each route's function, authorizer and scopes."""
        gateway, api, body = aws("apigatewayv2"), self.names["Api"], self.resources["Api"]["Properties"]["Body"]
        authorizers = {}
        for name, scheme in body["components"]["securitySchemes"].items():
            told = self.value(scheme["x-amazon-apigateway-authorizer"])
            jwt = told["jwtConfiguration"]
            made = gateway.create_authorizer(
                ApiId=api,
                Name=name,
                AuthorizerType="JWT",
                IdentitySource=[told["identitySource"]],
                JwtConfiguration={"Issuer": jwt["issuer"], "Audience": jwt["audience"]},
            )
            authorizers[name] = made["AuthorizerId"]
        routes = {}
        for path, methods in body["paths"].items():
            for method, operation in methods.items():
                integration = self.value(operation["x-amazon-apigateway-integration"])
                made = gateway.create_integration(
                    ApiId=api,
                    IntegrationType="AWS_PROXY",
                    IntegrationUri=integration["uri"],
                    PayloadFormatVersion=integration["payloadFormatVersion"],
                )
                [(authorizer, scopes)] = [
                    item for wanted in operation.get("security", [{"NONE": []}]) for item in wanted.items()
                ]
                closed = (
                    {}
                    if authorizer == "NONE"
                    else {
                        "AuthorizationType": "JWT",
                        "AuthorizerId": authorizers[authorizer],
                        "AuthorizationScopes": scopes,
                    }
                )
                key = f"{method.upper()} {path}"
                gateway.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{made['IntegrationId']}", **closed)
                [function] = [name for name in re.findall(r"function:([^:/]+)", integration["uri"])]
                routes[key] = {"function": function, "authorizer": authorizer, "scopes": scopes}
        return routes
