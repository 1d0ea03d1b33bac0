"""Requests that use every right of a function.

If one right is missing, DynamoDB denies one of these requests, and the function answers 503.
"""

from itertools import count

FIRST_CODE = 7_000_000_000
CODES = count(FIRST_CODE)
NOM = "Essai"


class Scenario:
    """Calls one function, on entities that other functions registered with all their rights."""

    def __init__(self, api):
        self.api, self.answers = api, []

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

    def prepare(self, method, path, **fields):
        answer = self.api.call(method, path, fields or None)
        assert answer.status == 200, (method, path, answer)

    def call(self, method, path, headers=None, **fields):
        """Calls the function under test, and keeps its answer."""
        answer = self.api.call(method, path, fields or None, headers)
        self.answers.append(answer)
        return answer

    def call_twice(self, method, path, **fields):
        """Sends a request and repeats it under its key, so that its answer is kept and looked up."""
        key = {"idempotency-key": str(next(CODES))}
        for _ in range(2):
            self.call(method, path, key, **fields)

    def batch(self, op, kind, headers=None, **body):
        """Sends a batch of one operation, which stops without a result if a right is missing."""
        answer = self.call("POST", "/lot", headers, operations=[{"op": op, "kind": kind, "body": body}])
        if answer.status == 200:
            assert [result["status"] for result in answer.json()["resultats"]] == [200], answer
        return answer

    def pages(self, path):
        """Reads a list in two pages of one entity, by its links."""
        link = self.call("GET", f"{path}limit=1").headers.get("link")
        if link:
            self.call("GET", link[link.index("<") + 1 : link.index(">")])


def clients_all(scenario):
    scenario.client()
    scenario.call("GET", "/clients/all?limit=1")
    scenario.call("GET", "/clients/all?nom=essai&limit=1")
    scenario.call("GET", f"/clients/all?code={next(CODES)}")


def clients_update(scenario):
    client = scenario.client()
    code = next(CODES)
    scenario.call("PUT", "/clients/update", client_id=client, nom="Autre", code=code)
    scenario.call("PUT", "/clients/update", client_id=client, nom="Encore", code=code)


def clients_infos(scenario):
    client = scenario.client()
    scenario.site(client), scenario.site(client)
    scenario.pages(f"/clients/{client}/infos?")


def sites_all(scenario):
    client = scenario.client()
    scenario.site(client), scenario.site(client)
    scenario.call("GET", "/sites/all?limit=1")
    scenario.call("GET", "/sites/all?nom=essai&limit=1")
    scenario.pages(f"/sites/all?client_id={client}&")


def sites_infos(scenario):
    scenario.call("GET", f"/sites/{scenario.site()}/infos")


def equipements_all(scenario):
    scenario.equipement()
    scenario.call("GET", "/equipements/all?limit=1")
    scenario.call("GET", "/equipements/all?nom=essai&limit=1")
    site = scenario.site()
    scenario.equipement(site), scenario.equipement(site)
    scenario.pages(f"/equipements/all?site_id={site}&")


def equipements_update(scenario):
    client = scenario.client()
    site, other = scenario.site(client), scenario.site(client)
    equipement, idle = scenario.equipement(site), scenario.equipement(site)
    scenario.prepare("DELETE", f"/equipements/{idle}")
    for moved, target in ((equipement, site), (equipement, other), (idle, other)):
        scenario.call("PUT", "/equipements/update", equipement_id=moved, site_id=target, nom="Autre")


def batch(scenario):
    key, fields = {"idempotency-key": str(next(CODES))}, {"nom": NOM, "code": next(CODES)}
    for _ in range(2):
        scenario.batch("register", "client", key, **fields)
    scenario.batch("update", "client", client_id=scenario.client(), nom=NOM, code=next(CODES))
    idle = scenario.equipement()
    scenario.prepare("DELETE", f"/equipements/{idle}")
    scenario.batch("update", "equipement", equipement_id=idle, site_id=scenario.site(), nom=NOM)
    # The repeated batch reads the site that the équipement has left.
    key, fields = {"idempotency-key": str(next(CODES))}, {"site_id": scenario.site(), "nom": NOM}
    answer = scenario.batch("register", "equipement", key, **fields)
    if answer.status == 200:
        moved = answer.json()["resultats"][0]["body"]["equipement_id"]
        scenario.prepare("PUT", "/equipements/update", equipement_id=moved, site_id=scenario.site(), nom=NOM)
        scenario.batch("register", "equipement", key, **fields)


def history(kind):
    return lambda scenario: scenario.call("GET", f"/{kind}s/{getattr(scenario, kind)()}/historique")


def deactivate(kind):
    return lambda scenario: scenario.call("DELETE", f"/{kind}s/{getattr(scenario, kind)()}")


def reactivate(kind):
    def use(scenario):
        path = f"/{kind}s/{getattr(scenario, kind)()}"
        scenario.prepare("DELETE", path)
        scenario.call("POST", f"{path}/reactivate")

    return use


SCENARIOS = {
    "GET /clients/all": clients_all,
    "POST /clients/register": lambda scenario: scenario.call_twice("POST", "/clients/register", nom=NOM, code=next(CODES)),
    "PUT /clients/update": clients_update,
    "GET /clients/{client_id}/infos": clients_infos,
    "GET /clients/{client_id}/historique": history("client"),
    "DELETE /clients/{client_id}": deactivate("client"),
    "POST /clients/{client_id}/reactivate": reactivate("client"),
    "GET /sites/all": sites_all,
    "POST /sites/register": lambda scenario: scenario.call_twice(
        "POST", "/sites/register", client_id=scenario.client(), nom=NOM
    ),
    "PUT /sites/update": lambda scenario: scenario.call("PUT", "/sites/update", site_id=scenario.site(), nom="Autre"),
    "GET /sites/{site_id}/infos": sites_infos,
    "GET /sites/{site_id}/historique": history("site"),
    "DELETE /sites/{site_id}": deactivate("site"),
    "POST /sites/{site_id}/reactivate": reactivate("site"),
    "GET /equipements/all": equipements_all,
    "POST /equipements/register": lambda scenario: scenario.call(
        "POST", "/equipements/register", site_id=scenario.site(), nom=NOM
    ),
    "PUT /equipements/update": equipements_update,
    "GET /equipements/{equipement_id}/infos": lambda scenario: scenario.call(
        "GET", f"/equipements/{scenario.equipement()}/infos"
    ),
    "GET /equipements/{equipement_id}/historique": history("equipement"),
    "DELETE /equipements/{equipement_id}": deactivate("equipement"),
    "POST /equipements/{equipement_id}/reactivate": reactivate("equipement"),
    "POST /lot": batch,
}


def play(api, route):
    """Sends requests that use every right of a route's function, and returns the answers."""
    scenario = Scenario(api)
    SCENARIOS[route](scenario)
    return scenario.answers


def play_all(api):
    """Sends the requests of every function, and returns the answers."""
    return [answer for route in SCENARIOS for answer in play(api, route)]
