"""Replaces values that schemathesis cannot generate: signed cursors, and keys that were not used before."""

import re
import uuid
import urllib.error
import urllib.parse
import urllib.request

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    mode = case.meta and case.meta.generation.mode
    if not (mode and mode.is_positive):
        return
    for name in case.headers or {}:
        if name.lower() == "idempotency-key":
            case.headers[name] = str(uuid.uuid4())
        # The coverage phase sends 0, whatever the pattern is.
        if name.lower() == "if-match" and case.headers[name] == "0":
            case.headers[name] = "*"
    if not (case.query and "cursor" in case.query):
        return
    del case.query["cursor"]
    cursor = first_cursor(case)
    if cursor:
        case.query["cursor"] = cursor


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
