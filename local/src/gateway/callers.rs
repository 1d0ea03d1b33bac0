//! Which hosts and origins may call the API, which does not authenticate requests here.
//!
//! A page of any site can send a request to this machine: a POST without a content type needs no preflight,
//! and with DNS rebinding the page may read the answers as well. The names that a browser sends give it away.

use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use testkit::AnyError;
use thiserror::Error;
use uuid::Uuid;

use super::cors::Cors;
use super::reply::GatewayReply;

/// An origin, such as `http://localhost:5173`, in the form that browsers send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(HeaderValue);

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let url: Uri = text.parse().map_err(|_| InvalidOrigin)?;
        match (url.scheme_str(), url.authority()) {
            (Some(scheme @ ("http" | "https")), Some(authority)) if !authority.as_str().contains('@') => {
                let origin = format!("{scheme}://{authority}").to_ascii_lowercase();
                let is_whole = text.trim_end_matches('/').eq_ignore_ascii_case(&origin);
                if is_whole {
                    HeaderValue::try_from(origin).map(Self).map_err(|_| InvalidOrigin)
                } else {
                    Err(InvalidOrigin)
                }
            }
            _ => Err(InvalidOrigin),
        }
    }
}

/// Error for a text that is not an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not an origin: expected http://HOST:PORT or https://HOST")]
pub struct InvalidOrigin;

/// Hosts and origins whose requests are answered.
#[derive(Debug)]
pub struct Callers {
    is_open: bool,
    cors: Option<(Vec<Origin>, Cors)>,
}

/// Why a request is refused.
#[derive(Debug)]
enum Refusal {
    /// Its host is not a name of this machine.
    Host,
    /// It comes from a page of another origin.
    Origin,
}

impl Callers {
    /// Accepts requests whose host is a loopback name, and whose origin, if there is one, is the API's own.
    #[must_use]
    pub fn of_this_machine() -> Self {
        Self { is_open: false, cors: None }
    }

    /// Accepts every request.
    #[must_use]
    pub fn anyone() -> Self {
        Self { is_open: true, cors: None }
    }

    /// Also accepts requests of these origins, and lets their pages read the answers.
    ///
    /// # Errors
    /// Returns an error if the template has no CORS configuration.
    pub fn with_cors(self, origins: Vec<Origin>) -> Result<Self, AnyError> {
        let cors = if origins.is_empty() { None } else { Some((origins, Cors::from_template()?)) };
        Ok(Self { cors, ..self })
    }

    /// Refuses requests of others before they reach the router.
    pub fn restrict(self, router: axum::Router) -> axum::Router {
        router.layer(from_fn_with_state(Arc::new(self), check))
    }

    /// Returns the CORS headers for a request, if its origin has some.
    fn cors(&self, headers: &HeaderMap) -> Option<(HeaderValue, &Cors)> {
        let (origins, cors) = self.cors.as_ref()?;
        let origin = headers.get(ORIGIN)?;
        origins.iter().any(|Origin(allowed)| allowed == origin).then(|| (origin.clone(), cors))
    }

    fn refusal(&self, request: &Request) -> Option<Refusal> {
        let headers = request.headers();
        if self.is_open {
            return None;
        }
        // The URI of a request to a proxy has a host of its own.
        let in_uri = request.uri().authority().map(|authority| authority.as_str().as_bytes());
        let mut hosts = headers.get_all(HOST).iter().map(HeaderValue::as_bytes).chain(in_uri).peekable();
        if hosts.peek().is_none() || !hosts.all(is_loopback) {
            return Some(Refusal::Host);
        }
        let mut origins = headers.get_all(ORIGIN).iter();
        let own = headers.get(HOST).map(|host| [b"http://", host.as_bytes()].concat()).unwrap_or_default();
        let is_own = origins.all(|origin| origin.as_bytes().eq_ignore_ascii_case(&own));
        (!is_own && self.cors(headers).is_none()).then_some(Refusal::Origin)
    }
}

async fn check(State(callers): State<Arc<Callers>>, request: Request, next: Next) -> Response {
    if let Some(refusal) = callers.refusal(&request) {
        return refuse(&refusal, request.headers());
    }
    let Some((origin, cors)) = callers.cors(request.headers()) else { return next.run(request).await };
    if request.method() == Method::OPTIONS {
        return cors.preflight(origin);
    }
    let mut response = next.run(request).await;
    cors.allow(&mut response, origin);
    response
}

fn refuse(refusal: &Refusal, headers: &HeaderMap) -> Response {
    let id = Uuid::new_v4().to_string();
    let (host, origin) = (headers.get(HOST), headers.get(ORIGIN));
    let detail = match refusal {
        Refusal::Host => {
            tracing::warn!(request_id = id, status = 403, ?host, "refused: not a loopback host; see --open-to-anyone");
            "Hôte refusé : seuls localhost et les adresses de bouclage sont acceptés (voir --open-to-anyone)"
        }
        Refusal::Origin => {
            tracing::warn!(request_id = id, status = 403, ?origin, "refused: a page of another origin; see --cors");
            "Origine refusée : seules les pages de cette API peuvent l’appeler (voir --cors)"
        }
    };
    GatewayReply::new(StatusCode::FORBIDDEN, detail).into_response(&id)
}

/// Parses a `Host` header: a name or an address, and possibly a port.
fn authority(host: &[u8]) -> Option<Authority> {
    Authority::try_from(host).ok().filter(|authority| !authority.as_str().contains('@'))
}

/// Returns `true` for the names and addresses that always lead to this machine, with or without a port.
fn is_loopback(host: &[u8]) -> bool {
    authority(host).is_some_and(|authority| {
        let host = authority.host().to_ascii_lowercase();
        let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&host);
        host == "localhost"
            || host.ends_with(".localhost")
            || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_names_are_recognised() {
        for host in ["localhost", "LOCALHOST:8000", "parc.localhost:1", "127.0.0.1:8000", "127.0.0.2", "[::1]:8000"] {
            assert!(is_loopback(host.as_bytes()), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example:8000",
            "notlocalhost",
            "127.0.0.1.evil.example",
            "192.168.0.1:8000",
            "[::2]",
            "0.0.0.0:8000",
            "localhost@evil.example",
            "evil.example@localhost",
        ] {
            assert!(!is_loopback(host.as_bytes()), "{host}");
        }
    }

    #[test]
    fn origins_are_read_as_browsers_send_them() {
        let origin = |text: &str| text.parse().map(|Origin(origin)| origin);
        for text in ["http://localhost:5173", "http://LOCALHOST:5173", "http://localhost:5173/"] {
            assert_eq!(origin(text), Ok(HeaderValue::from_static("http://localhost:5173")), "{text}");
        }
        for text in ["", "*", "null", "localhost:5173", "http://", "ftp://x", "http://x/y", "http://x?y", "http://a@x"]
        {
            assert_eq!(origin(text), Err(InvalidOrigin), "{text}");
        }
    }
}
