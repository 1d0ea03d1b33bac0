//! A table of a test's own.

use local::embedded::Embedded;
use local::template;
use shared::models::{Client, ClientRegister, ClientUpdate, Code, Nom};
use shared::store::{List, Settings, Store};

pub(crate) struct Table {
    store: Store,
    _engine: Embedded,
}

impl Table {
    pub(crate) async fn new() -> Self {
        let engine = Embedded::in_memory().await.expect("an engine");
        let store = Store::connect(Settings::for_endpoint("parc", engine.url())).expect("a store");
        store.create_table(&template::table().expect("the template's table")).await.expect("a table");
        Self { store, _engine: engine }
    }

    /// The table for one request.
    pub(crate) fn store(&self) -> Store {
        self.store.for_request(None)
    }
}

pub(crate) fn nom(text: &str) -> Nom {
    Nom::try_from(text.to_owned()).expect("a nom")
}

pub(crate) fn register(code: i64) -> ClientRegister {
    ClientRegister { nom: nom("Boulangerie Morin"), code: Code::from(code) }
}

/// What is asked to give a client another code.
pub(crate) fn recode(client: &Client, code: i64) -> ClientUpdate {
    ClientUpdate { client_id: client.client_id, nom: client.nom.clone(), code: Code::from(code) }
}

/// All that a list gives.
pub(crate) async fn all<T: shared::models::Entity>(mut list: List<T>) -> Vec<T> {
    let mut entities = Vec::new();
    while let Some(entity) = list.next().await.expect("a page") {
        entities.push(entity);
    }
    entities
}
