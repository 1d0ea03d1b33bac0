"""The log lines of the deployed functions."""

import re
import time

import pytest

from support.scenarios import FIRST_CODE, NOM, play_all

SECRETS = {
    "nom": f"{NOM}|Boulangerie|Café",
    "code": rf"\b{FIRST_CODE // 10**5}\d{{5}}\b",
}
DEADLINE = 60
"""Seconds until a line must be in the log."""


@pytest.fixture(scope="module")
def answers(stack, api):
    """Answers of every function, and refusals that could quote their requests."""
    answers = play_all(api)
    body = {"nom": f"{NOM} du port", "code": FIRST_CODE}
    refusals = [
        api.call("POST", "/clients/register", body),
        api.call("POST", "/clients/register", body),
        api.call("POST", "/clients/register", body | {"code": f"{NOM} {FIRST_CODE}"}),
        api.call("GET", f"/clients/all?nom={NOM}&cursor={NOM}"),
    ]
    assert [answer.status for answer in refusals][1:] == [409, 422, 422]
    return answers + refusals


@pytest.fixture(scope="module")
def lines(stack, answers):
    """The log, once it has the lines of these requests."""
    missing = {answer.headers["x-request-id"] for answer in answers}
    pages = stack.emulator.client("logs").get_paginator("filter_log_events")
    deadline = time.monotonic() + DEADLINE
    while True:
        lines = [
            event["message"]
            for page in pages.paginate(logGroupName=stack.names["Logs"])
            for event in page["events"]
        ]
        missing = {name for name in missing if not any(name in line for line in lines)}
        if not missing:
            return lines
        assert time.monotonic() < deadline, f"requests without a log line: {missing}"
        time.sleep(0.2)


def test_every_route_logs_its_requests(stack, lines):
    routes = {found[1] for line in lines if (found := re.search(r'"route":"([^"]+)"', line))}
    assert {route for route, made in stack.routes.items() if made["scopes"]} <= routes


@pytest.mark.parametrize("secret", SECRETS)
def test_request_data_is_not_logged(lines, secret):
    assert [line for line in lines if re.search(SECRETS[secret], line)] == []


def test_token_is_not_logged(stack, lines):
    assert [line for line in lines if stack.token[:40] in line] == []
