//! Each function with its own event.

use serde_json::{Value, json};
use shared::models::{Client, Code, Equipement, Filter, Pagination, Site, Status};
use shared::store::Store;
use testkit::fresh;
use testkit::inputs::{self, nom, texte};

use crate::support::{Function, Table, body, event};

/// The entities that the events speak of.
const IDS: [&str; 3] = [
    "019a5a1e-3c08-7000-8000-000000000001",
    "019a5a1e-3c08-7000-8000-000000000002",
    "019a5a1e-3c08-7000-8000-000000000003",
];

/// A table with one entity of each kind.
struct World {
    table: Table,
    client: Client,
    site: Site,
    equipement: Equipement,
}

impl World {
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

    /// What a function answers to its event, once that speaks of the entities of this table.
    async fn answer(&self, name: &str) -> Value {
        self.answer_to(name, name).await
    }

    /// What a function answers to another event than that of its name.
    async fn answer_to(&self, name: &str, file: &str) -> Value {
        let ids = [
            self.client.client_id.to_string(),
            self.site.site_id.to_string(),
            self.equipement.equipement_id.to_string(),
        ];
        let text = IDS.iter().zip(ids).fold(event(file).to_string(), |text, (old, new)| text.replace(old, &new));
        let event = serde_json::from_str(&text).expect("an event");
        let answer = Function::start(name, self.table.url()).await.answer(event).await;
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
async fn clients_all() {
    let world = World::new().await;
    assert_eq!(world.answer("clients-all").await, json!([world.client]));
}

#[tokio::test]
async fn clients_register() {
    let table = Table::new().await;
    let answer = Function::start("clients-register", table.url()).await.answer(event("clients-register")).await;
    let client = first_client(&table.store()).await;
    assert_eq!((client.nom.clone(), client.code), (nom("Boulangerie Morin"), Code::from(12)));
    assert_eq!(body(&answer), json!(client));
}

#[tokio::test]
async fn clients_update() {
    let world = World::new().await;
    let expected = Client { nom: nom("Boulangerie Morin et filles"), code: Code::from(13), ..world.client.clone() };
    assert_eq!(world.answer("clients-update").await, json!(expected));
    assert_eq!(json!(world.client_now().await), json!(expected));
}

#[tokio::test]
async fn clients_infos() {
    let world = World::new().await;
    let Client { client_id, nom, code, timestamp, .. } = &world.client;
    let sites = json!([{ "site_id": world.site.site_id, "nom": world.site.nom, "equipements": 1 }]);
    let infos = json!({ "client_id": client_id, "nom": nom, "code": code, "timestamp": timestamp, "sites": sites });
    assert_eq!(world.answer("clients-infos").await, infos);
}

#[tokio::test]
async fn clients_deactivate() {
    let world = World::new().await;
    assert_eq!(world.answer("clients-deactivate").await, json!(true));
    assert_eq!(world.client_now().await.status, Status::Inactif);
}

#[tokio::test]
async fn clients_reactivate() {
    let world = World::new().await;
    fresh(world.table.store().set_client_status(world.client.client_id, Status::Inactif)).await;
    assert_eq!(world.answer("clients-reactivate").await, json!(world.client));
}

#[tokio::test]
async fn sites_all() {
    let world = World::new().await;
    assert_eq!(world.answer("sites-all").await, json!([world.site]));
}

#[tokio::test]
async fn sites_register() {
    let world = World::new().await;
    let site = world.answer("sites-register").await;
    assert_eq!([&site["nom"], &site["client_id"]], [&json!("Fournil de la gare"), &json!(world.client.client_id)]);
    assert_eq!(world.client_now().await.sites, 2);
}

#[tokio::test]
async fn sites_update() {
    let world = World::new().await;
    assert_eq!(world.answer("sites-update").await["nom"], "Fournil du port");
    assert_eq!(world.site_now().await.nom, nom("Fournil du port"));
}

#[tokio::test]
async fn sites_infos() {
    let world = World::new().await;
    let Site { site_id, client_id, nom, timestamp, .. } = &world.site;
    let equipements = json!([{
        "equipement_id": world.equipement.equipement_id, "nom": "Machine à café", "type": null, "numero_serie": null,
    }]);
    let infos = json!({
        "site_id": site_id, "client_id": client_id, "nom": nom, "timestamp": timestamp, "equipements": equipements,
    });
    assert_eq!(world.answer("sites-infos").await, infos);
}

#[tokio::test]
async fn sites_deactivate() {
    let world = World::new().await;
    assert_eq!(world.answer("sites-deactivate").await, json!(true));
    assert_eq!(world.site_now().await.status, Status::Inactif);
    let client = world.client_now().await;
    assert_eq!((client.sites, client.equipements), (0, 0));
}

#[tokio::test]
async fn sites_reactivate() {
    let world = World::new().await;
    fresh(world.table.store().set_site_status(world.site.site_id, Status::Inactif)).await;
    assert_eq!(world.answer("sites-reactivate").await, json!(world.site));
    assert_eq!(json!(world.client_now().await), json!(world.client));
}

#[tokio::test]
async fn equipements_all() {
    let world = World::new().await;
    assert_eq!(world.answer("equipements-all").await, json!([world.equipement]));
}

#[tokio::test]
async fn equipements_register() {
    let world = World::new().await;
    let equipement = world.answer("equipements-register").await;
    assert_eq!([&equipement["type"], &equipement["numero_serie"]], [&json!("four"), &json!("FS-2041")]);
    assert_eq!((world.site_now().await.equipements, world.client_now().await.equipements), (2, 2));
}

#[tokio::test]
async fn equipements_update() {
    let world = World::new().await;
    let asked = (nom("Four à sole révisé"), texte("four"), texte("FS-2041"));
    let expected = Equipement { nom: asked.0, r#type: asked.1, numero_serie: asked.2, ..world.equipement.clone() };
    assert_eq!(world.answer("equipements-update").await, json!(expected));
    assert_eq!(json!(world.equipement_now().await), json!(expected));
}

#[tokio::test]
async fn equipements_infos() {
    let world = World::new().await;
    assert_eq!(world.answer("equipements-infos").await, json!(world.equipement));
}

#[tokio::test]
async fn equipements_deactivate() {
    let world = World::new().await;
    assert_eq!(world.answer("equipements-deactivate").await, json!(true));
    assert_eq!(world.equipement_now().await.status, Status::Inactif);
    assert_eq!((world.site_now().await.equipements, world.client_now().await.equipements), (0, 0));
}

#[tokio::test]
async fn equipements_reactivate() {
    let world = World::new().await;
    let id = world.equipement.equipement_id;
    fresh(world.table.store().set_equipement_status(id, Status::Inactif)).await;
    assert_eq!(world.answer("equipements-reactivate").await, json!(world.equipement));
    assert_eq!((world.site_now().await.equipements, world.client_now().await.equipements), (1, 1));
}

#[tokio::test]
async fn every_parameter_of_a_list_has_an_event() {
    let world = World::new().await;
    for file in ["clients-all-page", "clients-all-status", "clients-all-code", "clients-all-nom"] {
        assert_eq!(world.answer_to("clients-all", file).await, json!([world.client]), "{file}");
    }
    for file in ["sites-all-client", "sites-all-nom"] {
        assert_eq!(world.answer_to("sites-all", file).await, json!([world.site]), "{file}");
    }
    for file in ["equipements-all-site", "equipements-all-nom"] {
        assert_eq!(world.answer_to("equipements-all", file).await, json!([world.equipement]), "{file}");
    }
}

#[tokio::test]
async fn the_history_of_each_kind_starts_with_a_creation() {
    let world = World::new().await;
    for name in ["clients-history", "sites-history", "equipements-history"] {
        let entries = world.answer(name).await;
        assert_eq!([&entries[0]["version"], &entries[0]["operation"]], [&json!(1), &json!("creation")], "{name}");
    }
}
