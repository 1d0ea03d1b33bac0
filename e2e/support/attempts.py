"""Requests that use every right of a function.

Without one of its rights, one of a function's requests is refused by the table, which is answered by 503.
"""

import hmac
from hashlib import sha256
from itertools import count

FIRST_CODE = 7_000_000_000
CODES = count(FIRST_CODE)
NOM = "Essai"


class Attempt:
    """Requests of one function, on entities that functions with all their rights register."""

    def __init__(self, api, cursor_key):
        self.api, self.cursor_key, self.answers = api, cursor_key, []

    def register(self, path, **fields):
        answer = self.api.call("POST", f"/{path}/register", fields)
        assert answer.status == 200, (path, answer)
        return answer.json()[f"{path[:-1]}_id"]

    def client(self):
        return self.register("clients", nom=NOM, code=next(CODES))

    def site(self, client=None):
        return self.register("sites", client_id=client or self.client(), nom=NOM)

    def equipement(self, site=None):
        return self.register("equipements", site_id=site or self.site(), nom=NOM)

    def prepare(self, method, path):
        answer = self.api.call(method, path)
        assert answer.status == 200, (method, path, answer)

    def ask(self, method, path, headers=None, **fields):
        """Sends a request of the function whose rights are in question."""
        answer = self.api.call(method, path, fields or None, headers)
        self.answers.append(answer)
        return answer

    def ask_twice(self, method, path, **fields):
        """Sends a request and repeats it under its key, so that its answer is kept and looked up."""
        key = {"idempotency-key": str(next(CODES))}
        for _ in range(2):
            self.ask(method, path, key, **fields)

    def pages(self, path):
        """Reads a list in two pages of one entity, by its links."""
        link = self.ask("GET", f"{path}limit=1").headers.get("link")
        if link:
            self.ask("GET", link[link.index("<") + 1 : link.index(">")])


def clients_all(attempt):
    attempt.client()
    attempt.ask("GET", "/clients/all?limit=1")
    attempt.ask("GET", "/clients/all?nom=essai&limit=1")
    attempt.ask("GET", f"/clients/all?code={next(CODES)}")


def clients_update(attempt):
    client = attempt.client()
    code = next(CODES)
    attempt.ask("PUT", "/clients/update", client_id=client, nom="Autre", code=code)
    attempt.ask("PUT", "/clients/update", client_id=client, nom="Encore", code=code)


def clients_infos(attempt):
    client = attempt.client()
    site = attempt.site(client)
    attempt.ask("GET", f"/clients/{client}/infos")
    # A page of /infos is announced past 6 MB only: the cursor is made as `validation/cursor.rs` makes it.
    key = sha256(attempt.cursor_key.encode()).digest()
    signature = hmac.digest(key, f"cursor=3&after={site}&list=infos&client_id={client}".encode(), "sha256").hex()
    answer = attempt.ask("GET", f"/clients/{client}/infos?cursor=3{site.replace('-', '')}{signature[:32]}")
    assert answer.status in (200, 503), answer


def sites_all(attempt):
    client = attempt.client()
    attempt.site(client), attempt.site(client)
    attempt.ask("GET", "/sites/all?limit=1")
    attempt.ask("GET", "/sites/all?nom=essai&limit=1")
    attempt.pages(f"/sites/all?client_id={client}&")


def sites_infos(attempt):
    attempt.ask("GET", f"/sites/{attempt.site()}/infos")


def equipements_all(attempt):
    attempt.equipement()
    attempt.ask("GET", "/equipements/all?limit=1")
    attempt.ask("GET", "/equipements/all?nom=essai&limit=1")
    site = attempt.site()
    attempt.equipement(site), attempt.equipement(site)
    attempt.pages(f"/equipements/all?site_id={site}&")


def equipements_update(attempt):
    client = attempt.client()
    site, other = attempt.site(client), attempt.site(client)
    equipement, idle = attempt.equipement(site), attempt.equipement(site)
    attempt.prepare("DELETE", f"/equipements/{idle}")
    for moved, target in ((equipement, site), (equipement, other), (idle, other)):
        attempt.ask("PUT", "/equipements/update", equipement_id=moved, site_id=target, nom="Autre")


def history(kind):
    return lambda attempt: attempt.ask("GET", f"/{kind}s/{getattr(attempt, kind)()}/historique")


def deactivate(kind):
    return lambda attempt: attempt.ask("DELETE", f"/{kind}s/{getattr(attempt, kind)()}")


def reactivate(kind):
    def use(attempt):
        path = f"/{kind}s/{getattr(attempt, kind)()}"
        attempt.prepare("DELETE", path)
        attempt.ask("POST", f"{path}/reactivate")

    return use


USES = {
    "GET /clients/all": clients_all,
    "POST /clients/register": lambda attempt: attempt.ask_twice("POST", "/clients/register", nom=NOM, code=next(CODES)),
    "PUT /clients/update": clients_update,
    "GET /clients/{client_id}/infos": clients_infos,
    "GET /clients/{client_id}/historique": history("client"),
    "DELETE /clients/{client_id}": deactivate("client"),
    "POST /clients/{client_id}/reactivate": reactivate("client"),
    "GET /sites/all": sites_all,
    "POST /sites/register": lambda attempt: attempt.ask_twice(
        "POST", "/sites/register", client_id=attempt.client(), nom=NOM
    ),
    "PUT /sites/update": lambda attempt: attempt.ask("PUT", "/sites/update", site_id=attempt.site(), nom="Autre"),
    "GET /sites/{site_id}/infos": sites_infos,
    "GET /sites/{site_id}/historique": history("site"),
    "DELETE /sites/{site_id}": deactivate("site"),
    "POST /sites/{site_id}/reactivate": reactivate("site"),
    "GET /equipements/all": equipements_all,
    "POST /equipements/register": lambda attempt: attempt.ask(
        "POST", "/equipements/register", site_id=attempt.site(), nom=NOM
    ),
    "PUT /equipements/update": equipements_update,
    "GET /equipements/{equipement_id}/infos": lambda attempt: attempt.ask(
        "GET", f"/equipements/{attempt.equipement()}/infos"
    ),
    "GET /equipements/{equipement_id}/historique": history("equipement"),
    "DELETE /equipements/{equipement_id}": deactivate("equipement"),
    "POST /equipements/{equipement_id}/reactivate": reactivate("equipement"),
}


def exercise(api, route, cursor_key):
    """Sends requests that use every right of a route's function, and returns the answers."""
    attempt = Attempt(api, cursor_key)
    USES[route](attempt)
    return attempt.answers


def exercise_all(stack, api):
    """Sends the requests of every function, and returns the answers."""
    keys = {route: cursor_key(stack.emulator, stack.routes[route]["function"]) for route in USES}
    return [answer for route, key in keys.items() for answer in exercise(api, route, key)]


def cursor_key(emulator, function):
    """Returns the key that a function signs its cursors with."""
    configuration = emulator.client("lambda").get_function_configuration(FunctionName=function)
    return configuration["Environment"]["Variables"]["PARC_CURSOR_KEY"]
