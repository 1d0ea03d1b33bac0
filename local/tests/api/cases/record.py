"""Ask a service what it answers to the cases of a file, and write that into the file.

    record.py http://127.0.0.1:8099 clients.json

The service is the one that parc replaces, or a program that answers as it does; it must be empty.
A case says what it `shows`, its `method`, `path`, and where it needs them `type` (the content
type, JSON if not given; null for none), `body` or `base64`. What comes back is kept as `status`
and `answer`, with identifiers and instants replaced by `<client#0>` and `<instant>`; requests
name identifiers in the same way. Where the service breaks (500), parc's own answer stands and
is kept. Needs nothing but Python.
"""

import base64
import json
import re
import sys
import urllib.error
import urllib.request

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def send(url, method, path, content, content_type):
    request = urllib.request.Request(url + path, data=content, method=method)
    if content is not None:
        request.add_header("content-type", "" if content_type is None else content_type)
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def main(url, file):
    with open(file, encoding="utf-8") as text:
        cases = json.load(text)
    ids = {}
    for case in cases:
        fill = lambda text: re.sub(r"<\w+#\d+>", lambda name: ids[name[0]], text)
        content = None
        if "base64" in case:
            content = base64.b64decode(case["base64"])
        elif "body" in case:
            content = fill(case["body"]).encode()
        status, answer = send(url, case["method"], fill(case["path"]), content, case.get("type", "application/json"))
        if status == 500:
            continue
        kind = case["path"].split("/")[1].removesuffix("s")
        if case["path"].endswith("/register") and status == 200:
            ids[f"<{kind}#{sum(name.startswith(f'<{kind}#') for name in ids)}>"] = json.loads(answer)[f"{kind}_id"]
        for name, identifier in ids.items():
            answer = answer.replace(identifier, name)
        case["status"], case["answer"] = status, json.loads(INSTANT.sub("<instant>", answer))
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    with open(file, "w", encoding="utf-8") as text:
        text.write(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
