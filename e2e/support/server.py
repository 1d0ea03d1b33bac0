"""The API of `cargo run`, with an empty table in memory."""

import os
import re
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.paths import BUILT
from support.processes import running

PARC = BUILT / "parc"


@dataclass
class Server:
    url: str
    dynamodb_url: str
    log: Path

    def answered(self):
        """Returns the route and the status of each request so far, as the log has them."""
        lines = re.findall(r'route="([^"]+)" status=(\d+)', self.log.read_text())
        return {(route, int(status)) for route, status in lines}


@contextmanager
def serving(log):
    """Starts a server on a free port."""
    command = [PARC, "--memory", "--port", "0"]
    environment = os.environ | {"NO_COLOR": "1"}
    with (
        open(log, "w") as stderr,
        running(command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment) as process,
    ):
        # "parc listens on URL", "data: table parc in memory, lost at the end, DynamoDB emulator at URL"
        urls = [line.split()[-1] if (line := process.stdout.readline()) else None for _ in range(2)]
        assert all(urls), f"parc does not start:\n{Path(log).read_text()}"
        yield Server(*urls, Path(log))
