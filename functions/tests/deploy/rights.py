"""What each function does with each of its rights.

A function's requests here use every action of its role: without one of them, one of its requests is
refused by the table, which is 503.
"""

import hmac
import json
from hashlib import sha256
from itertools import count

from stack import aws

FIRST_CODE = 7_000_000_000
CODES = count(FIRST_CODE)


class Park:
    """Entities for one try, made by functions that have all their rights."""

    def __init__(self, api, secret):
        self.api, self.secret, self.answers = api, secret, []

    def make(self, path, **fields):
        answer = self.api.ask("POST", f"/{path}/register", fields)
        assert answer.status == 200, (path, answer.status, answer.text)
        return answer.json()[f"{path[:-1]}_id"]

    def client(self):
        return self.make("clients", nom="Essai", code=next(CODES))

    def site(self, client=None):
        return self.make("sites", client_id=client or self.client(), nom="Essai")

    def equipement(self, site=None):
        return self.make("equipements", site_id=site or self.site(), nom="Essai")

    def done(self, method, path):
        assert self.api.ask(method, path).status == 200

    def ask(self, method, path, **fields):
        """Sends a request of the function whose right is at stake."""
        return self.keep(self.api.ask(method, path, fields or None))

    def ask_twice(self, method, path, **fields):
        """Sends a request and repeats it under its key, so that its answer is kept and looked up."""
        key = {"idempotency-key": str(next(CODES))}
        for _ in range(2):
            self.keep(self.api.ask(method, path, fields or None, headers=key))

    def keep(self, answer):
        self.answers.append(answer.status)
        return answer

    def pages(self, path):
        """A list of two in pages of one, by its links."""
        link = self.ask("GET", f"{path}limit=1").headers.get("link")
        if link:
            self.ask("GET", link[link.index("<") + 1 : link.index(">")])


def clients_all(park):
    park.client()
    park.ask("GET", "/clients/all?limit=1")
    park.ask("GET", "/clients/all?nom=essai&limit=1")
    park.ask("GET", f"/clients/all?code={next(CODES)}")


def clients_update(park):
    client = park.client()
    code = next(CODES)
    park.ask("PUT", "/clients/update", client_id=client, nom="Autre", code=code)
    park.ask("PUT", "/clients/update", client_id=client, nom="Encore", code=code)


def clients_infos(park):
    client = park.client()
    site = park.site(client)
    park.ask("GET", f"/clients/{client}/infos")
    # A page of infos is announced past 6 MB only: the cursor is made as `validation/cursor.rs` makes it.
    key = sha256(park.secret.encode()).digest()
    signature = hmac.digest(key, f"cursor=3&after={site}&list=infos&client_id={client}".encode(), "sha256").hex()
    answer = park.ask("GET", f"/clients/{client}/infos?cursor=3{site.replace('-', '')}{signature[:32]}")
    assert answer.status in (200, 503), answer.text


def sites_all(park):
    client = park.client()
    park.site(client), park.site(client)
    park.ask("GET", "/sites/all?limit=1")
    park.ask("GET", "/sites/all?nom=essai&limit=1")
    park.pages(f"/sites/all?client_id={client}&")


def sites_infos(park):
    park.ask("GET", f"/sites/{park.site()}/infos")


def equipements_all(park):
    park.equipement()
    park.ask("GET", "/equipements/all?limit=1")
    park.ask("GET", "/equipements/all?nom=essai&limit=1")
    site = park.site()
    park.equipement(site), park.equipement(site)
    park.pages(f"/equipements/all?site_id={site}&")


def equipements_update(park):
    client = park.client()
    site, other = park.site(client), park.site(client)
    equipement, idle = park.equipement(site), park.equipement(site)
    park.done("DELETE", f"/equipements/{idle}")
    for moved, target in ((equipement, site), (equipement, other), (idle, other)):
        park.ask("PUT", "/equipements/update", equipement_id=moved, site_id=target, nom="Autre")


def history(kind):
    return lambda park: park.ask("GET", f"/{kind}s/{getattr(park, kind)()}/historique")


def deactivate(kind):
    return lambda park: park.ask("DELETE", f"/{kind}s/{getattr(park, kind)()}")


def reactivate(kind):
    def attempt(park):
        path = f"/{kind}s/{getattr(park, kind)()}"
        park.done("DELETE", path)
        park.ask("POST", f"{path}/reactivate")

    return attempt


USES = {
    "GET /clients/all": clients_all,
    "POST /clients/register": lambda park: park.ask_twice("POST", "/clients/register", nom="Essai", code=next(CODES)),
    "PUT /clients/update": clients_update,
    "GET /clients/{client_id}/infos": clients_infos,
    "GET /clients/{client_id}/historique": history("client"),
    "DELETE /clients/{client_id}": deactivate("client"),
    "POST /clients/{client_id}/reactivate": reactivate("client"),
    "GET /sites/all": sites_all,
    "POST /sites/register": lambda park: park.ask_twice(
        "POST", "/sites/register", client_id=park.client(), nom="Essai"
    ),
    "PUT /sites/update": lambda park: park.ask("PUT", "/sites/update", site_id=park.site(), nom="Autre"),
    "GET /sites/{site_id}/infos": sites_infos,
    "GET /sites/{site_id}/historique": history("site"),
    "DELETE /sites/{site_id}": deactivate("site"),
    "POST /sites/{site_id}/reactivate": reactivate("site"),
    "GET /equipements/all": equipements_all,
    "POST /equipements/register": lambda park: park.ask(
        "POST", "/equipements/register", site_id=park.site(), nom="Essai"
    ),
    "PUT /equipements/update": equipements_update,
    "GET /equipements/{equipement_id}/infos": lambda park: park.ask("GET", f"/equipements/{park.equipement()}/infos"),
    "GET /equipements/{equipement_id}/historique": history("equipement"),
    "DELETE /equipements/{equipement_id}": deactivate("equipement"),
    "POST /equipements/{equipement_id}/reactivate": reactivate("equipement"),
}


def attempt(api, route, secret):
    """The statuses of the requests that use every right of a route's function.

    `secret` is what the function signs its cursors with.
    """
    park = Park(api, secret)
    USES[route](park)
    return park.answers


def listed(told):
    return told if isinstance(told, list) else [told]


def single(statements):
    """The same rights, each in a statement of its own."""
    return [
        {"Effect": statement["Effect"], "Action": action, "Resource": resource}
        for statement in statements
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    ]


class Role:
    """The inline policies of a function's role, and what it signs its cursors with."""

    def __init__(self, function):
        self.iam = aws("iam")
        configuration = aws("lambda").get_function_configuration(FunctionName=function)
        self.secret = configuration["Environment"]["Variables"]["PARC_CURSOR_KEY"]
        self.name = configuration["Role"].rsplit("/", 1)[1]
        self.policies = {}
        for policy in self.iam.list_role_policies(RoleName=self.name)["PolicyNames"]:
            document = self.iam.get_role_policy(RoleName=self.name, PolicyName=policy)["PolicyDocument"]
            document = json.loads(document) if isinstance(document, str) else document
            self.policies[policy] = single(listed(document["Statement"]))

    def rights(self):
        """Each right, and the policy that gives it."""
        return [(policy, right) for policy, rights in self.policies.items() for right in rights]

    def put(self, policy, statements):
        if statements:
            document = json.dumps({"Version": "2012-10-17", "Statement": statements})
            self.iam.put_role_policy(RoleName=self.name, PolicyName=policy, PolicyDocument=document)
        else:
            self.iam.delete_role_policy(RoleName=self.name, PolicyName=policy)

    def lose(self, policy, right):
        self.put(policy, [each for each in self.policies[policy] if each != right])

    def restore(self, policy):
        self.put(policy, self.policies[policy])

    def holds(self, other):
        """Whether every right of another role is one of this one's too."""
        mine = [right for _, right in self.rights()]
        return all(right in mine for _, right in other.rights())

    def take(self, other):
        """Another role's rights, in the place of its own."""
        for policy in self.policies:
            self.put(policy, [])
        self.put("borrowed", [right for _, right in other.rights()])

    def give_back(self):
        self.put("borrowed", [])
        for policy in self.policies:
            self.restore(policy)
