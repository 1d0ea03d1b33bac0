"""Invokes functions with `sam local invoke` and their events, as `invoke` asks."""

import asyncio
import json
import os
import re
import sys
import tempfile
import time
import urllib.request
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[3]
# The entities that the events speak of.
IDS = [f"019a5a1e-3c08-7000-8000-00000000000{number}" for number in (1, 2, 3)]
FUNCTION = r"^  (\w+):\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: target/lambda/(\S+)$"


async def copy(reader, writer):
    try:
        while sent := await reader.read(65536):
            writer.write(sent)
            await writer.drain()
    finally:
        writer.close()


async def relay(port, reader, writer):
    there = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.gather(copy(reader, there[1]), copy(there[0], writer), return_exceptions=True)


@asynccontextmanager
async def table():
    """An empty table: the API over it, and the DynamoDB of it that a container reaches.

    parc's own engine listens on loopback alone, which no container reaches.
    """
    parc = await asyncio.create_subprocess_exec(
        os.environ["PARC"], "--memory", "--port", "0", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        api, engine = [(await parc.stdout.readline()).decode().split()[-1] for _ in range(2)]
        gateway = await asyncio.start_server(partial(relay, int(engine.rsplit(":", 1)[1])), os.environ["GATEWAY"], 0)
        async with gateway:
            host, port = gateway.sockets[0].getsockname()
            yield api, f"http://{host}:{port}"
    finally:
        parc.terminate()
        await parc.wait()


def call(method, url, body=None):
    request = urllib.request.Request(url, method=method, headers={"content-type": "application/json"})
    request.data = None if body is None else json.dumps(body).encode()
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        return json.load(answer)


def seed(api, binary):
    """One entity of each kind, as the event of a function finds them."""
    client = call("POST", f"{api}/clients/register", {"nom": "Café du Port", "code": 12})["client_id"]
    site = call("POST", f"{api}/sites/register", {"client_id": client, "nom": "Terrasse"})["site_id"]
    equipement = {"site_id": site, "nom": "Machine à café"}
    equipement = call("POST", f"{api}/equipements/register", equipement)["equipement_id"]
    ids = {"clients": client, "sites": site, "equipements": equipement}
    kind, _, does = binary.partition("-")
    if does == "reactivate":
        call("DELETE", f"{api}/{kind}/{ids[kind]}")
    return ids.values()


async def invoke(function, event, store):
    """What `sam local invoke` prints: the answer, and what the function and sam say beside it."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as variables:
        json.dump({"Parameters": {"PARC_TABLE": "parc", "AWS_ENDPOINT_URL_DYNAMODB": store}}, variables)
        variables.flush()
        command = [os.environ["SAM"], "local", "invoke", function, "--event", "-", "--env-vars", variables.name]
        command += ["--parameter-overrides", f"Architecture={os.environ['ARCHITECTURE']}", "--skip-pull-image"]
        command += ["--invoke-image", os.environ["IMAGE"], "--docker-network", os.environ["NETWORK"]]
        pipe = asyncio.subprocess.PIPE
        sam = await asyncio.create_subprocess_exec(
            *command, cwd=os.environ["STAGE"], stdin=pipe, stdout=pipe, stderr=pipe
        )
        answer, said = await sam.communicate(event.encode())
    return answer.decode(), said.decode()


async def try_event(name, function, binary):
    """What was answered, and what is wrong with it, if anything is."""
    text = (ROOT / "events" / f"{name}.json").read_text()
    async with table() as (api, store):
        # The event that registers a client takes the code of the one that the others speak of.
        if binary != "clients-register":
            for old, new in zip(IDS, seed(api, binary), strict=True):
                text = text.replace(old, new)
        answer, said = await invoke(function, text, store)
    try:
        told = json.loads(answer)
        right = told["statusCode"] == 200 and told["headers"]["x-request-id"] == name and told["body"] not in ("", "[]")
    except (ValueError, KeyError, TypeError):
        right = False
    return answer, None if right else f"{answer}\n{said}"


async def main(names):
    functions = {binary: name for name, binary in re.findall(FUNCTION, (ROOT / "template.yaml").read_text(), re.M)}
    events = sorted(file.stem for file in (ROOT / "events").glob("*.json"))
    if unknown := set(names) - set(events):
        sys.exit(f"no file of events/: {' '.join(sorted(unknown))}")
    passed = failed = 0
    for name in names or events:
        [binary] = [binary for binary in functions if f"{name}-".startswith(f"{binary}-")]
        start = time.monotonic()
        answer, wrong = await try_event(name, functions[binary], binary)
        if wrong is None:
            passed += 1
            print(f"{name}: 200 in {time.monotonic() - start:.1f} s", flush=True)
            if names:
                print(answer.strip(), flush=True)
        else:
            failed += 1
            print(f"FAILED: {name}\n{wrong}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(asyncio.run(main(sys.argv[1:])))
