"""The AWS emulator, and the files that are deployed to it."""

import json
import os
import re
import shutil
import socket
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import boto3
from botocore.config import Config

from support import environments
from support.paths import BUILT, ROOT, WORK, binaries
from support.processes import check, running

REGION = "eu-west-3"
STATE = WORK / "state"
"""Folder in which the emulator keeps its data."""
STAGE = WORK / "stage"
"""Folder from which SAM takes the template and the functions."""
START = 120
"""Seconds that the emulator has to start."""
UNKNOWN = (r"AWS::Logs::QueryDefinition\n", r"AWS::CloudWatch::Alarm\n    Properties:\n(      .*\n)+?      Metrics:\n")
"""Starts of resources that the emulator refuses: saved queries, and alarms on an expression. They are left out."""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def parsed(document):
    """Returns a JSON document, which some calls of the emulator return as a text."""
    return json.loads(document) if isinstance(document, str) else document


def stage_functions():
    """Copies the template and the functions to a separate folder.

    A debug build must never be in `target/lambda`, from which `sam deploy` deploys to AWS.
    """
    shutil.rmtree(STAGE, ignore_errors=True)
    STAGE.mkdir(parents=True)
    shutil.copy(ROOT / "samconfig.toml", STAGE)
    template = (ROOT / "template.yaml").read_text()
    for start in UNKNOWN:
        template = re.sub(rf"^  \w+:\n    Type: {start}(    .*\n|\n)*", "", template, flags=re.MULTILINE)
    (STAGE / "template.yaml").write_text(template)
    for name in binaries():
        folder = STAGE / "target/lambda" / name
        folder.mkdir(parents=True)
        check(["strip", "-o", folder / "bootstrap", BUILT / name])


class Emulator:
    def __init__(self, port):
        self.port, self.url = port, f"http://127.0.0.1:{port}"
        self.keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        self.environment = os.environ | self.keys | {"AWS_ENDPOINT_URL": self.url}

    def client(self, service):
        """Returns a client of one of AWS's services."""
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id=self.keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.keys["AWS_SECRET_ACCESS_KEY"],
            config=Config(retries={"max_attempts": 1}),
        )

    def deploy(self, *options):
        """Deploys the template with SAM."""
        sam = environments.install("sam")
        check([sam / "sam", "deploy", "--no-progressbar", *options], cwd=STAGE, env=self.environment)

    def is_up(self):
        try:
            with urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False


@contextmanager
def emulating():
    """Starts an emulator that enforces IAM policies and listens on loopback only."""
    ministack = environments.install("ministack")
    shutil.rmtree(STATE, ignore_errors=True)
    STATE.mkdir(parents=True)
    emulator = Emulator(free_port())
    environment = emulator.environment | {
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(emulator.port),
        "IOT_MTLS_ENABLED": "0",
        "MINISTACK_REGION": REGION,
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(STATE),
        "TMPDIR": str(STATE),
    }
    log = WORK / "emulator.log"
    with (
        open(log, "w") as output,
        running([ministack / "python", "-m", "ministack"], env=environment, stdout=output, stderr=output) as process,
    ):
        deadline = time.monotonic() + START
        while not emulator.is_up():
            assert process.poll() is None, f"the emulator does not start:\n{log.read_text()}"
            assert time.monotonic() < deadline, f"the emulator does not start within {START} s: see {log}"
            time.sleep(0.1)
        yield emulator
