"""Replaces generated values.

schemathesis can generate neither signed cursors nor keys that were not used before.
"""

import re
import uuid
import urllib.error
import urllib.parse
import urllib.request

import schemathesis

FLAGS = ("dry_run", "atomique")
LAX_BOOLEANS = {"0", "1", "f", "n", "no", "off", "on", "t", "y", "yes"}
"""Texts that are read as a boolean, as pydantic reads them, besides `true` and `false`."""


@schemathesis.hook
def before_call(context, case, kwargs):
    mode = case.meta and case.meta.generation.mode
    if mode and mode.is_positive:
        make_acceptable(case)
    elif mode and mode.is_negative:
        make_refusable(case)


def make_acceptable(case):
    for name in case.headers or {}:
        if name.lower() == "idempotency-key":
            case.headers[name] = str(uuid.uuid4())
        # The coverage phase sends 0, whatever the pattern is.
        if name.lower() == "if-match" and case.headers[name] == "0":
            case.headers[name] = "*"
    if case.query and "cursor" in case.query:
        del case.query["cursor"]
        cursor = first_cursor(case)
        if cursor:
            case.query["cursor"] = cursor
    refs = [None]
    for operation in operations(case):
        # JSON Schema cannot say that each `ref` is unique.
        if operation.get("ref") in refs:
            operation["ref"] = None
        refs.append(operation.get("ref"))


def make_refusable(case):
    """Replaces values that violate the document but are accepted.

    The document says what callers should send: an integer. For the service that parc replaces, `true` and many
    strings with digits are integers too. Strings without digits, and all other types, must be refused.
    """
    if isinstance(case.body, dict) and "code" in case.body:
        code = case.body["code"]
        if isinstance(code, bool) or (isinstance(code, str) and any(character.isdigit() for character in code)):
            case.body["code"] = "douze"
    for operation in operations(case):
        # What is wrong with a body is the result of its operation: the answer to the batch is a 200.
        if not isinstance(operation.get("body"), dict):
            operation["op"] = "supprimer"
    for flag in FLAGS:
        if case.query and str(case.query.get(flag)).lower() in LAX_BOOLEANS:
            case.query[flag] = "oui"


def operations(case):
    """Returns the operations of a batch that are objects."""
    found = case.body.get("operations") if isinstance(case.body, dict) else None
    return [operation for operation in found if isinstance(operation, dict)] if isinstance(found, list) else []


def first_cursor(case):
    """Returns the cursor after the first entity of the list that a case asks for, or None if there is none."""
    if not case.path.endswith("/all"):
        return None
    query = urllib.parse.urlencode({**case.query, "limit": 1})
    try:
        with urllib.request.urlopen(f"{case.operation.base_url}{case.path}?{query}") as answer:
            link = answer.headers.get("Link", "")
    except urllib.error.HTTPError:
        return None
    found = re.search(r"cursor=(\w+)", link)
    return found and found[1]
