"""Sends generated requests, valid and invalid, and checks the answers against the OpenAPI document."""

from support import environments
from support.paths import E2E
from support.processes import check

EXAMPLES = 20


def test_answers_conform_to_the_document(request, server):
    examples = request.config.getoption("examples")
    options = ["--max-examples", str(examples or EXAMPLES)]
    if not examples:
        # The same requests in each run.
        options += ["--seed", "2026"]
    schemathesis = environments.install("schemathesis")
    command = [schemathesis / "st", "--config-file", E2E / "schemathesis.toml", "--no-color", "run"]
    print(check([*command, f"{server.url}/openapi.json", *options], cwd=E2E))
