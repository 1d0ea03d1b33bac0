"""Clients generated from the OpenAPI document, each with one of our programs that uses it."""

import os
import shutil

from support import environments
from support.paths import E2E, ROOT, WORK
from support.processes import check

DOCUMENT = ROOT / "openapi.json"
CODE_ONLY = "apis,models,supportingFiles,apiDocs=false,modelDocs=false,apiTests=false,modelTests=false"


def prepare(name):
    """Returns an empty folder for a client."""
    folder = WORK / "clients" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def copy_program(name, folder):
    shutil.copytree(E2E / "clients" / name, folder, dirs_exist_ok=True)


def openapi_generator(generator, folder, properties):
    bin = environments.install("generators")
    command = [bin / "openapi-generator-cli", "generate", "-i", DOCUMENT, "-g", generator, "-o", folder]
    check([*command, "--global-property", CODE_ONLY, "--additional-properties", properties])


def openapi_python_client():
    """Returns the command that runs the program with the client of openapi-python-client."""
    folder = prepare("openapi-python-client")
    bin = environments.install("openapi-python-client")
    options = ["--meta", "none", "--output-path", folder / "parc_client"]
    check([bin / "openapi-python-client", "generate", "--path", DOCUMENT, *options])
    # Also the modules that the program does not import.
    check([bin / "python", "-m", "compileall", "-q", folder])
    copy_program("openapi-python-client", folder)
    return [bin / "python", folder / "main.py"]


def python():
    """Returns the command that runs the program with openapi-generator's client for Python."""
    folder = prepare("python")
    openapi_generator("python", folder, "packageName=parc_client")
    bin = environments.install("python-client")
    check([bin / "python", "-m", "compileall", "-q", folder])
    copy_program("python", folder)
    return [bin / "python", folder / "main.py"]


def typescript():
    """Checks the types of openapi-generator's client for TypeScript, and returns the command of the program."""
    folder = prepare("typescript")
    openapi_generator("typescript-fetch", folder / "parc_client", "importFileExtension=.js")
    copy_program("typescript", folder)
    bin = environments.install("generators")
    environment = os.environ | {"PATH": f"{bin}:{os.environ['PATH']}"}
    check([bin / "npm", "ci", "--no-audit", "--no-fund"], cwd=folder, env=environment)
    check([bin / "node", "node_modules/typescript/bin/tsc", "--project", "."], cwd=folder)
    return [bin / "node", folder / "built/main.js"]


def rust():
    """Compiles openapi-generator's client for Rust, and returns the command of the program."""
    folder = prepare("rust")
    # The tests call plain HTTP, so the client needs no TLS.
    properties = "packageName=parc-client,supportAsync=false,reqwestDefaultFeatures=,avoidBoxedModels=true"
    openapi_generator("rust", folder, properties)
    shutil.copy(E2E / "clients/rust/main.rs", folder / "src")
    shutil.copy(E2E / "clients/rust/Cargo.lock", folder)
    # A separate target folder is kept when the client is generated again.
    built = WORK / "clients/target"
    # Makes it a workspace root, so that cargo does not add it to ours.
    with open(folder / "Cargo.toml", "a") as manifest:
        manifest.write("\n[workspace]\n")
    check(["cargo", "build", "--quiet", "--locked", "--target-dir", built], cwd=folder)
    return [built / "debug/parc-client"]
