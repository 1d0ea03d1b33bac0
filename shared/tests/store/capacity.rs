//! What each access pattern consumes: the table in `store/keys.rs`, held to what the engine counts.

use shared::models::{Client, ClientUpdate, Status};
use shared::store::Store;

use crate::support::{Table, all, nom, recode, register};

/// What one request consumed.
async fn consumed<T>(table: &Table, request: impl AsyncFnOnce(&Store) -> T) -> f64 {
    let store = table.store();
    request(&store).await;
    store.consumed()
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
    assert_units("register a client", units, 5.0);
    let rename = ClientUpdate { nom: nom("Café du Port"), ..recode(&client, 1) };
    assert_units("change a nom", consumed(&table, async |store| store.update_client(&rename).await).await, 2.0);
    let recode = recode(&client, 3);
    assert_units("change a code", consumed(&table, async |store| store.update_client(&recode).await).await, 7.0);
    assert_units("a page", consumed(&table, async |store| store.client_with_sites(id, None, None).await).await, 1.0);
    let deactivate = async |store: &Store| store.set_client_status(id, Status::Inactif).await;
    assert_units("deactivate", consumed(&table, deactivate).await, 2.0);
    assert_units("every client", consumed(&table, async |store| all(store.clients(None, None)).await).await, 2.0);
}
