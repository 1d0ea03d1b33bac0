//! Each function with its own event.

use serde_json::{Value, json};
use shared::models::{Client, Code, Equipement, Filter, Pagination, Site, Status};
use shared::store::Store;
use testkit::fresh;
use testkit::inputs::{self, nom, optional_text};

use crate::support::{Table, body, event, start};

/// Identifiers of the entities in the events.
const IDS: [&str; 3] = [
    "019a5a1e-3c08-7000-8000-000000000001",
    "019a5a1e-3c08-7000-8000-000000000002",
    "019a5a1e-3c08-7000-8000-000000000003",
];

/// A table with one entity of each kind.
struct Fixture {
    table: Table,
    client: Client,
    site: Site,
    equipement: Equipement,
}

impl Fixture {
    async fn new() -> Self {
        let table = Table::new().await;
        let store = &table.store();
        let client = inputs::client("Café du Port", 12);
        let client_id = fresh(store.register_client(client)).await.client_id;
        let site = inputs::site(client_id, "Terrasse");
        let site_id = fresh(store.register_site(site)).await.site_id;
        let equipement = inputs::equipement(site_id, "Machine à café");
        let equipement = fresh(store.register_equipement(equipement)).await;
        let (client, site) = (first_client(store).await, store.site(site_id).await.expect("a site"));
        Self { table, client, site, equipement }
    }

    /// Returns the answer of a function to its event, about the entities of this table.
    async fn answer(&self, name: &str) -> Value {
        self.answer_to(name, name).await
    }

    /// Returns the answer of a function to the event in another file.
    async fn answer_to(&self, name: &str, file: &str) -> Value {
        let ids = [
            self.client.client_id.to_string(),
            self.site.site_id.to_string(),
            self.equipement.equipement_id.to_string(),
        ];
        let text = IDS.iter().zip(ids).fold(event(file).to_string(), |text, (old, new)| text.replace(old, &new));
        let event = serde_json::from_str(&text).expect("an event");
        let answer = start(name, self.table.url()).await.answer(event).await;
        assert_eq!(answer["statusCode"], 200, "{answer}");
        assert_eq!(answer["headers"]["x-request-id"], file);
        body(&answer)
    }

    async fn client_now(&self) -> Client {
        first_client(&self.table.store()).await
    }

    async fn site_now(&self) -> Site {
        self.table.store().site(self.site.site_id).await.expect("a site")
    }

    async fn equipement_now(&self) -> Equipement {
        self.table.store().equipement(self.equipement.equipement_id).await.expect("an équipement")
    }
}

async fn first_client(store: &Store) -> Client {
    store.clients(&Filter::ALL, Pagination::ALL).await.expect("a list").next().await.expect("a list").expect("a client")
}

#[tokio::test]
async fn clients_all_lists_clients() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.answer("clients-all").await, json!([fixture.client]));
}

#[tokio::test]
async fn clients_register_registers_a_client() {
    let table = Table::new().await;
    let answer = start("clients-register", table.url()).await.answer(event("clients-register")).await;
    let client = first_client(&table.store()).await;
    assert_eq!((client.nom.clone(), client.code), (nom("Boulangerie Morin"), Code::from(12)));
    assert_eq!(body(&answer), json!(client));
}

#[tokio::test]
async fn clients_update_updates_a_client() {
    let fixture = Fixture::new().await;
    let expected = Client { nom: nom("Boulangerie Morin et filles"), code: Code::from(13), ..fixture.client.clone() };
    assert_eq!(fixture.answer("clients-update").await, json!(expected));
    assert_eq!(json!(fixture.client_now().await), json!(expected));
}

#[tokio::test]
async fn clients_infos_returns_a_client_with_its_sites() {
    let fixture = Fixture::new().await;
    let Client { client_id, nom, code, timestamp, .. } = &fixture.client;
    let sites = json!([{ "site_id": fixture.site.site_id, "nom": fixture.site.nom, "equipements": 1 }]);
    let infos = json!({ "client_id": client_id, "nom": nom, "code": code, "timestamp": timestamp, "sites": sites });
    assert_eq!(fixture.answer("clients-infos").await, infos);
}

#[tokio::test]
async fn clients_deactivate_deactivates_a_client() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.answer("clients-deactivate").await, json!(true));
    assert_eq!(fixture.client_now().await.status, Status::Inactif);
}

#[tokio::test]
async fn clients_reactivate_reactivates_a_client() {
    let fixture = Fixture::new().await;
    fresh(fixture.table.store().set_client_status(fixture.client.client_id, Status::Inactif)).await;
    assert_eq!(fixture.answer("clients-reactivate").await, json!(fixture.client));
}

#[tokio::test]
async fn sites_all_lists_sites() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.answer("sites-all").await, json!([fixture.site]));
}

#[tokio::test]
async fn sites_register_registers_a_site() {
    let fixture = Fixture::new().await;
    let site = fixture.answer("sites-register").await;
    assert_eq!([&site["nom"], &site["client_id"]], [&json!("Fournil de la gare"), &json!(fixture.client.client_id)]);
    assert_eq!(fixture.client_now().await.sites, 2);
}

#[tokio::test]
async fn sites_update_updates_a_site() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.answer("sites-update").await["nom"], "Fournil du port");
    assert_eq!(fixture.site_now().await.nom, nom("Fournil du port"));
}

#[tokio::test]
async fn sites_infos_returns_a_site_with_its_equipements() {
    let fixture = Fixture::new().await;
    let Site { site_id, client_id, nom, timestamp, .. } = &fixture.site;
    let equipements = json!([{
        "equipement_id": fixture.equipement.equipement_id, "nom": "Machine à café", "type": null, "numero_serie": null,
    }]);
    let infos = json!({
        "site_id": site_id, "client_id": client_id, "nom": nom, "timestamp": timestamp, "equipements": equipements,
    });
    assert_eq!(fixture.answer("sites-infos").await, infos);
}

#[tokio::test]
async fn sites_deactivate_deactivates_a_site() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.answer("sites-deactivate").await, json!(true));
    assert_eq!(fixture.site_now().await.status, Status::Inactif);
    let client = fixture.client_now().await;
    assert_eq!((client.sites, client.equipements), (0, 0));
}

#[tokio::test]
async fn sites_reactivate_reactivates_a_site() {
    let fixture = Fixture::new().await;
    fresh(fixture.table.store().set_site_status(fixture.site.site_id, Status::Inactif)).await;
    assert_eq!(fixture.answer("sites-reactivate").await, json!(fixture.site));
    assert_eq!(json!(fixture.client_now().await), json!(fixture.client));
}

#[tokio::test]
async fn equipements_all_lists_equipements() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.answer("equipements-all").await, json!([fixture.equipement]));
}

#[tokio::test]
async fn equipements_register_registers_an_equipement() {
    let fixture = Fixture::new().await;
    let equipement = fixture.answer("equipements-register").await;
    assert_eq!([&equipement["type"], &equipement["numero_serie"]], [&json!("four"), &json!("FS-2041")]);
    assert_eq!((fixture.site_now().await.equipements, fixture.client_now().await.equipements), (2, 2));
}

#[tokio::test]
async fn equipements_update_updates_an_equipement() {
    let fixture = Fixture::new().await;
    let expected = Equipement {
        nom: nom("Four à sole révisé"),
        r#type: optional_text("four"),
        numero_serie: optional_text("FS-2041"),
        ..fixture.equipement.clone()
    };
    assert_eq!(fixture.answer("equipements-update").await, json!(expected));
    assert_eq!(json!(fixture.equipement_now().await), json!(expected));
}

#[tokio::test]
async fn equipements_infos_returns_an_equipement() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.answer("equipements-infos").await, json!(fixture.equipement));
}

#[tokio::test]
async fn equipements_deactivate_deactivates_an_equipement() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.answer("equipements-deactivate").await, json!(true));
    assert_eq!(fixture.equipement_now().await.status, Status::Inactif);
    assert_eq!((fixture.site_now().await.equipements, fixture.client_now().await.equipements), (0, 0));
}

#[tokio::test]
async fn equipements_reactivate_reactivates_an_equipement() {
    let fixture = Fixture::new().await;
    let id = fixture.equipement.equipement_id;
    fresh(fixture.table.store().set_equipement_status(id, Status::Inactif)).await;
    assert_eq!(fixture.answer("equipements-reactivate").await, json!(fixture.equipement));
    assert_eq!((fixture.site_now().await.equipements, fixture.client_now().await.equipements), (1, 1));
}

#[tokio::test]
async fn batch_run_registers_a_client_with_its_site_and_equipement() {
    let table = Table::new().await;
    let answer = start("batch-run", table.url()).await.answer(event("batch-run")).await;
    let client = first_client(&table.store()).await;
    assert_eq!((client.sites, client.equipements), (1, 1));
    let lot = body(&answer);
    assert_eq!(lot["bilan"], json!({ "ok": 3, "refus": 0, "restant": 0 }));
    assert_eq!(lot["resultats"][1]["body"]["client_id"], json!(client.client_id));
    assert_eq!(lot["resultats"][2]["body"]["nom"], "Four à sole");
}

#[tokio::test]
async fn every_parameter_of_a_list_has_an_event() {
    let fixture = Fixture::new().await;
    for file in ["clients-all-page", "clients-all-status", "clients-all-code", "clients-all-nom"] {
        assert_eq!(fixture.answer_to("clients-all", file).await, json!([fixture.client]), "{file}");
    }
    for file in ["sites-all-client", "sites-all-nom"] {
        assert_eq!(fixture.answer_to("sites-all", file).await, json!([fixture.site]), "{file}");
    }
    for file in ["equipements-all-site", "equipements-all-nom"] {
        assert_eq!(fixture.answer_to("equipements-all", file).await, json!([fixture.equipement]), "{file}");
    }
}

#[tokio::test]
async fn the_history_of_each_kind_starts_with_a_creation() {
    let fixture = Fixture::new().await;
    for name in ["clients-history", "sites-history", "equipements-history"] {
        let entries = fixture.answer(name).await;
        assert_eq!([&entries[0]["version"], &entries[0]["operation"]], [&json!(1), &json!("creation")], "{name}");
    }
}
