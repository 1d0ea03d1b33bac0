use std::time::Duration;

use functions::docs::Access;
use serde_json::{Value, json};
use shared::Clock;
use shared::http::{AppContext, Response};
use shared::models::{Client, Equipement, Site};
use shared::store::Database;
use shared::telemetry::RequestLog;
use shared::validation::CursorKey;
use testkit::{AMPLE_TIME, TestTable, connect, event_about, fresh, inputs};

use crate::row::Row;
use crate::writer::{REQUEST_ID, Writer, equipement_at};

/// Number of clients, each with a site with an équipement. The first has ten sites, the first of which has ten
/// équipements.
const CLIENTS: u8 = 51;

/// Number of versions of the first entity of each kind.
const VERSIONS: u8 = 10;

/// A table of which every byte is the same each time, and the ledger of the requests to it.
pub(crate) struct Fixture {
    pub(crate) client: Client,
    pub(crate) rows: Vec<Row>,
    pub(crate) site: Site,
    equipement: Equipement,
    app: AppContext,
    _table: TestTable,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let table = TestTable::new().await;
        let mut writer = Writer::new(&table.database);
        let (mut clients, mut sites, mut equipements) = (Vec::new(), Vec::new(), Vec::new());
        for code in 0..CLIENTS {
            let input = inputs::client("Boulangerie Morin", code.into());
            clients.push(fresh(writer.store().register_client(input)).await);
        }
        for client in [&clients[0]; 9].into_iter().chain(&clients) {
            let input = inputs::site(client.client_id, "Fournil de la gare");
            sites.push(fresh(writer.store().register_site(input)).await);
        }
        for site in [&sites[0]; 9].into_iter().chain(&sites) {
            equipements.push(fresh(writer.store().register_equipement(equipement_at(site))).await);
        }
        let (client, site, equipement) = (clients.swap_remove(0), sites.swap_remove(0), equipements.swap_remove(0));
        for version in 2..=VERSIONS {
            writer.rename(version, &client, &site, &equipement).await;
        }
        let app = app(table.database.clone(), AMPLE_TIME);
        Self { client, site, equipement, rows: Vec::new(), app, _table: table }
    }

    /// Sends the event in a file of `events`, after a change, and adds its row.
    pub(crate) async fn measure(&mut self, file: &str, case: &str, change: impl FnOnce(&mut Value)) -> &mut Row {
        let app = self.app.clone();
        self.measure_with(&app, file, case, change).await
    }

    /// Returns the body of the answer to an event.
    pub(crate) async fn body(&self, file: &str) -> String {
        let (answer, _) = send(&self.app, &self.event(file)).await;
        String::from_utf8(answer.body().to_vec()).expect("text")
    }

    /// Like [`Self::measure`], of a table that does not answer.
    pub(crate) async fn measure_unavailable(&mut self, file: &str, case: &str) {
        let app = app(connect("http://127.0.0.1:9"), Duration::ZERO);
        self.measure_with(&app, file, case, |_| {}).await;
    }

    async fn measure_with(
        &mut self,
        app: &AppContext,
        file: &str,
        case: &str,
        change: impl FnOnce(&mut Value),
    ) -> &mut Row {
        let mut event = self.event(file);
        change(&mut event);
        event["requestContext"]["routeKey"] = event["routeKey"].clone();
        let (answer, line) = send(app, &event).await;
        event["headers"]["accept-encoding"] = json!("gzip");
        let writes = event["requestContext"]["http"]["method"] != "GET" && event["rawQueryString"] != "dry_run=true";
        let compressed = if answer.body().len() > 1024 && !writes { Some(send(app, &event).await.0) } else { None };
        self.rows.push(Row::new(case, &answer, line, compressed.as_ref()));
        self.rows.last_mut().expect("a row")
    }

    /// Returns the event in a file, about the first entities of the table.
    fn event(&self, file: &str) -> Value {
        let ids = [
            self.client.client_id.to_string(),
            self.site.site_id.to_string(),
            self.equipement.equipement_id.to_string(),
        ];
        let mut event = event_about(file, &ids);
        event["requestContext"]["requestId"] = REQUEST_ID.into();
        event
    }
}

fn app(database: Database, time_limit: Duration) -> AppContext {
    AppContext { database, cursors: CursorKey::new("key of a test"), time_limit, clock: Clock::system() }
}

async fn send(app: &AppContext, event: &Value) -> (Response, RequestLog) {
    let request = lambda_http::request::from_str(&event.to_string()).expect("a request");
    let routes = functions::routes(Access::Token);
    let route = routes.iter().find(|route| event["routeKey"] == route.key()).expect("a route");
    route.answer(app, request).await
}
