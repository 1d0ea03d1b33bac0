"""`parc adopt` and `parc compare` over TLS, as an old service is reached."""

import json
import os
import subprocess
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from support.server import PARC
from support.tls import terminating


@pytest.fixture
def old(server, tmp_path):
    """The URL of an API over TLS with one client, and the path of its certificate."""
    body = json.dumps({"nom": "Boulangerie Morin", "code": 12}).encode()
    urlopen(Request(f"{server.url}/clients/register", body, {"content-type": "application/json"})).close()
    address = urlsplit(server.url)
    with terminating(tmp_path, address.port, address.netloc) as (port, certificate):
        yield f"https://localhost:{port}", certificate


def run(*options, **variables):
    command = [PARC, *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=os.environ | variables)


def test_an_old_service_is_taken_over_and_compared_over_tls(server, old, tmp_path):
    url, certificate = old
    adopted = run("adopt", "--from", url, "--data", tmp_path / "table", SSL_CERT_FILE=str(certificate))
    assert adopted.returncode == 0, adopted.stdout + adopted.stderr
    assert adopted.stdout.startswith("1 entities taken over, 0 were there already, 0 left out\n")
    compared = run("compare", "--old", url, "--new", server.url, SSL_CERT_FILE=str(certificate))
    assert compared.stdout == "7 requests compared, 0 answered differently\n", compared.stderr


def test_an_unknown_certificate_is_refused(old, tmp_path):
    refused = run("adopt", "--from", old[0], "--data", tmp_path / "table")
    assert refused.returncode == 1
    assert f"GET {old[0]}/equipements/all failed: " in refused.stderr
    assert "certificate" in refused.stderr
