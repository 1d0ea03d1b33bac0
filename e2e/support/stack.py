"""A deployed stack, and the parts that the emulator's CloudFormation leaves out.

The emulator ignores the OpenAPI document of an HTTP API (`Body`): the authorizer, the routes and their
integrations are made here, from the template as SAM expanded it. It also ignores the policy of a table
(`ResourcePolicy`).
"""

import json
import re
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from support import tokens
from support.api import Api
from support.emulator import STATE, parsed


class Stack:
    def __init__(self, emulator, name):
        self.emulator, self.name = emulator, name
        self.load()
        self.url = f"http://{self.names['Api']}.execute-api.localhost:{emulator.port}"
        self.routes = self.make_routes()

    def load(self):
        """Reads the stack as it is deployed now."""
        cloudformation, name = self.emulator.client("cloudformation"), self.name
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        self.template = parsed(cloudformation.get_template(StackName=name, TemplateStage="Processed")["TemplateBody"])
        self.resources = self.template["Resources"]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
        resources = [resource for page in pages for resource in page["StackResourceSummaries"]]
        self.names = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}
        self.names |= {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in stack["Parameters"]}
        _, _, _, region, account, _ = stack["StackId"].split(":", 5)
        self.names |= {"AWS::Region": region, "AWS::AccountId": account, "AWS::Partition": "aws", "AWS::StackName": name}

    def resolve(self, value):
        """Returns a value of the template as it is in this stack."""
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "Ref" in value:
            return self.names.get(value["Ref"])
        if "Fn::Sub" in value:
            return re.sub(r"\$\{(.+?)\}", lambda found: self.names[found[1]], value["Fn::Sub"])
        if "Fn::Split" in value:
            return self.resolve(value["Fn::Split"][1]).split(value["Fn::Split"][0])
        if "Fn::Equals" in value:
            first, second = self.resolve(value["Fn::Equals"])
            return first == second
        if "Fn::Not" in value:
            return not self.resolve(value["Fn::Not"][0])
        if "Fn::If" in value:
            condition, yes, no = value["Fn::If"]
            return self.resolve(yes if self.resolve(self.template["Conditions"][condition]) else no)
        return {key: self.resolve(item) for key, item in value.items()}

    def authorizers(self):
        """Returns the settings of each authorizer of the template, by name."""
        schemes = self.resources["Api"]["Properties"]["Body"]["components"]["securitySchemes"]
        authorizers = {}
        for name, scheme in schemes.items():
            authorizer = self.resolve(scheme["x-amazon-apigateway-authorizer"])
            jwt = authorizer["jwtConfiguration"]
            authorizers[name] = {
                "IdentitySource": [authorizer["identitySource"]],
                "JwtConfiguration": {"Issuer": jwt["issuer"], "Audience": jwt["audience"]},
            }
        return authorizers

    def update_authorizers(self):
        """Gives the authorizers the settings of the stack as it is now."""
        gateway, api = self.emulator.client("apigatewayv2"), self.names["Api"]
        made = {each["Name"]: each["AuthorizerId"] for each in gateway.get_authorizers(ApiId=api)["Items"]}
        for name, settings in self.authorizers().items():
            gateway.update_authorizer(ApiId=api, AuthorizerId=made[name], **settings)

    def make_routes(self):
        """Makes the routes of the API. Returns the function, the authorizer and the scopes of each."""
        gateway, api = self.emulator.client("apigatewayv2"), self.names["Api"]
        body = self.resources["Api"]["Properties"]["Body"]
        authorizers = {"NONE": {}}
        for name, authorizer in self.authorizers().items():
            made = gateway.create_authorizer(ApiId=api, Name=name, AuthorizerType="JWT", **authorizer)
            authorizers[name] = {"AuthorizationType": "JWT", "AuthorizerId": made["AuthorizerId"]}
        routes = {}
        for path, methods in body["paths"].items():
            for method, operation in methods.items():
                integration = self.resolve(operation["x-amazon-apigateway-integration"])
                made = gateway.create_integration(
                    ApiId=api,
                    IntegrationType="AWS_PROXY",
                    IntegrationUri=integration["uri"],
                    PayloadFormatVersion=integration["payloadFormatVersion"],
                )
                [security] = operation.get("security", [{"NONE": []}])
                [(authorizer, scopes)] = security.items()
                authorization = authorizers[authorizer]
                if authorization:
                    authorization = authorization | {"AuthorizationScopes": scopes}
                target = f"integrations/{made['IntegrationId']}"
                key = f"{method.upper()} {path}"
                gateway.create_route(ApiId=api, RouteKey=key, Target=target, **authorization)
                [function] = re.findall(r"function:([^:/]+)", integration["uri"])
                routes[key] = {"function": function, "authorizer": authorizer, "scopes": scopes}
        return routes

    def api(self, token=None):
        return Api(self.url, token)

    @cached_property
    def token_host(self):
        """Host of the token endpoint."""
        return self.outputs["TokenUrl"].split("/")[2]

    @cached_property
    def token(self):
        """Token of the stack's application, with both scopes."""
        pool, client = self.outputs["UserPoolId"], self.outputs["ClientId"]
        cognito = self.emulator.client("cognito-idp")
        known = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=client)["UserPoolClient"]
        return tokens.request(self.emulator, self.token_host, client, known["ClientSecret"])

    @cached_property
    def forge(self):
        """Forges tokens with the key of the stack's user pool."""
        path = Path(STATE, "cognito-pool-keys", f"{self.outputs['UserPoolId']}-access.pem")
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        return tokens.Forge(self.token, key)

    def table_policy(self):
        """Returns the policy that the template gives the table, or None."""
        policy = self.resolve(self.resources["Table"]["Properties"].get("ResourcePolicy"))
        return policy and policy["PolicyDocument"]

    def apply_table_policy(self):
        """Gives the table its policy, or removes it."""
        dynamodb, policy = self.emulator.client("dynamodb"), self.table_policy()
        arn = dynamodb.describe_table(TableName=self.names["Table"])["Table"]["TableArn"]
        if policy:
            dynamodb.put_resource_policy(ResourceArn=arn, Policy=json.dumps(policy))
        else:
            dynamodb.delete_resource_policy(ResourceArn=arn)

    def update(self, **changed):
        """Changes parameters, and keeps the template and the other parameters."""
        cloudformation = self.emulator.client("cloudformation")
        kept = cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]["Parameters"]
        kept = [parameter["ParameterKey"] for parameter in kept if parameter["ParameterKey"] not in changed]
        cloudformation.update_stack(
            StackName=self.name,
            UsePreviousTemplate=True,
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
            Parameters=[
                *({"ParameterKey": key, "ParameterValue": value} for key, value in changed.items()),
                *({"ParameterKey": key, "UsePreviousValue": True} for key in kept),
            ],
        )
        cloudformation.get_waiter("stack_update_complete").wait(StackName=self.name, WaiterConfig={"Delay": 1})
        self.reload()

    def reload(self):
        """Reads the stack after an update, and updates the parts that the emulator leaves out."""
        self.load()
        self.update_authorizers()
        self.apply_table_policy()

    def count_items(self):
        return self.emulator.client("dynamodb").scan(TableName=self.names["Table"], Select="COUNT")["Count"]

    def empty(self):
        """Deletes every item of the table."""
        dynamodb, table = self.emulator.client("dynamodb"), self.names["Table"]
        for page in dynamodb.get_paginator("scan").paginate(TableName=table, ProjectionExpression="PK, SK"):
            for key in page["Items"]:
                dynamodb.delete_item(TableName=table, Key=key)
