"""Docker: the image that functions run in, and the network of their containers."""

import platform
import shutil
import socketserver
import subprocess
import threading
import time
import uuid
from contextlib import closing, contextmanager
from socket import SHUT_WR, create_connection

import pytest

from support.paths import WORK
from support.processes import check
from support.threads import serving

ARCHITECTURE = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
BASE = f"public.ecr.aws/lambda/provided:al2023-{ARCHITECTURE}"
FALLBACK_IMAGE = "parc-stand-in"
REMOVAL_TIMEOUT = 30
"""Seconds that the containers of a network have to disappear."""


def succeeds(*command):
    return subprocess.run(command, capture_output=True).returncode == 0


def engine_answers():
    """Returns whether a Docker engine answers."""
    return shutil.which("docker") is not None and succeeds("docker", "version")


def find_image():
    """Returns Lambda's base image, or a fallback if no registry can be reached."""
    if succeeds("docker", "image", "inspect", BASE) or succeeds("docker", "pull", "-q", BASE):
        return BASE
    if shutil.which("dpkg-deb") is None:
        pytest.fail(f"cannot pull {BASE}, and dpkg-deb is missing, which could build a replacement; run this on Debian or with "
            "access to the registry"
        )
    return build_fallback_image()


def build_fallback_image():
    """Makes an image with the C library of this Debian, and the shell that SAM needs in it."""
    root, packages = WORK / "stand-in", WORK / "packages"
    for folder in (root, packages):
        shutil.rmtree(folder, ignore_errors=True)
    packages.mkdir(parents=True)
    for name in ("bin", "lib", "lib64"):
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    download = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", "busybox-static", "libc6", "libgcc-s1"]
    if subprocess.run(download, cwd=packages, capture_output=True).returncode != 0:
        check(["apt-get", "-qq", "update"])
        check(download, cwd=packages)
    for package in packages.glob("*.deb"):
        # Some releases of Debian name their folders with /usr and some without.
        unpack = 'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2" --exclude ./usr/share'
        check(["bash", "-euo", "pipefail", "-c", unpack, "unpack", package, root])
    for command in ("sh", "mv", "chmod"):
        (root / "bin" / command).symlink_to("busybox")
    # Otherwise SAM would reuse the image that it built from an earlier fallback.
    for tag in ("latest", f"rapid-{ARCHITECTURE}"):
        succeeds("docker", "image", "rm", "-f", f"{FALLBACK_IMAGE}:{tag}")
    check(["bash", "-euo", "pipefail", "-c", f'tar -c -C "$1" . | docker import - {FALLBACK_IMAGE}:latest', "import", root])
    return f"{FALLBACK_IMAGE}:latest"


@contextmanager
def networking():
    """Creates a network. Yields its name and its gateway, which is an address of this machine."""
    name = f"parc-invoke-{uuid.uuid4().hex[:8]}"
    check(["docker", "network", "create", name])
    try:
        gateway = "{{(index .IPAM.Config 0).Gateway}}"
        yield name, check(["docker", "network", "inspect", "-f", gateway, name]).strip()
    finally:
        remove_network(name)


def remove_network(name):
    # SAM may be removing a container at the same time, and a network can be removed only after its containers.
    deadline = time.monotonic() + REMOVAL_TIMEOUT
    while True:
        containers = check(["docker", "ps", "-aq", "--filter", f"network={name}"]).split()
        if containers:
            succeeds("docker", "rm", "-f", *containers)
        if succeeds("docker", "network", "rm", name):
            return
        assert time.monotonic() < deadline, f"the network {name} cannot be removed"
        time.sleep(0.5)


@contextmanager
def relaying(address, port):
    """Forwards connections from an address to a loopback port, which containers cannot reach. Yields the URL."""

    class Relay(socketserver.BaseRequestHandler):
        def handle(self):
            with closing(create_connection(("127.0.0.1", port))) as upstream:
                responses = threading.Thread(target=copy, args=(upstream, self.request))
                responses.start()
                copy(self.request, upstream)
                responses.join()

    with serving(socketserver.ThreadingTCPServer((address, 0), Relay)) as server:
        yield f"http://{address}:{server.server_address[1]}"


def copy(source, target):
    try:
        while sent := source.recv(65536):
            target.sendall(sent)
        target.shutdown(SHUT_WR)
    except OSError:
        # Either side may close first.
        pass
