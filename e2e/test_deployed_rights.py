"""The rights of each function's role: enough, none too many, and none of another function."""

import pytest

from support.attempts import cursor_key, exercise
from support.roles import Role
from support.routes import CLOSED


@pytest.fixture(params=CLOSED)
def route(request):
    return request.param


@pytest.fixture
def role(stack, route):
    return Role(stack.emulator, stack.routes[route]["function"])


@pytest.fixture
def statuses(stack, api, route):
    """Calls the function of the route, and returns the statuses of its answers."""
    key = cursor_key(stack.emulator, stack.routes[route]["function"])
    return lambda: [answer.status for answer in exercise(api, route, key)]


def test_function_succeeds_with_its_own_role(statuses):
    assert set(statuses()) == {200}


def test_role_names_each_action_and_resource(role):
    assert [right for _, right in role.rights() if "*" in right["Action"] + right["Resource"]] == []


def test_function_fails_without_any_one_right(role, statuses):
    unused = []
    for policy, right in role.rights():
        with role.without(policy, right):
            if 503 not in statuses():
                unused.append(right)
    assert unused == []


def test_function_fails_with_the_role_of_another(stack, route, role, statuses):
    start = CLOSED.index(route)
    others = [Role(stack.emulator, stack.routes[other]["function"]) for other in CLOSED[start + 1 :] + CLOSED[:start]]
    other = next(other for other in others if not other.includes(role))
    with role.replaced_by(other):
        assert 503 in statuses(), f"with the role {other.name}"
