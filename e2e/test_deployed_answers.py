"""Replays the recorded answers against the deployed API, with the test from `cargo test`."""

import os

import pytest

from support.paths import ROOT
from support.processes import check


@pytest.mark.parametrize("test", ["clients_are_answered_as_recorded", "sites_and_equipements_are_answered_as_recorded"])
def test_deployed_api_answers_as_recorded(stack, test):
    stack.empty()
    command = ["cargo", "test", "--quiet", "--locked", "--workspace", "--test", "api"]
    environment = os.environ | {"PARC_URL": stack.url, "PARC_TOKEN": stack.token}
    output = check([*command, "--", "--exact", f"answers::{test}"], cwd=ROOT, env=environment)
    assert "1 passed" in output, f"no such test:\n{output}"
