"""The commands `verify` and `layout`, on the table that the deployed functions wrote."""

import subprocess

import pytest

from support.scenarios import play_all
from support.server import PARC

LAYOUT = {"PK": {"S": "LAYOUT"}, "SK": {"S": "LAYOUT"}}


@pytest.fixture(scope="module")
def table(stack, api):
    """A table that every function has used."""
    play_all(api)
    return stack.names["Table"]


@pytest.fixture
def older_table(stack, table):
    """A table with an older layout."""
    dynamodb = stack.emulator.client("dynamodb")
    current = dynamodb.get_item(TableName=table, Key=LAYOUT).get("Item")
    dynamodb.put_item(TableName=table, Item=LAYOUT | {"layout": {"N": "1"}})
    yield table
    if current:
        dynamodb.put_item(TableName=table, Item=current)
    else:
        dynamodb.delete_item(TableName=table, Key=LAYOUT)


@pytest.fixture
def run(stack):
    """Runs an operator's command on a table."""

    def run(command, table):
        options = ["--endpoint", stack.emulator.url, "--table", table]
        return subprocess.run([PARC, command, *options], env=stack.emulator.environment, capture_output=True, text=True)

    return run


def test_verify_finds_nothing_wrong_after_every_function(run, table):
    verified = run("verify", table)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_layout_of_a_deployed_table_is_current(run, table):
    checked = run("layout", table)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("command", ["layout", "verify"])
def test_older_layout_is_refused(run, older_table, command):
    refused = run(command, older_table)
    assert refused.returncode == 1
    assert "has layout 1, and this version of parc needs layout 3" in refused.stderr
