"""An application is added, limited and removed as docs/callers.md describes, with the commands of that page."""

import json
import re

import pytest

from support import environments, tokens
from support.paths import ROOT
from support.processes import check

COMMANDS = re.findall(r"^ *```sh\n(.*?)^ *```", (ROOT / "docs/callers.md").read_text(), re.DOTALL | re.MULTILINE)


def command(name):
    """Returns the command of the page that contains a name."""
    [found] = [command for command in COMMANDS if name in command]
    return found


@pytest.fixture(scope="module")
def run(stack):
    """Runs a command of the page, and returns what it prints."""
    environment = stack.emulator.environment | {"PATH": environments.search_path("aws")}
    variables = COMMANDS[0].replace("parc-prod", stack.name)
    return lambda text: check(["bash", "-euo", "pipefail", "-c", variables + text], cwd=ROOT, env=environment)


@pytest.fixture(scope="module")
def application(run):
    """An application that may read."""
    return json.loads(run(command("create-user-pool-client")))["UserPoolClient"]


@pytest.fixture(scope="module")
def api(stack, application):
    """The API, as the application."""
    scopes = application["AllowedOAuthScopes"]
    return stack.api(
        tokens.request(stack.emulator, stack.token_host, application["ClientId"], application["ClientSecret"], scopes)
    )


@pytest.fixture
def listed(stack, run, application):
    """The application, while `Applications` has its identifier."""

    def set_applications(value):
        run(command("deploy/set").replace("ID1,ID2", value))
        stack.reload()

    set_applications(application["ClientId"])
    yield
    set_applications("")


def test_listed_application_may_call_with_its_scope(stack, api, listed):
    assert api.call("GET", "/clients/all").status == 200
    assert api.call("POST", "/clients/register", {"nom": "x", "code": 1}).status == 403
    assert stack.api(stack.token).call("GET", "/clients/all").status == 200, "the first application"


def test_application_that_is_not_listed_is_refused(api):
    assert api.call("GET", "/clients/all").status == 401


def test_unknown_parameter_is_refused(run):
    with pytest.raises(AssertionError, match="has no parameter Aplications"):
        run('deploy/set "$stack" Aplications=x')


def test_scopes_of_an_application_can_be_changed(run, application):
    run(command("update-user-pool-client").replace("CLIENT", application["ClientId"], 1))


def test_deleted_application_gets_no_token(stack, run, application):
    run(command("delete-user-pool-client --").replace("CLIENT", application["ClientId"]))
    with pytest.raises(AssertionError, match="invalid_client"):
        tokens.request(stack.emulator, stack.token_host, application["ClientId"], application["ClientSecret"])
