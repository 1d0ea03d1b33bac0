"""A round trip with the client that openapi-python-client generated: client.py http://127.0.0.1:8000

Its methods have the names that the service which parc replaces gave them. Stands beside the package
`parc_client`, and ends with an error where an answer is not what was registered.
"""

import re
import sys

from parc_client import Client
from parc_client.api.clients import (
    deactivate_client_clients_client_id_delete as deactivate_client,
    get_all_client_clients_all_get as get_all_client,
    get_client_history_clients_client_id_historique_get as get_client_history,
    get_one_client_clients_client_id_infos_get as get_one_client,
    register_new_client_clients_register_post as register_new_client,
    update_client_clients_update_put as update_client,
)
from parc_client.api.equipements import (
    get_all_equipement_equipements_all_get as get_all_equipement,
    register_new_equipement_equipements_register_post as register_new_equipement,
)
from parc_client.api.sites import (
    get_one_site_sites_site_id_infos_get as get_one_site,
    register_new_site_sites_register_post as register_new_site,
)
from parc_client.models import ClientRegister, ClientUpdate, EquipementRegister, SiteRegister

CLIENTS = 7


def edit(api, client_id):
    """Sends a request twice under one key, changes what was read, and reads who changed it."""
    body = ClientUpdate(client_id=client_id, nom="Crêperie du Port", code=0)
    read = get_one_client.sync_detailed(client_id, client=api)
    answers = [
        update_client.sync_detailed(client=api, body=body, if_match=read.headers["ETag"], idempotency_key="one")
        for _ in range(2)
    ]
    first, again = answers
    assert first.parsed == again.parsed and first.parsed.nom == "Crêperie du Port", answers
    assert "Idempotency-Replayed" not in first.headers and again.headers["Idempotency-Replayed"] == "true", answers
    stale = update_client.sync_detailed(client=api, body=body, if_match=read.headers["ETag"])
    assert stale.status_code == 412 and stale.headers["ETag"] == first.headers["ETag"], stale
    known = get_one_client.sync_detailed(client_id, client=api, if_none_match=read.headers["ETag"])
    assert known.status_code == 200, known
    known = get_one_client.sync_detailed(client_id, client=api, if_none_match=known.headers["ETag"])
    assert known.status_code == 304, known
    newest, oldest = get_client_history.sync(client_id, client=api)
    assert (newest.version, newest.operation, oldest.operation) == (2, "modification", "creation"), newest
    assert (newest.avant.nom, newest.apres.nom) == ("Crêperie 0", "Crêperie du Port"), newest
    assert newest.par is None and oldest.avant is None, newest


def main(url):
    api = Client(base_url=url, raise_on_unexpected_status=True)
    ids = []
    for code in range(CLIENTS):
        client = register_new_client.sync(client=api, body=ClientRegister(nom=f"Crêperie {code}", code=code))
        ids.append(client.client_id)
    taken = register_new_client.sync_detailed(client=api, body=ClientRegister(nom="x", code=0))
    assert taken.status_code == 409 and taken.parsed.detail == "Le code 0 est déjà attribué", taken
    wrong = register_new_client.sync_detailed(client=api, body=ClientRegister(nom=" ", code="douze"))
    assert [violation.loc[1] for violation in wrong.parsed.detail] == ["nom", "code"], wrong

    edit(api, ids[0])

    site = register_new_site.sync(client=api, body=SiteRegister(client_id=ids[0], nom="Cuisine"))
    asked = EquipementRegister(site_id=site.site_id, nom="Bilig", type_="plaque", numero_serie=None)
    equipement = register_new_equipement.sync(client=api, body=asked)
    assert get_one_site.sync(site.site_id, client=api).equipements[0].nom == "Bilig"
    assert get_one_client.sync(ids[0], client=api).sites[0].equipements == 1
    assert get_all_equipement.sync(client=api, site_id=site.site_id) == [equipement]

    paged, cursor = [], None
    while True:
        page = get_all_client.sync_detailed(client=api, nom="creperie", limit=3, **({"cursor": cursor} if cursor else {}))
        paged.extend(client.client_id for client in page.parsed)
        following = re.search(r"cursor=(\w+)", page.headers.get("Link", ""))
        if not following:
            break
        cursor = following[1]
    assert paged == ids, paged

    assert deactivate_client.sync(ids[0], client=api) is True
    assert get_all_client.sync(client=api, code=0)[0].status == "inactif"
    print(f"{CLIENTS} clients registered, paged and read back by a generated client")


if __name__ == "__main__":
    main(*sys.argv[1:])
