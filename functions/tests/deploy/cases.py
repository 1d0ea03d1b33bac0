"""The recorded answers of `local/tests/api/cases`, asked of the deployed API.

`local/tests/api/answers.rs` replays them likewise: it says more.
"""

import base64
import json
import re

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def hide(answer, names):
    """The answer with names for identifiers, and without its instants."""
    if isinstance(answer, str):
        for name, given in names.items():
            answer = answer.replace(given, name)
    elif isinstance(answer, list):
        answer = [hide(item, names) for item in answer]
    elif isinstance(answer, dict):
        answer = {key: hide(item, names) for key, item in answer.items()}
        if INSTANT.fullmatch(str(answer.get("timestamp"))):
            answer["timestamp"] = "<instant>"
    return answer


def forget_parser(answer):
    details = answer.get("detail") if isinstance(answer, dict) else None
    for violation in details if isinstance(details, list) else []:
        if violation["type"] == "json_invalid":
            violation["loc"][1] = violation["ctx"] = None


def learn(case, answer, names):
    """What the cases call an identifier that was just given."""
    found = re.fullmatch(r"/(\w+)s/register", case["path"])
    given = answer.get(f"{found[1]}_id") if found and isinstance(answer, dict) else None
    if given:
        rank = sum(name.startswith(f"<{found[1]}#") for name in names)
        names[f"<{found[1]}#{rank}>"] = given


def of_gateway(status, answer):
    """What API Gateway says in the place of parc where there is no route."""
    if (status, answer) in [(404, {"detail": "Not Found"}), (405, {"detail": "Method Not Allowed"})]:
        return 404, {"message": "Not Found"}
    return status, answer


def is_text(body):
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def fill(text, names):
    for name, given in names.items():
        text = text.replace(name, given)
    return text


def replay(path, api):
    """For each case what it shows, and how its answer differs: not at all is `None`."""
    names = {}
    for case in json.loads(path.read_text()):
        body = None
        if case.get("body") is not None:
            body = fill(case["body"], names).encode()
        elif case.get("base64") is not None:
            body = base64.b64decode(case["base64"])
        content_type = case.get("type", "application/json") or ""
        # API Gateway makes text of a body of type JSON. Without a type it passes the bytes on, and parc
        # reads them as JSON all the same.
        if body is not None and not is_text(body):
            content_type = ""
        got = api.call(case["method"], fill(case["path"], names), body, content_type)
        try:
            answer = got.json()
        except ValueError:
            answer = repr(got.text)
        learn(case, answer, names)
        answer = hide(answer, names)
        forget_parser(answer)
        forget_parser(case["answer"])
        # As texts: to Python 1, 1.0 and true are equal.
        recorded = of_gateway(case["status"], case["answer"])
        wanted, given = (json.dumps(each, sort_keys=True) for each in (recorded, (got.status, answer)))
        yield case["shows"], None if given == wanted else f"not {wanted}\n  but {given}"
