use std::time::Duration;

use shared::models::Entity;
use shared::store::{Database, List, RequestContext, Settings, Store, StoreError, Written};

use crate::embedded::Embedded;
use crate::{Fault, Proxy};

/// Time limit of requests and of calls in tests whose subject is not time: no machine is that slow.
pub const AMPLE_TIME: Duration = Duration::from_mins(10);

/// A table on an engine in memory, dropped together with its engine.
#[derive(Debug)]
pub struct TestTable {
    /// The table.
    pub database: Database,
    engine: Embedded,
}

impl TestTable {
    /// Creates a table.
    pub async fn new() -> Self {
        let engine = Embedded::in_memory().expect("an engine");
        engine.table().await.expect("a table");
        Self { database: connect(engine.url()), engine }
    }

    /// Returns the store for one more request.
    #[must_use]
    pub fn store(&self) -> Store {
        store(&self.database)
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
    connect_to("parc", url)
}

/// Connects to a table at an endpoint.
#[must_use]
pub fn connect_to(name: &str, url: &str) -> Database {
    let settings = Settings::for_endpoint(name, url).with_attempt_time_limit(AMPLE_TIME);
    Database::connect(settings).expect("a connection")
}

/// Returns the store for one request of a table.
#[must_use]
pub fn store(database: &Database) -> Store {
    database.for_request(RequestContext::anonymous(AMPLE_TIME, database.random()))
}

/// Returns the entity after a write. The write must succeed, and must not repeat an earlier one.
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
