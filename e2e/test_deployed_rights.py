"""Each function's role has every right that it uses, and no other."""

import pytest

from support.scenarios import play
from support.roles import Role
from support.routes import PROTECTED


@pytest.fixture(params=PROTECTED)
def route(request):
    return request.param


@pytest.fixture
def role(stack, route):
    return Role(stack.emulator, stack.routes[route]["function"])


@pytest.fixture
def statuses(api, route):
    """Calls the function of the route, and returns the statuses of its answers."""
    return lambda: [answer.status for answer in play(api, route)]


def test_function_succeeds_with_its_own_role(statuses):
    assert set(statuses()) == {200}


def test_role_names_each_action_and_resource(role):
    assert [right for _, right in role.rights() if "*" in right["Action"] + right["Resource"]] == []


def test_managed_policies_only_let_a_function_write_to_its_log_group(stack, role):
    groups = stack.emulator.client("logs").describe_log_groups(logGroupNamePrefix=stack.names["Logs"])["logGroups"]
    [group] = [group["arn"] for group in groups]
    rights = {(right["Action"], right["Resource"]) for right in role.managed_rights()}
    assert rights == {("logs:CreateLogStream", group), ("logs:PutLogEvents", group)}


def test_function_fails_if_one_right_is_missing(role, statuses):
    unused = []
    for policy, right in role.rights():
        with role.without(policy, right):
            if 503 not in statuses():
                unused.append(right)
    assert unused == []


def test_function_fails_with_the_role_of_another(stack, route, role, statuses):
    start = PROTECTED.index(route)
    others = [Role(stack.emulator, stack.routes[other]["function"]) for other in PROTECTED[start + 1 :] + PROTECTED[:start]]
    other = next(other for other in others if not other.includes(role))
    with role.replaced_by(other):
        assert 503 in statuses(), f"with the role {other.name}"
