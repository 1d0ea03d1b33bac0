"""The routes of the API."""

import json

from support.paths import ROOT

DOCUMENT = json.loads((ROOT / "openapi.json").read_text())
PROTECTED = [f"{method.upper()} {path}" for path, methods in DOCUMENT["paths"].items() for method in methods]
"""Routes that require a token: those of the document."""
PUBLIC = ["GET /", "GET /docs", "GET /docs/{asset}", "GET /openapi.json"]


def scope(route):
    """Returns the scope that a token needs for a route."""
    return "parc/read" if route.startswith("GET ") else "parc/write"
