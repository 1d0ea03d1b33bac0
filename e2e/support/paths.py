"""Folders of the repository."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]
E2E = ROOT / "e2e"
WORK = ROOT / "target" / "e2e"
"""Folder of everything that the tests install, generate and log."""
BUILT = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug"
"""Folder of the binaries that cargo builds."""


def binaries():
    """Returns the names of the programs that the template deploys."""
    return [source.stem for package in ("functions", "hooks") for source in (ROOT / package / "src/bin").glob("*.rs")]
