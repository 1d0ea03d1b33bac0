"""The deployed resources."""

import pytest


@pytest.mark.parametrize("name", ["Table", "ClientsAll", "UserPool", "Alarms"])
def test_resource_is_tagged(stack, name):
    pages = stack.emulator.client("resourcegroupstaggingapi").get_paginator("get_resources").paginate()
    tags = {
        tag["Key"]: tag["Value"]
        for page in pages
        for resource in page["ResourceTagMappingList"]
        if stack.names[name] in resource["ResourceARN"]
        for tag in resource["Tags"]
    }
    assert tags.get("application") == "parc"


def test_pages_of_other_origins_may_not_call(stack):
    assert stack.resolve(stack.resources["Api"]["Properties"]["Body"]["x-amazon-apigateway-cors"]) is None
