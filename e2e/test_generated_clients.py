"""Clients that are generated from the document call every endpoint. The programs are in `clients`."""

import pytest

from support import generators
from support.processes import check
from support.routes import PROTECTED


@pytest.mark.parametrize(
    "generate", [generators.openapi_python_client, generators.python, generators.typescript, generators.rust]
)
def test_generated_client_calls_every_endpoint(server, generate):
    check([*generate(), server.url])
    succeeded = {route for route, status in server.answered() if status == 200}
    assert set(PROTECTED) - succeeded == set()
