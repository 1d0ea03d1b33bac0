"""Replaces generated values.

schemathesis can generate neither signed cursors nor keys that were not used before.
"""

import re
import uuid
import urllib.error
import urllib.parse
import urllib.request

import schemathesis


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


def make_refusable(case):
    """Replaces a code that violates the document but is read as an integer, as pydantic reads it.

    The document says what callers should send: an integer. For the service that parc replaces, `true` and many
    strings with digits are integers too. Strings without digits, and all other types, must be refused.
    """
    if isinstance(case.body, dict) and "code" in case.body:
        code = case.body["code"]
        if isinstance(code, bool) or (isinstance(code, str) and any(character.isdigit() for character in code)):
            case.body["code"] = "douze"


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
