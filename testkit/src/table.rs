use shared::models::Entity;
use shared::store::{Database, List, Settings, Store, StoreError, Written};

use crate::embedded::Embedded;
use crate::{Fault, Proxy};

/// A table on an engine in memory, which ends with it.
#[derive(Debug)]
pub struct TestTable {
    /// The table.
    pub database: Database,
    engine: Embedded,
}

impl TestTable {
    /// Makes a table.
    pub async fn new() -> Self {
        let engine = Embedded::in_memory().await.expect("an engine");
        let database = engine.table().await.expect("a table");
        Self { database, engine }
    }

    /// Returns the store for one more request.
    #[must_use]
    pub fn store(&self) -> Store {
        self.database.for_command()
    }

    /// Returns the URL of the engine.
    #[must_use]
    pub fn url(&self) -> &str {
        self.engine.url()
    }

    /// Starts a proxy in front of the engine, and connects to the same table through it.
    pub async fn behind(&self, faults: Vec<Fault>) -> (Database, Proxy) {
        let proxy = Proxy::start(self.url(), faults).await;
        (connect(proxy.url()), proxy)
    }
}

/// Connects to the table `parc` at an endpoint.
#[must_use]
pub fn connect(url: &str) -> Database {
    Database::connect(Settings::for_endpoint("parc", url)).expect("a connection")
}

/// Returns the entity that a write left. The write must succeed, and must not repeat another one.
pub async fn fresh<T>(write: impl Future<Output = Result<Written<T>, StoreError>>) -> T {
    write.await.and_then(Written::fresh).expect("a fresh entity")
}

/// Returns every entity of a list.
pub async fn all<T: Entity>(mut list: List<T>) -> Vec<T> {
    let mut entities = Vec::new();
    while let Some(entity) = list.next().await.expect("a page") {
        entities.push(entity);
    }
    entities
}
