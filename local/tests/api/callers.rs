//! Requests of other hosts and origins.

use std::net::Ipv4Addr;

use functions::docs::Access;
use local::gateway::{Callers, gateway};
use reqwest::header::{HOST, ORIGIN};
use reqwest::{Client, Method, Response};
use serde_json::json;
use tokio::net::TcpListener;

use crate::support::{Api, body};

const FRONT_END: &str = "http://localhost:5173";

/// An API that checks who calls.
struct Restricted {
    api: Api,
    port: u16,
}

impl Restricted {
    async fn start(callers: Callers) -> Self {
        let api = Api::start().await;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let router = gateway(functions::routes(Access::Open), api.app.clone()).expect("routes");
        tokio::spawn(axum::serve(listener, callers.restrict(router)).into_future());
        Self { api, port }
    }

    /// Sends a request that needs no preflight: a client's body without a content type.
    async fn register(&self, code: i64, headers: &[(&str, &str)]) -> Response {
        let request = self.request(Method::POST, "/clients/register", headers);
        request.body(json!({ "nom": "x", "code": code }).to_string()).send().await.expect("an answer")
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Response {
        self.request(method, path, headers).send().await.expect("an answer")
    }

    fn request(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let request = Client::new().request(method, format!("http://127.0.0.1:{}{path}", self.port));
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
    }
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().expect("text"))
}

#[tokio::test]
async fn other_hosts_are_refused() {
    let restricted = Restricted::start(Callers::of_this_machine()).await;
    for host in ["parc.example", "192.168.1.2:8000", "localhost.parc.example"] {
        let refused = restricted.register(1, &[(HOST.as_str(), host)]).await;
        assert_eq!(refused.status(), 403, "{host}");
        assert_eq!(header(&refused, "x-content-type-options"), Some("nosniff"));
        assert_eq!(header(&refused, "cache-control"), Some("no-store"));
        assert!(header(&refused, "x-request-id").is_some());
        let detail = body(refused).await["detail"].to_string();
        assert!(detail.contains("Hôte refusé") && detail.contains("--open-to-anyone"), "{detail}");
        assert_eq!(restricted.send(Method::GET, "/clients/all", &[(HOST.as_str(), host)]).await.status(), 403);
    }
    assert_eq!(body(restricted.api.get("/clients/all").await).await, json!([]));
    for (code, host) in ["localhost:8000", "parc.localhost", "127.0.0.1", "[::1]:8000"].into_iter().enumerate() {
        let code = i64::try_from(code).expect("a code");
        assert_eq!(restricted.register(code, &[(HOST.as_str(), host)]).await.status(), 200, "{host}");
    }
}

#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    let restricted = Restricted::start(Callers::of_this_machine()).await;
    let own = format!("http://127.0.0.1:{}", restricted.port);
    let other_name = format!("http://localhost:{}", restricted.port);
    let other_scheme = own.replace("http", "https");
    for origin in ["null", "https://parc.example", FRONT_END, "http://127.0.0.1", &other_name, &other_scheme] {
        let refused = restricted.register(1, &[(ORIGIN.as_str(), origin)]).await;
        assert_eq!(refused.status(), 403, "{origin}");
        assert_eq!(header(&refused, "access-control-allow-origin"), None);
        assert!(body(refused).await["detail"].to_string().contains("Origine refusée"));
    }
    assert_eq!(body(restricted.api.get("/clients/all").await).await, json!([]));
    // The page of the documentation, and curl.
    assert_eq!(restricted.register(1, &[(ORIGIN.as_str(), &own)]).await.status(), 200);
    assert_eq!(restricted.register(2, &[]).await.status(), 200);
    let named = [(HOST.as_str(), "parc.localhost:8000"), (ORIGIN.as_str(), "http://parc.localhost:8000")];
    assert_eq!(restricted.register(3, &named).await.status(), 200);
}

#[tokio::test]
async fn a_preflight_of_an_allowed_origin_is_answered_as_in_the_template() {
    let origins = vec![FRONT_END.parse().expect("an origin")];
    let restricted = Restricted::start(Callers::of_this_machine().with_cors(origins).expect("callers")).await;
    let asks = ("access-control-request-method", "PUT");
    let allowed = restricted.send(Method::OPTIONS, "/clients/update", &[(ORIGIN.as_str(), FRONT_END), asks]).await;
    assert_eq!(allowed.status(), 204);
    assert_eq!(header(&allowed, "access-control-allow-origin"), Some(FRONT_END));
    assert_eq!(header(&allowed, "access-control-allow-methods"), Some("GET,POST,PUT,DELETE"));
    let names = header(&allowed, "access-control-allow-headers");
    assert_eq!(names, Some("authorization,content-type,idempotency-key,if-match,if-none-match"));
    assert_eq!(header(&allowed, "access-control-max-age"), Some("3600"));
    let other = [(ORIGIN.as_str(), "http://localhost:3000"), asks];
    assert_eq!(restricted.send(Method::OPTIONS, "/clients/update", &other).await.status(), 403);
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_may_read_answers() {
    let origins = vec![FRONT_END.parse().expect("an origin")];
    let restricted = Restricted::start(Callers::of_this_machine().with_cors(origins).expect("callers")).await;
    for (path, status) in [("/clients/all", 200), ("/clients/x/infos", 404), ("/nowhere", 404)] {
        let answer = restricted.send(Method::GET, path, &[(ORIGIN.as_str(), FRONT_END)]).await;
        assert_eq!(answer.status(), status);
        assert_eq!(header(&answer, "access-control-allow-origin"), Some(FRONT_END), "{path}");
        let names = header(&answer, "access-control-expose-headers");
        assert_eq!(names, Some("apigw-requestid,etag,idempotency-replayed,link,retry-after,x-request-id"));
        assert!(answer.headers().get_all("vary").iter().any(|name| name == "Origin"));
    }
    let same_origin = restricted.send(Method::GET, "/clients/all", &[]).await;
    assert_eq!(header(&same_origin, "access-control-allow-origin"), None);
}

#[tokio::test]
async fn an_open_api_answers_anyone() {
    let restricted = Restricted::start(Callers::anyone()).await;
    let headers = [(HOST.as_str(), "parc.example"), (ORIGIN.as_str(), "https://other.example")];
    let answer = restricted.register(1, &headers).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(header(&answer, "access-control-allow-origin"), None);
}
