//! Every route over a table in memory.

use std::cell::RefCell;

use functions::Route;
use functions::docs::Access;
use shared::Clock;
use shared::http::{AppContext, Event, Response};
use shared::validation::CursorKey;
use testkit::{AMPLE_TIME, TestTable, fresh, inputs};
use tokio::runtime::Runtime;

/// Number of inputs after which the table is replaced by a new one, so that lists stay short.
const MAX_INPUTS: u32 = 500;

/// Identifiers of a client, a site and an équipement in inputs. They stand for those in the table.
const IDS: [&str; 3] = [
    "019a5a1e-3c08-7000-8000-000000000001",
    "019a5a1e-3c08-7000-8000-000000000002",
    "019a5a1e-3c08-7000-8000-000000000003",
];

thread_local! {
    static API: RefCell<Option<Api>> = const { RefCell::new(None) };
}

/// The API, with a table that holds one client, one site and one équipement at first.
pub(super) struct Api {
    runtime: Runtime,
    routes: Vec<Route>,
    app: AppContext,
    ids: [String; 3],
    inputs: u32,
    _table: TestTable,
}

impl Api {
    /// Checks one input with this thread's API.
    pub(super) fn check(check: impl FnOnce(&Self)) {
        API.with_borrow_mut(|api| {
            let mut current = api.take().filter(|api| api.inputs < MAX_INPUTS).unwrap_or_else(Self::new);
            current.inputs += 1;
            check(api.insert(current));
        });
    }

    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (table, ids) = runtime.block_on(async {
            let table = TestTable::new().await;
            let store = table.store();
            let client_id = fresh(store.register_client(inputs::client("Café du Port", 12))).await.client_id;
            let site_id = fresh(store.register_site(inputs::site(client_id, "Terrasse"))).await.site_id;
            let equipement = fresh(store.register_equipement(inputs::equipement(site_id, "Four"))).await;
            (table, [client_id.to_string(), site_id.to_string(), equipement.equipement_id.to_string()])
        });
        let cursors = CursorKey::new("key of a test");
        let app =
            AppContext { database: table.database.clone(), cursors, time_limit: AMPLE_TIME, clock: Clock::system() };
        Self { runtime, routes: functions::routes(Access::Token), app, ids, inputs: 0, _table: table }
    }

    /// Returns the input with the identifiers of the table's entities.
    pub(super) fn with_ids(&self, input: &[u8]) -> Vec<u8> {
        let Ok(text) = std::str::from_utf8(input) else { return input.to_vec() };
        IDS.iter().zip(&self.ids).fold(text.to_owned(), |text, (old, new)| text.replace(old, new)).into_bytes()
    }

    /// Answers an event as the function of a route does. An event without a known route is given to any one.
    pub(super) fn answer(&self, route_key: &str, event: impl Into<Event>) -> Response {
        let any = &self.routes[route_key.len() % self.routes.len()];
        let route = self.routes.iter().find(|route| route.key() == route_key).unwrap_or(any);
        self.runtime.block_on(route.answer(&self.app, event)).0
    }
}
