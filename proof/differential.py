"""Compares how parc and FastAPI read request bodies. Started by proof/differential."""

import argparse
import asyncio
import base64
import json
import random
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import FastAPI
from pydantic import BaseModel, Field, StringConstraints

CORPUS = Path(__file__).parent / "fuzz/corpus/json"

Nom = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=256)]
Code = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=256)]


class ClientRegister(BaseModel):
    nom: Nom
    code: Code


class ClientUpdate(BaseModel):
    client_id: UUID
    nom: Nom
    code: Code


class SiteRegister(BaseModel):
    client_id: UUID
    nom: Nom


class SiteUpdate(BaseModel):
    site_id: UUID
    nom: Nom


class EquipementRegister(BaseModel):
    site_id: UUID
    nom: Nom
    type: Text | None = None
    numero_serie: Text | None = None


class EquipementUpdate(BaseModel):
    equipement_id: UUID
    site_id: UUID
    nom: Nom
    type: Text | None = None
    numero_serie: Text | None = None


MODELS = {
    "clients/register": ClientRegister,
    "clients/update": ClientUpdate,
    "sites/register": SiteRegister,
    "sites/update": SiteUpdate,
    "equipements/register": EquipementRegister,
    "equipements/update": EquipementUpdate,
}

CONTENT_TYPES = ["application/json"] * 30
CONTENT_TYPES += ["application/vnd.api+json", "text/plain", "application/json; charset=latin1"]

IDS = [
    "019a5a1e-3c08-7000-8000-000000000001",
    "{019A5A1E3C0870008000000000000001}",
    "urn:uuid:019a5a1e-3c08-7000-8000-000000000001",
]

# Values at the borders of what pydantic coerces, as JSON text.
VALUES = [
    *["null", "true", "false", "{}", "[]", "[1]", '{"a":1}', "NaN", "Infinity", "-Infinity"],
    *["0", "-0", "1", "12", "9223372036854775807", "9223372036854775808"],
    *["-9223372036854775808", "-9223372036854775809"],
    *["1e3", "12.0", "12.5", "1E400", "-1e-7", "1e15", "1e16", "9007199254740993.0", "-0.0", "1e-5", "123456789.123"],
    *["5e-324", "1.7976931348623157e308", "0.1", "1" * 20, "1" * 4300, "1" * 4301],
    *['""', '" "', '"12"', '" 12 "', '"+7"', '"-7"'],
    *['"7.00"', '"7.01"', '"1_000"', '"1__0"', '"0x10"', '"1e3"', '"007"'],
    *['"9223372036854775808"', '"true"', '"é"', r'"\u0661"', r'"\u00e9"', r'"\ud834\udd1e"', r'"\ud800"'],
    *[r'"\udc00\ud800"', r'"\u0000"', r'"\u00a0"', r'"\u001c"'],
    *[r'"\ufeff"', r'"\u200b"', r'"a\tb"', r'"\/"', r'"x\u0085"'],
    *[f'"{text}"' for text in ["1" * 4300, "1" * 4301, "n" * 256, "n" * 257, " " + r"\u00e9" * 256 + " "]],
    *[f'"{text}"' for text in ["1" * 4301 + "_1", "1" * 4300 + "_1", "+" + "1" * 4301, "0" + "1" * 4301, "1" * 4301 + "x"]],
    # Not JSON.
    *["1.", ".5", "01", "1e", "-", "tru", '"', r'"\x"', r'"\u12"', '"\n"', "'a'", "1 2", "/**/1"],
]

TOKENS = [
    *[b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b" ", b"\n", b"\t", b"\r", b"\f", b"\0", b"1", b"e", b".", b"-"],
    *[b"null", b"NaN", b"\\u", b"\\ud800", b"\\udc00", b"\xff", b"\xed\xa0\xb4", b"\xed\xb4\x9e", b"\xc0\x80"],
    *[text.encode() for text in ["\u00a0", "\ufeff", "\u2028", "é", "𝄞"]],
]

# How deep FastAPI reads depends on the frames of the server that calls it: 960 levels under uvicorn, more here.
DEEP = 880

ENCODINGS = ["utf-8"] * 20
ENCODINGS += ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "latin1"]


def value(rng: random.Random, name: str) -> str:
    """Returns JSON text, valid for the field three times in four."""
    if rng.random() < 0.25:
        return rng.choice(VALUES)
    if rng.random() < 0.02:
        depth = rng.choice([10, DEEP, 1100])
        return "[" * depth + "]" * depth
    if name.endswith("_id"):
        return json.dumps(rng.choice(IDS) if rng.random() < 0.8 else mutated_text(rng, rng.choice(IDS)))
    if name == "code":
        digits = str(rng.randrange(-(2 ** rng.choice([4, 16, 63, 64])), 2 ** rng.choice([4, 16, 63, 64])))
        return rng.choice([digits, json.dumps(digits), digits + ".0", json.dumps(mutated_text(rng, digits))])
    text = mutated_text(rng, rng.choice(["Café du Port", "Four à sole", "FS-2041", ""]))
    return json.dumps(text, ensure_ascii=rng.random() < 0.5)


def mutated_text(rng: random.Random, text: str) -> str:
    for _ in range(rng.randrange(3)):
        at = rng.randrange(len(text) + 1)
        any_character = chr(rng.randrange(0x20, 0xD800))
        inserted = rng.choice([*" _-0é\u3000\x1c\n{.+", "", any_character, text])
        text = text[:at] + inserted + text[at + rng.randrange(2) :]
    return text


def generated(rng: random.Random, route: str) -> bytes:
    names = list(MODELS[route].model_fields)
    names = [name for name in names if rng.random() < 0.95]
    names += [rng.choice(["nom", "code", "_sa", "_sa_x", "x", "é", "", r"\ud800"]) for _ in range(rng.randrange(2))]
    if rng.random() < 0.2:
        rng.shuffle(names)
    space = rng.choice(["", "", " ", "\n ", "\t"])
    members = [f'{space}"{name}"{space}:{space}{value(rng, name)}{space}' for name in names]
    return ("{" + ",".join(members) + "}").encode("utf-8", "surrogatepass")


def encoded(rng: random.Random, body: bytes) -> bytes:
    encoding = rng.choice(ENCODINGS)
    if encoding == "utf-8":
        return body
    return body.decode("utf-8", "replace").encode(encoding, "replace")


def mutated(rng: random.Random, body: bytes) -> bytes:
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(body) + 1)
        end = at + rng.choice([0, 0, 1, 2, 8])
        any_byte, copied = bytes([rng.randrange(256)]), body[at : at + 20]
        inserted = rng.choice([b"", rng.choice(TOKENS), rng.choice(VALUES).encode(), any_byte, copied])
        body = body[:at] + inserted + body[end:]
    return body


def bodies(seed: int, corpus: list[bytes]):
    """Yields a route, a content type and a body for each number."""
    number = 0
    while True:
        rng = random.Random(f"{seed} {number}")
        route = rng.choice(list(MODELS))
        body = generated(rng, route) if rng.random() < 0.9 else rng.choice(corpus)
        if rng.random() < 0.4 and body.count(b"[") < DEEP:
            body = mutated(rng, body)
        yield number, route, rng.choice(CONTENT_TYPES), encoded(rng, body)
        number += 1


# Callers of the service that parc replaces may leave the content type out.
app = FastAPI(strict_content_type=False)
for path, model in MODELS.items():

    def read(body):
        return body

    read.__annotations__ = {"body": model}
    app.post(f"/{path}")(read)


async def fastapi(route: str, content_type: str, body: bytes) -> tuple[int, object]:
    """Returns FastAPI's status and body; 500 if it raises."""
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": f"/{route}", "raw_path": f"/{route}".encode(),
        "query_string": b"", "scheme": "http", "server": ("localhost", 80), "client": ("localhost", 1), "root_path": "",
        "headers": [(b"content-type", content_type.encode())],
    }  # fmt: skip
    status, chunks = 500, []

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            chunks.append(message["body"])

    try:
        await app(scope, receive, send)
    except Exception:  # noqa: BLE001  FastAPI cannot write its own answer.
        return 500, None
    return status, json.loads(b"".join(chunks))


class Parc:
    def __init__(self):
        self.process = subprocess.Popen(["target/debug/answer-bodies"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def answer(self, route: str, content_type: str, body: bytes) -> tuple[int, object]:
        line = json.dumps([route, content_type, base64.b64encode(body).decode()]) + "\n"
        self.process.stdin.write(line.encode())
        self.process.stdin.flush()
        status, _, answer = self.process.stdout.readline().partition(b" ")
        return int(status), json.loads(answer)


def comparable(answer: tuple[int, object]) -> tuple[int, object]:
    """Leaves out where and why a parser stopped, and that an empty text is null, which parc decides when it reads."""
    status, body = answer
    if status == 200:
        for name in ("type", "numero_serie"):
            body[name] = body.get(name) or None
    elif status == 422:
        for violation in body["detail"]:
            if violation["type"] == "json_invalid":
                del violation["loc"][1], violation["ctx"]
    return status, json.dumps(body)


async def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--bodies", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=1)
    options = options.parse_args()
    corpus = [file.read_bytes() for file in sorted(CORPUS.iterdir())]
    parc, statuses, differences, unserializable, started = Parc(), Counter(), 0, 0, time.monotonic()
    for number, route, content_type, body in bodies(options.seed, corpus):
        if number == options.bodies:
            break
        theirs, ours = await fastapi(route, content_type, body), parc.answer(route, content_type, body)
        statuses[ours[0]] += 1
        if theirs[0] == 500:
            unserializable += 1
            is_equal = ours[0] == 422
        else:
            is_equal = comparable(theirs) == comparable(ours)
        if not is_equal:
            differences += 1
            print(f"{number}: {route} {content_type} {body[:300]!r}\n  FastAPI {theirs}\n  parc    {ours}"[:3000])
    seconds = time.monotonic() - started
    counts = ", ".join(f"{count:,} × {status}" for status, count in sorted(statuses.items()))
    print(f"seed {options.seed}: {options.bodies:,} bodies in {seconds:.0f} s: {counts}")
    print(f"{unserializable:,} of the 422 where FastAPI answers 500; {differences:,} differences")
    return differences > 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
