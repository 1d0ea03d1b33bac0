//! What each access pattern consumes: the table in `store/keys.rs`, held to what the engine counts.

use shared::models::{
    Client, ClientUpdate, Code, Equipement, EquipementUpdate, Filter, Part, Site, SiteUpdate, Status,
};
use shared::store::Store;

use crate::support::{Table, all, equipement_at, nom, recode, register, site_of};

/// What one request consumed.
async fn consumed<T>(table: &Table, request: impl AsyncFnOnce(&Store) -> T) -> f64 {
    let store = table.store();
    request(&store).await;
    store.tally().units()
}

fn assert_units(what: &str, consumed: f64, expected: f64) {
    assert!((consumed - expected).abs() < f64::EPSILON, "{what}: {consumed} units, not {expected}");
}

#[tokio::test]
async fn clients_consume_what_the_keys_say() {
    let table = Table::new().await;
    let client: Client = table.store().register_client(register(1)).await.expect("a client");
    let id = client.client_id;

    let units = consumed(&table, async |store| store.register_client(register(2)).await).await;
    assert_units("register a client", units, 6.0);
    let rename = ClientUpdate { nom: nom("Café du Port"), ..recode(&client, 1) };
    assert_units("change a nom", consumed(&table, async |store| store.update_client(&rename).await).await, 4.0);
    let recode = ClientUpdate { code: Code::from(3), ..rename.clone() };
    assert_units("change a code", consumed(&table, async |store| store.update_client(&recode).await).await, 7.0);
    assert_units(
        "a page",
        consumed(&table, async |store| store.client_with_sites(id, &Filter::ALL, Part::ALL).await).await,
        1.0,
    );
    let deactivate = async |store: &Store| store.set_client_status(id, Status::Inactif).await;
    assert_units("deactivate", consumed(&table, deactivate).await, 2.0);
    assert_units(
        "every client",
        consumed(&table, async |store| all(store.clients(&Filter::ALL, Part::ALL).await.expect("a list")).await).await,
        2.0,
    );
    let of_code = async |store: &Store| store.clients_of_code(Code::from(3), &Filter::ALL, Part::ALL).await;
    assert_units("the client of a code", consumed(&table, of_code).await, 2.0);
}

/// A table with a client, two of its sites and an équipement at the first.
async fn furnished() -> (Table, Site, Site, Equipement) {
    let table = Table::new().await;
    let client = table.store().register_client(register(1)).await.expect("a client");
    let site = table.store().register_site(site_of(&client)).await.expect("a site");
    let other = table.store().register_site(site_of(&client)).await.expect("a site");
    let equipement = table.store().register_equipement(equipement_at(&site)).await.expect("an équipement");
    (table, site, other, equipement)
}

#[tokio::test]
async fn sites_consume_what_the_keys_say() {
    let (table, site, _, _) = furnished().await;
    let client = all(table.store().clients(&Filter::ALL, Part::ALL).await.expect("a list")).await.remove(0);
    let id = site.site_id;

    let add = async |store: &Store| store.register_site(site_of(&client)).await;
    assert_units("register a site", consumed(&table, add).await, 9.0);
    let rename = SiteUpdate { site_id: id, nom: nom("Fournil du port") };
    assert_units("change a site", consumed(&table, async |store| store.update_site(&rename).await).await, 5.0);
    let page = async |store: &Store| {
        let (_, equipements) =
            store.site_with_equipements(id, &Filter::of_status(Status::Actif), Part::ALL).await.expect("a site");
        all(equipements).await
    };
    assert_units("a page", consumed(&table, page).await, 3.0);
    for status in [Status::Inactif, Status::Actif] {
        let change = async |store: &Store| store.set_site_status(id, status).await;
        assert_units("a change of status", consumed(&table, change).await, 8.0);
    }
}

#[tokio::test]
async fn equipements_consume_what_the_keys_say() {
    let (table, site, other, equipement) = furnished().await;
    let id = equipement.equipement_id;

    let add = async |store: &Store| store.register_equipement(equipement_at(&site)).await;
    assert_units("register an équipement", consumed(&table, add).await, 13.0);
    assert_units("a page", consumed(&table, async |store| store.equipement(id).await).await, 2.0);
    let Equipement { site_id, nom, r#type, numero_serie, .. } = equipement;
    let mut asked = EquipementUpdate { equipement_id: id, site_id, nom, r#type, numero_serie };
    assert_units("a change", consumed(&table, async |store| store.update_equipement(&asked).await).await, 5.0);
    asked.site_id = other.site_id;
    assert_units("a move", consumed(&table, async |store| store.update_equipement(&asked).await).await, 22.0);
    let deactivate = async |store: &Store| store.set_equipement_status(id, Status::Inactif).await;
    assert_units("deactivate", consumed(&table, deactivate).await, 12.0);
    let reactivate = async |store: &Store| store.set_equipement_status(id, Status::Actif).await;
    assert_units("reactivate", consumed(&table, reactivate).await, 11.0);
}

#[tokio::test]
async fn a_page_with_many_children_consumes_a_unit_for_4_kb() {
    let (table, site, _, _) = furnished().await;
    let client = all(table.store().clients(&Filter::ALL, Part::ALL).await.expect("a list")).await.remove(0);
    for _ in 0..200 {
        table.store().register_site(site_of(&client)).await.expect("a site");
    }
    let page = async |store: &Store| {
        let (_, sites) = store
            .client_with_sites(site.client_id, &Filter::of_status(Status::Actif), Part::ALL)
            .await
            .expect("a client");
        assert_eq!(all(sites).await.len(), 202);
    };
    // A site takes 260 bytes with its keys.
    assert_units("a page of 202 sites", consumed(&table, page).await, 13.0);
}
