//! The API that the cases are sent to.

use std::env;
use std::net::Ipv4Addr;

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use reqwest::{Body, Client, Method, RequestBuilder, Response, Url};
use rustls::crypto::ring;
use serde_json::{Value, json};

use super::case::{Case, Names};
use crate::support::Api;

/// Sends what reqwest built, because the tests' reqwest has no TLS.
type HttpsClient = legacy::Client<HttpsConnector<HttpConnector>, Body>;

/// An API that answers the cases.
pub(super) enum Target {
    /// An API of the test's own.
    Embedded(Box<Api>),
    /// The API at `PARC_URL`.
    Remote { url: String, token: Option<String>, http: Client, https: Option<Box<HttpsClient>>, recording: bool },
}

impl Target {
    /// Starts an API, or uses the one at `PARC_URL`, and fails if that one is not empty.
    pub(super) async fn start(recording: bool) -> Self {
        let Ok(url) = env::var("PARC_URL") else { return Self::Embedded(Box::new(Api::start().await)) };
        let parsed = Url::parse(&url).expect("PARC_URL is a URL");
        let host = parsed.host_str().expect("PARC_URL has a host");
        // A connection for each request: a server may close one after it has answered 500.
        let mut http = Client::builder().pool_max_idle_per_host(0);
        if host.ends_with(".localhost") {
            // Names below localhost are this machine's (RFC 6761), which not every resolver knows.
            http = http.resolve(host, (Ipv4Addr::LOCALHOST, 0).into());
        }
        let remote = Self::Remote {
            url: url.trim_end_matches('/').to_owned(),
            token: env::var("PARC_TOKEN").ok(),
            http: http.build().expect("a client"),
            https: (parsed.scheme() == "https").then(|| Box::new(https_client())),
            recording,
        };
        let response = remote.exchange(remote.request(Method::GET, "/clients/all")).await;
        let clients = response.text().await.expect("a body");
        assert_eq!(clients, "[]", "the API at {url} must be empty");
        remote
    }

    pub(super) fn is_remote(&self) -> bool {
        matches!(self, Self::Remote { .. })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        match self {
            Self::Embedded(api) => api.request(method, path),
            Self::Remote { url, token, http, .. } => {
                let request = http.request(method, format!("{url}{path}"));
                if let Some(token) = token { request.bearer_auth(token) } else { request }
            }
        }
    }

    async fn exchange(&self, request: RequestBuilder) -> Response {
        let Self::Remote { https: Some(https), .. } = self else { return request.send().await.expect("an answer") };
        let request = request.build().expect("a request").try_into().expect("an HTTP request");
        let (head, body) = https.request(request).await.expect("an answer").into_parts();
        axum::http::Response::from_parts(head, Body::wrap(body)).into()
    }

    /// Sends the request of a case. Returns the status and the answer, as a string if it is not JSON.
    pub(super) async fn send(&self, case: &Case, names: &Names) -> (u16, Value) {
        let mut request = self.request(case.method.parse().expect("a method"), &names.fill(&case.path));
        if let Some(content) = case.content(names) {
            let mut content_type = case.content_type.as_deref().unwrap_or_default();
            // API Gateway decodes a body of type JSON as UTF-8. Bytes without a type reach parc unchanged.
            if matches!(self, Self::Remote { recording: false, .. }) && str::from_utf8(&content).is_err() {
                content_type = "";
            }
            request = request.header("content-type", content_type).body(content);
        }
        let response = self.exchange(request).await;
        let status = response.status().as_u16();
        let is_json = response.headers().get("content-type").is_some_and(|value| value == "application/json");
        let text = response.text().await.expect("a body");
        let answer = if is_json { serde_json::from_str(&text).expect("JSON") } else { Value::String(text) };
        (status, answer)
    }

    /// Returns how the answer differs from the recorded one.
    pub(super) fn difference(&self, mut case: Case, status: u16, mut answer: Value) -> Option<String> {
        forget_parser(&mut answer);
        forget_parser(&mut case.answer);
        let same = (status, &answer) == (case.status, &case.answer);
        // API Gateway answers a route that does not exist by itself.
        let by_gateway = status == 404 && answer == json!({ "message": "Not Found" });
        if same || (self.is_remote() && is_unknown_route(&case) && by_gateway) {
            return None;
        }
        Some(format!("{}\n  not {} {}\n  but {status} {answer}", case.shows, case.status, case.answer))
    }
}

/// Returns a client that trusts the certificates of this machine, or of `SSL_CERT_FILE`.
fn https_client() -> HttpsClient {
    let connector = HttpsConnectorBuilder::new().with_provider_and_native_roots(ring::default_provider());
    let connector = connector.expect("certificates of this machine").https_only().enable_http1().build();
    legacy::Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector)
}

/// Removes from a violation where and why the JSON parser stopped, which differs between parsers.
fn forget_parser(answer: &mut Value) {
    let invalid = |violation: &&mut Value| violation["type"] == "json_invalid";
    let violations = answer.get_mut("detail").and_then(Value::as_array_mut);
    for violation in violations.into_iter().flatten().filter(invalid) {
        violation["loc"][1] = Value::Null;
        violation["ctx"] = Value::Null;
    }
}

/// Returns `true` if the recorded answer is that of a framework which has no such route.
fn is_unknown_route(case: &Case) -> bool {
    let detail = &case.answer["detail"];
    (case.status == 404 && detail == "Not Found") || (case.status == 405 && detail == "Method Not Allowed")
}
