"""Every file of `events/`, sent to its function by `sam local invoke` in Lambda's base image.

    e2e/run test_invoke.py -k clients-all-nom -s     shows the answer to events/clients-all-nom.json
"""

import json
import subprocess
from urllib.parse import urlsplit

import pytest

from support import containers, environments, template
from support.api import Api
from support.emulator import STAGE
from support.paths import ROOT
from support.processes import running

EVENTS = sorted(file.stem for file in (ROOT / "events").glob("*.json"))
FUNCTIONS = {
    template.RESOURCES[name]["Properties"]["CodeUri"].rsplit("/", 1)[1]: name
    for name in template.names("AWS::Serverless::Function")
}
"""Logical names of the functions, by the names of their binaries."""
IDS = [f"019a5a1e-3c08-7000-8000-00000000000{number}" for number in (1, 2, 3)]
"""Client, site and équipement of the events."""


@pytest.fixture(scope="module", autouse=True)
def docker():
    if not containers.engine_answers():
        pytest.skip("no Docker engine answers")


@pytest.fixture(scope="module")
def image(docker):
    return containers.find_image()


@pytest.fixture(scope="module")
def network(docker):
    with containers.networking() as network:
        yield network


@pytest.fixture
def dynamodb_url(server, network):
    """The URL of the server's table as containers reach it."""
    _, gateway = network
    with containers.relaying(gateway, urlsplit(server.dynamodb_url).port) as url:
        yield url


def register(api, binary):
    """Registers one entity of each kind, in the state that the function's event needs. Returns their identifiers."""

    def call(method, path, fields=None):
        answer = api.call(method, path, fields)
        assert answer.status == 200, answer
        return answer.json()

    client = call("POST", "/clients/register", {"nom": "Café du Port", "code": 12})["client_id"]
    site = call("POST", "/sites/register", {"client_id": client, "nom": "Terrasse"})["site_id"]
    fields = {"site_id": site, "nom": "Machine à café"}
    equipement = call("POST", "/equipements/register", fields)["equipement_id"]
    kind, _, operation = binary.partition("-")
    if operation == "reactivate":
        ids = {"clients": client, "sites": site, "equipements": equipement}
        call("DELETE", f"/{kind}/{ids[kind]}")
    return client, site, equipement


@pytest.mark.parametrize("event", EVENTS)
def test_function_answers_its_event(event, staged, server, dynamodb_url, image, network, tmp_path):
    [binary] = [binary for binary in FUNCTIONS if f"{event}-".startswith(f"{binary}-")]
    text = (ROOT / "events" / f"{event}.json").read_text()
    # The event that registers a client takes the code of the client that the others refer to.
    if binary != "clients-register":
        for old, new in zip(IDS, register(Api(server.url), binary), strict=True):
            text = text.replace(old, new)
    variables = tmp_path / "variables.json"
    parameters = {"PARC_TABLE": "parc", "AWS_ENDPOINT_URL_DYNAMODB": dynamodb_url}
    variables.write_text(json.dumps({"Parameters": parameters}))
    sam = environments.install("sam")
    command = [sam / "sam", "local", "invoke", FUNCTIONS[binary], "--event", "-", "--env-vars", variables]
    command += ["--parameter-overrides", f"Architecture={containers.ARCHITECTURE}", "--skip-pull-image"]
    command += ["--invoke-image", image, "--docker-network", network[0]]
    pipe = subprocess.PIPE
    with running(command, cwd=STAGE, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        output, log = process.communicate(text)
    print(output.strip())
    try:
        answer = json.loads(output)
    except ValueError:
        pytest.fail(f"not JSON: {output}\n{log}")
    assert answer.get("statusCode") == 200, log
    assert answer["headers"]["x-request-id"] == event
    assert answer["body"] not in ("", "[]")
