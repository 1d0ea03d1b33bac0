//! Each function with its own event.

use serde_json::{Value, json};
use shared::models::{Client, ClientRegister, Code, Nom, Status};

use crate::support::{Function, Table, body, event};

/// The client that the events speak of.
const CLIENT: &str = "019a5a1e-3c08-7000-8000-000000000001";

async fn registered(table: &Table) -> Client {
    let nom = Nom::try_from("Café du Port").expect("a nom");
    table.store.register_client(ClientRegister { nom, code: Code::from(12) }).await.expect("a client")
}

/// The event of a function, speaking of this client.
fn event_of(name: &str, client: &Client) -> Value {
    let text = event(name).to_string().replace(CLIENT, &client.client_id.to_string());
    serde_json::from_str(&text).expect("an event")
}

async fn answer(name: &str, table: &Table, event: Value) -> Value {
    let answer = Function::start(name, table.url()).await.answer(event).await;
    assert_eq!(answer["statusCode"], 200, "{answer}");
    assert_eq!(answer["headers"]["x-request-id"], name);
    body(&answer)
}

#[tokio::test]
async fn clients_all() {
    let table = Table::new().await;
    let client = registered(&table).await;
    assert_eq!(answer("clients-all", &table, event("clients-all")).await, json!([client]));
}

#[tokio::test]
async fn clients_register() {
    let table = Table::new().await;
    let client = answer("clients-register", &table, event("clients-register")).await;
    assert_eq!([&client["nom"], &client["code"]], [&json!("Boulangerie Morin"), &json!(12)]);
    let all = table.store.clients(None, None).next().await.expect("a list").expect("a client");
    assert_eq!(json!(all), client);
}

#[tokio::test]
async fn clients_update() {
    let table = Table::new().await;
    let before = registered(&table).await;
    let after = answer("clients-update", &table, event_of("clients-update", &before)).await;
    let nom = Nom::try_from("Boulangerie Morin et filles").expect("a nom");
    assert_eq!(after, json!(Client { nom, code: Code::from(13), ..before }));
}

#[tokio::test]
async fn clients_infos() {
    let table = Table::new().await;
    let client = registered(&table).await;
    let infos = answer("clients-infos", &table, event_of("clients-infos", &client)).await;
    let Client { client_id, nom, code, timestamp, .. } = client;
    let expected = json!({ "client_id": client_id, "nom": nom, "code": code, "timestamp": timestamp, "sites": [] });
    assert_eq!(infos, expected);
}

#[tokio::test]
async fn clients_deactivate() {
    let table = Table::new().await;
    let client = registered(&table).await;
    assert_eq!(answer("clients-deactivate", &table, event_of("clients-deactivate", &client)).await, json!(true));
    let after = table.store.clients(Some(Status::Inactif), None).next().await.expect("a list").expect("a client");
    assert_eq!(after.client_id, client.client_id);
}

#[tokio::test]
async fn clients_reactivate() {
    let table = Table::new().await;
    let client = registered(&table).await;
    table.store.set_client_status(client.client_id, Status::Inactif).await.expect("an inactive client");
    let event = event_of("clients-reactivate", &client);
    assert_eq!(answer("clients-reactivate", &table, event).await, json!(client));
}
