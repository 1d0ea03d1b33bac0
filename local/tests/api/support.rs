//! An API of a test's own, on a free port.

use std::net::Ipv4Addr;
use std::time::Duration;

use functions::docs::Access;
use local::gateway;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use shared::http::AppContext;
use shared::store::{Database, Progress, Store};
use shared::time_limits::DEFAULT_TIME_LIMIT;
use shared::validation::CursorKey;
use testkit::raw::RawTable;
use testkit::{Fault, Proxy, TestTable};
use tokio::net::TcpListener;

/// An API over an engine in memory.
pub(crate) struct Api {
    pub(crate) app: AppContext,
    url: String,
    http: Client,
    table: Option<TestTable>,
}

impl Api {
    pub(crate) async fn start() -> Self {
        let table = TestTable::new().await;
        Self::over(table.database.clone(), DEFAULT_TIME_LIMIT, Some(table)).await
    }

    async fn over(database: Database, time_limit: Duration, table: Option<TestTable>) -> Self {
        let app = AppContext { database, cursors: CursorKey::new("a test's own"), time_limit };
        let url = serve(&app).await;
        Self { app, url, http: Client::new(), table }
    }

    /// Returns the URL of the API.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Starts a second API whose calls go to `endpoint`, and which gives up after a second.
    pub(crate) async fn through(&self, endpoint: &str) -> Self {
        Self::over(testkit::connect(endpoint), Duration::from_secs(1), None).await
    }

    /// Starts a second API over the same engine, with these faults in between.
    pub(crate) async fn behind(&self, faults: Vec<Fault>) -> (Self, Proxy) {
        self.behind_for(DEFAULT_TIME_LIMIT, faults).await
    }

    /// Like [`Self::behind`], with a time limit for each request.
    pub(crate) async fn behind_for(&self, time_limit: Duration, faults: Vec<Fault>) -> (Self, Proxy) {
        let (database, proxy) = self.table.as_ref().expect("an engine of its own").behind(faults).await;
        (Self::over(database, time_limit, None).await, proxy)
    }

    /// Returns the store for one more request.
    pub(crate) fn store(&self) -> Store {
        self.app.database.for_command()
    }

    /// Returns the URL of its engine.
    pub(crate) fn endpoint(&self) -> &str {
        self.table.as_ref().expect("an engine of its own").url()
    }

    /// Returns the items behind it.
    pub(crate) fn raw(&self) -> RawTable {
        RawTable::new(self.endpoint())
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

    /// Returns what `verify` finds.
    pub(crate) async fn findings(&self) -> Vec<String> {
        let mut findings = Vec::new();
        let report = |progress| {
            if let Progress::Found(finding) = progress {
                findings.push(finding.description);
            }
        };
        self.app.database.verify(false, report).await.expect("a check");
        findings
    }

    /// Registers a client, which must succeed.
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

/// Returns the answer's JSON.
pub(crate) async fn body(response: Response) -> Value {
    assert_eq!(response.headers()["content-type"], "application/json");
    serde_json::from_slice(&response.bytes().await.expect("a body")).expect("JSON")
}
