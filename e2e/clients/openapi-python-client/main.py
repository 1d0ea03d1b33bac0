"""Calls every endpoint with the client that openapi-python-client makes: main.py URL"""

import re
import sys

from parc_client import Client
from parc_client.api.clients import (
    deactivate_client_clients_client_id_delete as deactivate_client,
    get_all_client_clients_all_get as get_all_client,
    get_client_history_clients_client_id_historique_get as get_client_history,
    get_one_client_clients_client_id_infos_get as get_one_client,
    reactivate_client_clients_client_id_reactivate_post as reactivate_client,
    register_new_client_clients_register_post as register_new_client,
    update_client_clients_update_put as update_client,
)
from parc_client.api.equipements import (
    deactivate_equipement_equipements_equipement_id_delete as deactivate_equipement,
    get_all_equipement_equipements_all_get as get_all_equipement,
    get_equipement_history_equipements_equipement_id_historique_get as get_equipement_history,
    get_one_equipement_equipements_equipement_id_infos_get as get_one_equipement,
    reactivate_equipement_equipements_equipement_id_reactivate_post as reactivate_equipement,
    register_new_equipement_equipements_register_post as register_new_equipement,
    update_equipement_equipements_update_put as update_equipement,
)
from parc_client.api.lot import run_batch_lot_post as run_batch
from parc_client.api.sites import (
    deactivate_site_sites_site_id_delete as deactivate_site,
    get_all_site_sites_all_get as get_all_site,
    get_one_site_sites_site_id_infos_get as get_one_site,
    get_site_history_sites_site_id_historique_get as get_site_history,
    reactivate_site_sites_site_id_reactivate_post as reactivate_site,
    register_new_site_sites_register_post as register_new_site,
    update_site_sites_update_put as update_site,
)
from parc_client.models import (
    ClientRegister,
    ClientUpdate,
    EquipementRegister,
    EquipementUpdate,
    LotRequest,
    OperationDeLot,
    OperationDeLotBody,
    OperationDeLotKind,
    OperationDeLotOp,
    SiteRegister,
    SiteUpdate,
)

CLIENTS = 7


def clients(api):
    ids = []
    for code in range(CLIENTS):
        client = register_new_client.sync(client=api, body=ClientRegister(nom=f"Crêperie {code}", code=code))
        ids.append(client.client_id)
    taken = register_new_client.sync_detailed(client=api, body=ClientRegister(nom="x", code=0))
    assert taken.status_code == 409 and taken.parsed.detail == "Le code 0 est déjà attribué", taken
    wrong = register_new_client.sync_detailed(client=api, body=ClientRegister(nom=" ", code="douze"))
    assert [violation.loc[1] for violation in wrong.parsed.detail] == ["nom", "code"], wrong
    edit(api, ids[0])
    assert pages(api) == ids
    assert deactivate_client.sync(ids[0], client=api) is True
    assert get_all_client.sync(client=api, code=0)[0].status == "inactif"
    assert reactivate_client.sync(ids[0], client=api).status == "actif"
    return ids[0]


def edit(api, client):
    """Sends a request twice under one key, changes what was read, and reads the change."""
    body = ClientUpdate(client_id=client, nom="Crêperie du Port", code=0)
    read = get_one_client.sync_detailed(client, client=api)
    first, again = [
        update_client.sync_detailed(client=api, body=body, if_match=read.headers["ETag"], idempotency_key="one")
        for _ in range(2)
    ]
    assert first.parsed == again.parsed and first.parsed.nom == "Crêperie du Port", again
    assert "Idempotency-Replayed" not in first.headers and again.headers["Idempotency-Replayed"] == "true", again
    stale = update_client.sync_detailed(client=api, body=body, if_match=read.headers["ETag"])
    assert stale.status_code == 412 and stale.headers["ETag"] == first.headers["ETag"], stale
    changed = get_one_client.sync_detailed(client, client=api, if_none_match=read.headers["ETag"])
    assert changed.status_code == 200, changed
    unchanged = get_one_client.sync_detailed(client, client=api, if_none_match=changed.headers["ETag"])
    assert unchanged.status_code == 304, unchanged
    newest, oldest = get_client_history.sync(client, client=api)
    assert (newest.version, newest.operation, oldest.operation) == (2, "modification", "creation"), newest
    assert (newest.avant.nom, newest.apres.nom) == ("Crêperie 0", "Crêperie du Port"), newest
    assert newest.par is None and oldest.avant is None, newest


def pages(api):
    """Reads the list page by page, and returns the identifiers of its clients."""
    ids, options = [], {}
    while True:
        page = get_all_client.sync_detailed(client=api, nom="creperie", limit=3, **options)
        ids += [client.client_id for client in page.parsed]
        following = re.search(r"cursor=(\w+)", page.headers.get("Link", ""))
        if not following:
            return ids
        options = {"cursor": following[1]}


def sites(api, client):
    site = register_new_site.sync(client=api, body=SiteRegister(client_id=client, nom="Cuisine"))
    updated = update_site.sync(client=api, body=SiteUpdate(site_id=site.site_id, nom="Terrasse"))
    assert updated.nom == "Terrasse", updated
    assert len(get_site_history.sync(site.site_id, client=api)) == 2
    assert deactivate_site.sync(site.site_id, client=api) is True
    assert reactivate_site.sync(site.site_id, client=api) == updated
    assert get_all_site.sync(client=api, client_id=client) == [updated]
    return site.site_id


def equipements(api, client, site):
    body = EquipementRegister(site_id=site, nom="Bilig", type_="plaque", numero_serie=None)
    equipement = register_new_equipement.sync(client=api, body=body)
    assert (equipement.type_, equipement.numero_serie) == ("plaque", None), equipement
    assert get_one_site.sync(site, client=api, limit=50).equipements[0].nom == "Bilig"
    assert get_one_client.sync(client, client=api, limit=50).sites[0].equipements == 1
    identifier = equipement.equipement_id
    body = EquipementUpdate(equipement_id=identifier, site_id=site, nom="Bilig", numero_serie="B-12")
    updated = update_equipement.sync(client=api, body=body)
    assert (updated.type_, updated.numero_serie) == (None, "B-12"), updated
    assert get_one_equipement.sync(identifier, client=api) == updated
    assert len(get_equipement_history.sync(identifier, client=api)) == 2
    assert deactivate_equipement.sync(identifier, client=api) is True
    assert reactivate_equipement.sync(identifier, client=api) == updated
    assert get_all_equipement.sync(client=api, site_id=site) == [updated]


def registration(kind, body, **options):
    body = OperationDeLotBody.from_dict(body)
    return OperationDeLot(op=OperationDeLotOp.REGISTER, kind=OperationDeLotKind(kind), body=body, **options)


def batch(api):
    """Registers a client, a site and an équipement in one request, after a dry run."""
    operations = [
        registration("client", {"nom": "Fournil", "code": 77}, ref="c"),
        registration("site", {"client_id": "$c", "nom": "Gare"}, ref="s"),
        registration("equipement", {"site_id": "$s", "nom": "Four"}),
    ]
    body = LotRequest(operations=operations)
    trial = run_batch.sync(client=api, body=body, dry_run=True)
    assert [result.status for result in trial.resultats] == [200, 200, 200], trial
    assert trial.resultats[0].body["client_id"] is None, trial
    first, again = [run_batch.sync_detailed(client=api, body=body, idempotency_key="lot") for _ in range(2)]
    bilan = first.parsed.bilan
    assert (bilan.ok, bilan.refus, bilan.restant) == (3, 0, 0), first
    assert again.parsed == first.parsed and again.headers["Idempotency-Replayed"] == "true", again
    client, site, _ = [result.body for result in first.parsed.resultats]
    assert site["client_id"] == client["client_id"], site


def main(url):
    api = Client(base_url=url, raise_on_unexpected_status=True)
    client = clients(api)
    site = sites(api, client)
    equipements(api, client, site)
    batch(api)


if __name__ == "__main__":
    main(*sys.argv[1:])
