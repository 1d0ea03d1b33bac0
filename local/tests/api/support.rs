//! An API for one test, on a free port.

use std::net::Ipv4Addr;
use std::time::Duration;

use functions::docs::Access;
use local::gateway;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use shared::Clock;
use shared::http::AppContext;
use shared::store::{Database, Progress, Store};
use shared::validation::CursorKey;
use testkit::raw::RawTable;
use testkit::{AMPLE_TIME, Fault, Proxy, TestTable};
use tokio::net::TcpListener;

/// Time limit of requests that the table cannot serve: they fail however long they try.
const SHORT_TIME: Duration = Duration::from_millis(50);

/// An API over an engine in memory.
pub(crate) struct Api {
    pub(crate) app: AppContext,
    url: String,
    http: Client,
    table: Option<TestTable>,
}

impl Api {
    /// Starts an API with an engine of its own. Its requests have ample time.
    pub(crate) async fn start() -> Self {
        let table = TestTable::new().await;
        Self::over(table.database.clone(), AMPLE_TIME, Some(table)).await
    }

    async fn over(database: Database, time_limit: Duration, table: Option<TestTable>) -> Self {
        let app = AppContext { database, cursors: CursorKey::new("key of a test"), time_limit, clock: Clock::system() };
        let url = serve(&app).await;
        Self { app, url, http: Client::new(), table }
    }

    /// Returns the URL of the API.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Starts an API whose table cannot be reached.
    pub(crate) async fn without_table() -> Self {
        Self::over(testkit::connect("http://127.0.0.1:1"), SHORT_TIME, None).await
    }

    /// Starts a second API over the same engine, with a proxy in between that injects faults.
    pub(crate) async fn behind(&self, faults: Vec<Fault>) -> (Self, Proxy) {
        let (database, proxy) = self.table().behind(faults).await;
        (Self::over(database, AMPLE_TIME, None).await, proxy)
    }

    /// Starts a second API in the same process, which shares its connections but has another time limit.
    pub(crate) async fn with_time_limit(&self, time_limit: Duration) -> Self {
        Self::over(self.app.database.clone(), time_limit, None).await
    }

    /// Returns the store for one more request.
    pub(crate) fn store(&self) -> Store {
        testkit::store(&self.app.database)
    }

    /// Returns the URL of its engine.
    pub(crate) fn endpoint(&self) -> &str {
        self.table().url()
    }

    /// Returns the items of its table.
    pub(crate) fn raw(&self) -> RawTable {
        RawTable::new(self.endpoint())
    }

    fn table(&self) -> &TestTable {
        self.table.as_ref().expect("an API with its own engine")
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.expect("an answer")
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> Response {
        self.send(Method::POST, path, body).await
    }

    /// Sends a JSON body.
    pub(crate) async fn send(&self, method: Method, path: &str, body: impl Into<reqwest::Body>) -> Response {
        let request = self.request(method, path).header("content-type", "application/json");
        request.body(body).send().await.expect("an answer")
    }

    /// Returns the findings of `verify`.
    pub(crate) async fn findings(&self) -> Vec<String> {
        let mut findings = Vec::new();
        let report = |progress| {
            if let Progress::Found(finding) = progress {
                findings.push(finding.description);
            }
        };
        self.app.database.verify(false, report).await.expect("a completed check");
        findings
    }

    /// Registers a client; fails the test if that is refused.
    pub(crate) async fn register(&self, nom: &str, code: i64) -> Value {
        let response = self.post("/clients/register", json!({ "nom": nom, "code": code }).to_string()).await;
        assert_eq!(response.status(), 200);
        body(response).await
    }
}

async fn serve(app: &AppContext) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = gateway::gateway(functions::routes(Access::Open), app.clone()).expect("routes");
    tokio::spawn(axum::serve(listener, router).into_future());
    format!("http://{address}")
}

/// Returns the JSON body of an answer.
pub(crate) async fn body(response: Response) -> Value {
    assert_eq!(response.headers()["content-type"], "application/json");
    serde_json::from_slice(&response.bytes().await.expect("a body")).expect("JSON")
}
