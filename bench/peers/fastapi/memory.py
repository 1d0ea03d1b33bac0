"""Four routes over a dict: stands for the service that parc replaces, to compare throughput.

Only the process keeps the clients, so it has to run as one process.
"""

from datetime import UTC, datetime
from itertools import islice
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import FastAPI, HTTPException, Query

from models import Client, ClientInfos, ClientRegister

app = FastAPI()

# In order of creation.
clients: dict[UUID, Client] = {}
codes: set[int] = set()


@app.post("/clients/register")
async def register_new_client(body: ClientRegister) -> Client:
    """Registers a client."""
    if body.code in codes:
        raise HTTPException(409, f"Le code {body.code} est déjà attribué")
    client = Client(
        client_id=uuid4(),
        nom=body.nom,
        code=body.code,
        sites=0,
        equipements=0,
        status="actif",
        timestamp=now(),
    )
    codes.add(client.code)
    clients[client.client_id] = client
    return client


@app.get("/clients/all")
async def get_all_client(limit: Annotated[int | None, Query(ge=1, le=1000)] = None) -> list[Client]:
    """Lists the clients, oldest first."""
    return list(islice(clients.values(), limit))


@app.get("/clients/{client_id}/infos")
async def get_one_client(client_id: UUID) -> ClientInfos:
    """Returns a client with its active sites, of which this service has none."""
    client = find(client_id)
    return ClientInfos(
        client_id=client.client_id,
        nom=client.nom,
        code=client.code,
        timestamp=client.timestamp,
        sites=[],
    )


@app.delete("/clients/{client_id}")
async def deactivate_client(client_id: UUID) -> bool:
    """Makes a client inactive."""
    find(client_id).status = "inactif"
    return True


def find(client_id: UUID) -> Client:
    """Returns a client, or answers 404."""
    client = clients.get(client_id)
    if client is None:
        raise HTTPException(404, "Client introuvable")
    return client


def now() -> str:
    """Returns the current instant, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
