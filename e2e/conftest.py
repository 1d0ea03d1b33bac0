"""Options and fixtures. Each environment starts once, with the first test that needs it."""

import os
import signal
import subprocess

import pytest

from support.api import resolve_localhost
from support.emulator import REGION, emulating, stage_functions
from support.issuer import issuing
from support.paths import ROOT, WORK
from support.server import serving
from support.stack import Stack

# The tests never use the developer's AWS account.
for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
    os.environ.pop(name, None)
os.environ |= {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true"}
os.environ |= {"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "SAM_CLI_TELEMETRY": "0"}
for name in ("NO_PROXY", "no_proxy"):
    os.environ[name] = ",".join(filter(None, [os.environ.get(name), "127.0.0.1", "localhost"]))
resolve_localhost()
# A supervisor's SIGTERM ends the tests like Ctrl-C, which ends the processes that they started.
signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_addoption(parser):
    parser.addoption("--keep", action="store_true", help="keep the AWS emulator running until you press Enter")
    parser.addoption("--screenshot", metavar="NAME.png", help="save a picture of the page, in target/e2e")
    parser.addoption("--examples", metavar="N", type=int, help="requests of schemathesis per operation (default: 20)")


@pytest.fixture(scope="session")
def build():
    """Builds the programs, with the features that `cargo test` builds them with."""
    command = ["cargo", "build", "--quiet", "--locked", "--workspace", "--all-targets"]
    subprocess.run(command, cwd=ROOT, check=True)
    WORK.mkdir(parents=True, exist_ok=True)


@pytest.fixture
def server(build, tmp_path):
    """An API with its own empty table."""
    with serving(tmp_path / "server.log") as server:
        yield server


@pytest.fixture(scope="session")
def staged(build):
    """Copies the template and the functions to the folder that SAM deploys."""
    stage_functions()


@pytest.fixture(scope="session")
def emulator(request, staged):
    """An emulator of AWS."""
    with emulating() as emulator:
        yield emulator
        if request.config.getoption("keep"):
            wait_for_enter(request.config, emulator)


def wait_for_enter(config, emulator):
    capture = config.pluginmanager.getplugin("capturemanager")
    capture.suspend_global_capture(in_=True)
    try:
        input(f"\nAWS_ENDPOINT_URL={emulator.url}, press Enter to stop it: ")
    except EOFError:
        pass
    finally:
        capture.resume_global_capture()


@pytest.fixture(scope="session")
def stack(emulator):
    """The stack of `samconfig.toml`, with its own user pool."""
    emulator.deploy()
    return Stack(emulator, "parc-dev")


@pytest.fixture(scope="session")
def api(stack):
    """The deployed API, as an application that may read and write."""
    return stack.api(stack.token)


@pytest.fixture(scope="session")
def issuer():
    """An issuer of tokens that is not Cognito."""
    with issuing() as issuer:
        yield issuer


@pytest.fixture(scope="session")
def issuer_stack(emulator, issuer):
    """A stack that accepts the tokens of another issuer, and sends its alarms to an address."""
    parameters = [f"Issuer={issuer.url}", "Audience=parc-test", "AlarmEmail=nobody@example.com"]
    emulator.deploy("--stack-name", "parc-issuer", "--parameter-overrides", *parameters)
    return Stack(emulator, "parc-issuer")
