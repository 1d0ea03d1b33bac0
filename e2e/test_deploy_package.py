"""The packages of a release."""

import subprocess

import pytest

from support.paths import ROOT, binaries
from support.processes import check

NAME = "parc-1.2.3-lambda-x86_64"


def package(functions, output):
    return [ROOT / "deploy/package", functions, "x86_64", "1.2.3", output]


@pytest.fixture
def functions(tmp_path):
    """A folder of functions, each with a small program instead of its own."""
    for name in binaries():
        bootstrap = tmp_path / "functions" / name / "bootstrap"
        bootstrap.parent.mkdir(parents=True)
        bootstrap.write_text("#!/bin/sh\n")
        bootstrap.chmod(0o755)
    return tmp_path / "functions"


def test_package_holds_what_sam_deploys(functions, tmp_path):
    check(package(functions, tmp_path))
    check(["tar", "-x", "-f", f"{NAME}.tar.gz"], cwd=tmp_path)
    unpacked = tmp_path / NAME
    assert (unpacked / "template.yaml").read_bytes() == (ROOT / "template.yaml").read_bytes()
    packed = {path.parent.name for path in unpacked.glob("target/lambda/*/bootstrap")}
    assert packed == {folder.name for folder in functions.iterdir()}
    overrides = [line for line in (unpacked / "samconfig.toml").read_text().splitlines() if "parameter_overrides" in line]
    assert overrides and all("Architecture=x86_64 " in line for line in overrides)


def test_package_is_reproducible(functions, tmp_path):
    for name in ("first", "second"):
        check(package(functions, tmp_path / name))
    assert (tmp_path / f"first/{NAME}.tar.gz").read_bytes() == (tmp_path / f"second/{NAME}.tar.gz").read_bytes()


def test_package_is_unpacked_for_the_workflow(functions, tmp_path):
    check(package(functions, tmp_path))
    (tmp_path / "parc").write_text("a program")
    check([ROOT / "deploy/unpack", tmp_path])
    assert (tmp_path / "template.yaml").exists()
    assert all((tmp_path / file).stat().st_mode & 0o100 for file in ("parc", "deploy/stack"))


def test_missing_function_is_refused(functions, tmp_path):
    (functions / "clients-all/bootstrap").unlink()
    refused = subprocess.run(package(functions, tmp_path), capture_output=True, text=True)
    assert refused.returncode != 0 and "clients-all/bootstrap is missing" in refused.stderr
    assert not list(tmp_path.glob("*.tar.gz"))
