"""Lints of the workflows, and of the scripts that they run."""

import os

from support import environments
from support.paths import ROOT
from support.processes import check


def tool(name):
    return environments.install("workflows") / name


def test_actionlint_accepts_the_workflows():
    # It finds shellcheck on the path.
    check([tool("actionlint")], cwd=ROOT, env=os.environ | {"PATH": environments.search_path("workflows")})


def test_zizmor_accepts_the_workflows():
    check([tool("zizmor"), "--offline", "--strict-collection", "--persona=auditor", ".github"], cwd=ROOT)


def test_shellcheck_accepts_the_scripts():
    scripts = [path for path in [*(ROOT / "deploy").iterdir(), *(ROOT / ".ci").iterdir()] if is_bash(path)]
    assert len(scripts) > 5
    check([tool("shellcheck"), "--external-sources", "--source-path=SCRIPTDIR", "--source-path=SCRIPTDIR/..", *scripts], cwd=ROOT)


def is_bash(path):
    return path.is_file() and path.read_text().startswith("#!/usr/bin/env bash\n")
