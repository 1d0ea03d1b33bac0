"""Processes that end with the test that started them."""

import os
import signal
import subprocess
from contextlib import contextmanager

GRACE = 15
"""Seconds that a process has to end before it is killed."""


@contextmanager
def running(command, **options):
    """Runs a command, and ends it and its children on exit."""
    process = subprocess.Popen(command, start_new_session=True, **options)
    try:
        yield process
    finally:
        signal_group(process, signal.SIGTERM)
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            pass
        # Children may outlive it.
        signal_group(process, signal.SIGKILL)
        process.wait()


def signal_group(process, number):
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass


def check(command, **options):
    """Runs a command to its end, and fails with its output if it fails. Returns its standard output."""
    with running(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options) as process:
        output, errors = process.communicate()
    displayed = " ".join(map(str, command))
    assert process.returncode == 0, f"`{displayed}` exited with {process.returncode}:\n{output}{errors}"
    return output
