"""Inputs and responses, in the JSON shapes of parc."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, StringConstraints

Nom = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=256)]


class SiteSummary(BaseModel):
    """A site, as its client's page shows it."""

    site_id: UUID
    nom: str
    equipements: int


class ClientInfos(BaseModel):
    """A client with its active sites."""

    client_id: UUID
    nom: str
    code: int
    # Text, because pydantic writes a datetime with microseconds, and parc with milliseconds.
    timestamp: str
    sites: list[SiteSummary]


class ClientRegister(BaseModel):
    """Input of a registration."""

    nom: Nom
    code: int


class Client(BaseModel):
    """A client, as lists show it."""

    client_id: UUID
    nom: str
    code: int
    sites: int
    equipements: int
    status: Literal["actif", "inactif"]
    timestamp: str
