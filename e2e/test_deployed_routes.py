"""Authorization of each route of the deployed API."""

import gzip
import json

import pytest

from support.routes import PROTECTED, DOCUMENT, PUBLIC, scope


@pytest.fixture
def anonymous(stack):
    return stack.api()


def test_routes_are_those_of_the_document(stack):
    assert set(stack.routes) == {*PROTECTED, *PUBLIC}


def test_routes_are_the_same_with_another_issuer(issuer_stack):
    assert set(issuer_stack.routes) == {*PROTECTED, *PUBLIC}


@pytest.mark.parametrize("name", ["stack", "issuer_stack"])
@pytest.mark.parametrize("route", PROTECTED)
def test_route_requires_a_token(request, name, route):
    made = request.getfixturevalue(name).routes[route]
    assert (made["authorizer"], made["scopes"]) == ("Token", [scope(route)])


@pytest.mark.parametrize("name", ["stack", "issuer_stack"])
@pytest.mark.parametrize("route", PUBLIC)
def test_route_requires_no_token(request, name, route):
    made = request.getfixturevalue(name).routes[route]
    assert (made["authorizer"], made["scopes"]) == ("NONE", [])


@pytest.mark.parametrize(("path", "status"), [("/", 307), ("/docs", 200), ("/openapi.json", 200)])
def test_anyone_may_read_the_documentation(anonymous, path, status):
    assert anonymous.call("GET", path).status == status


@pytest.mark.parametrize("part", ["paths", "components"])
def test_deployed_document_is_that_of_the_repository(anonymous, part):
    answer = anonymous.call("GET", "/openapi.json", headers={"accept-encoding": "gzip"})
    assert json.loads(gzip.decompress(answer.body))[part] == DOCUMENT[part]
