"""Calls every endpoint with the client that openapi-generator makes for Python: main.py URL"""

import re
import sys
import uuid

from parc_client import ApiClient, ClientsApi, Configuration, EquipementsApi, LotApi, SitesApi
from parc_client.exceptions import ApiException, ConflictException, NotFoundException, UnprocessableEntityException
from parc_client.models import (
    ClientRegister,
    ClientUpdate,
    EquipementRegister,
    EquipementUpdate,
    LotRequest,
    OperationDeLot,
    SiteRegister,
    SiteUpdate,
)

LARGEST = 2**63 - 1


def refusal(kind, call, *arguments, **options):
    """Returns the refusal of a call."""
    try:
        answer = call(*arguments, **options)
    except kind as refused:
        return refused
    raise AssertionError(f"not refused: {answer}")


def clients(api):
    register = api.register_new_client_clients_register_post
    body = ClientRegister(nom="Crêperie", code=LARGEST)
    client = register(body, idempotency_key="one")
    assert (client.nom, client.code, client.status) == ("Crêperie", LARGEST, "actif")
    assert register(body, idempotency_key="one") == client
    assert refusal(ConflictException, register, body).data.detail == f"Le code {LARGEST} est déjà attribué"

    update = api.update_client_clients_update_put_with_http_info
    infos = api.get_one_client_clients_client_id_infos_get_with_http_info(client.client_id, limit=50)
    body = ClientUpdate(client_id=client.client_id, nom="Crêperie du Port", code=12)
    updated = update(body, if_match=infos.headers["etag"])
    assert (updated.data.nom, updated.data.code) == ("Crêperie du Port", 12)
    stale = refusal(ApiException, update, body, if_match=infos.headers["etag"])
    assert (stale.status, stale.headers["etag"]) == (412, updated.headers["etag"])
    newest, oldest = api.get_client_history_clients_client_id_historique_get(client.client_id)
    assert (newest.version, newest.operation, oldest.operation) == (2, "modification", "creation")
    assert (newest.avant.code, newest.apres.code, oldest.avant, oldest.par) == (LARGEST, 12, None, None)

    assert api.deactivate_client_clients_client_id_delete(client.client_id) is True
    listed = api.get_all_client_clients_all_get(status="inactif")
    assert [each.client_id for each in listed] == [client.client_id]
    assert api.reactivate_client_clients_client_id_reactivate_post(client.client_id).status == "actif"
    unknown = refusal(NotFoundException, api.get_one_client_clients_client_id_infos_get, uuid.uuid4())
    assert unknown.data.detail == "Client introuvable"
    wrong = refusal(UnprocessableEntityException, api.get_all_client_clients_all_get, cursor="x")
    assert [part.actual_instance for part in wrong.data.detail[0].loc] == ["query", "cursor"]
    pages(api)
    return client.client_id


def pages(api):
    """Reads a list by its links."""
    for code in range(2):
        api.register_new_client_clients_register_post(ClientRegister(nom="Café", code=code))
    names, options = [], {}
    while True:
        page = api.get_all_client_clients_all_get_with_http_info(limit=1, **options)
        names += [client.nom for client in page.data]
        following = re.search(r"cursor=(\w+)", page.headers.get("link", ""))
        if not following:
            break
        options = {"cursor": following[1]}
    assert names == ["Crêperie du Port", "Café", "Café"], names


def sites(api, client):
    site = api.register_new_site_sites_register_post(SiteRegister(client_id=client, nom="Cuisine"))
    updated = api.update_site_sites_update_put(SiteUpdate(site_id=site.site_id, nom="Terrasse"))
    assert updated.nom == "Terrasse"
    infos = api.get_one_site_sites_site_id_infos_get(site.site_id, limit=50)
    assert (infos.nom, infos.equipements) == ("Terrasse", [])
    assert len(api.get_site_history_sites_site_id_historique_get(site.site_id)) == 2
    assert api.deactivate_site_sites_site_id_delete(site.site_id) is True
    assert api.reactivate_site_sites_site_id_reactivate_post(site.site_id) == updated
    assert api.get_all_site_sites_all_get(client_id=client, nom="terr") == [updated]
    return site.site_id


def equipements(api, site):
    body = EquipementRegister(site_id=site, nom="Bilig", type="plaque")
    equipement = api.register_new_equipement_equipements_register_post(body)
    assert (equipement.type, equipement.numero_serie) == ("plaque", None)
    body = EquipementUpdate(equipement_id=equipement.equipement_id, site_id=site, nom="Bilig", numero_serie="B-12")
    updated = api.update_equipement_equipements_update_put(body)
    assert (updated.type, updated.numero_serie) == (None, "B-12")
    identifier = equipement.equipement_id
    assert api.get_one_equipement_equipements_equipement_id_infos_get(identifier) == updated
    assert len(api.get_equipement_history_equipements_equipement_id_historique_get(identifier)) == 2
    assert api.deactivate_equipement_equipements_equipement_id_delete(identifier) is True
    assert api.reactivate_equipement_equipements_equipement_id_reactivate_post(identifier) == updated
    assert api.get_all_equipement_equipements_all_get(site_id=site) == [updated]


def batch(api):
    """Registers a client, a site and an équipement in one request, after a dry run."""
    body = LotRequest(
        operations=[
            OperationDeLot(op="register", kind="client", ref="c", body={"nom": "Fournil", "code": 77}),
            OperationDeLot(op="register", kind="site", ref="s", body={"client_id": "$c", "nom": "Gare"}),
            OperationDeLot(op="register", kind="equipement", body={"site_id": "$s", "nom": "Four"}),
        ]
    )
    trial = api.run_batch_lot_post(body, dry_run=True)
    assert [result.status for result in trial.resultats] == [200, 200, 200], trial
    assert trial.resultats[0].body["client_id"] is None, trial
    lot = api.run_batch_lot_post(body, atomique=True)
    assert (lot.bilan.ok, lot.bilan.refus, lot.bilan.restant) == (3, 0, 0), lot
    assert lot.resultats[1].body["client_id"] == lot.resultats[0].body["client_id"], lot
    # The code is taken, so that the site has no client, and the équipement no site.
    refused = api.run_batch_lot_post(body)
    assert [result.status for result in refused.resultats] == [409, 404, 404], refused


def main(url):
    with ApiClient(Configuration(host=url)) as api:
        client = clients(ClientsApi(api))
        site = sites(SitesApi(api), client)
        equipements(EquipementsApi(api), site)
        batch(LotApi(api))


if __name__ == "__main__":
    main(*sys.argv[1:])
