//! An API of a test's own, on a port that was free.

use std::net::Ipv4Addr;

use functions::docs::Access;
use local::embedded::Embedded;
use local::gateway;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use shared::http::Service;
use shared::store::{Progress, Settings, Store};
use shared::validation::CursorKey;
use tokio::net::TcpListener;

/// An API over an engine in memory.
pub(crate) struct Api {
    pub(crate) store: Store,
    pub(crate) cursors: CursorKey,
    url: String,
    http: Client,
    engine: Option<Embedded>,
}

impl Api {
    pub(crate) async fn start() -> Self {
        let engine = Embedded::in_memory().await.expect("an engine");
        let store = engine.table().await.expect("a table");
        Self::over(store, Some(engine)).await
    }

    async fn over(store: Store, engine: Option<Embedded>) -> Self {
        let service = Service { store, cursors: CursorKey::new("a test's own") };
        let url = serve(&service).await;
        Self { store: service.store, cursors: service.cursors, url, http: Client::new(), engine }
    }

    /// A second API over the same engine, whose calls go to `endpoint` instead.
    pub(crate) async fn through(&self, endpoint: &str) -> Self {
        let store = Store::connect(Settings::for_endpoint("parc", endpoint)).expect("a store");
        Self::over(store, None).await
    }

    /// Where its engine listens.
    pub(crate) fn endpoint(&self) -> &str {
        self.engine.as_ref().expect("an engine of its own").url()
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.expect("an answer")
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> Response {
        let request = self.request(Method::POST, path).header("content-type", "application/json");
        request.body(body).send().await.expect("an answer")
    }

    /// What the operator's recount finds to be wrong.
    pub(crate) async fn differences(&self) -> Vec<String> {
        let mut differences = Vec::new();
        let tell = |progress| {
            if let Progress::Different(difference) = progress {
                differences.push(difference.what);
            }
        };
        self.store.verify(false, tell).await.expect("a recount");
        differences
    }

    /// Registers a client, which must go well.
    pub(crate) async fn register(&self, nom: &str, code: i64) -> Value {
        let response = self.post("/clients/register", json!({ "nom": nom, "code": code }).to_string()).await;
        assert_eq!(response.status(), 200);
        body(response).await
    }
}

async fn serve(service: &Service) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let app = gateway::gateway(functions::routes(Access::Open), service.clone()).expect("routes");
    tokio::spawn(axum::serve(listener, app).into_future());
    format!("http://{address}")
}

/// The answer's JSON.
pub(crate) async fn body(response: Response) -> Value {
    assert_eq!(response.headers()["content-type"], "application/json");
    serde_json::from_slice(&response.bytes().await.expect("a body")).expect("JSON")
}
