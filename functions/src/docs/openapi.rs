//! `GET /openapi.json`

use std::sync::{Mutex, PoisonError};

use lambda_http::{Request, RequestExt};
use serde_json::Value;
use shared::http::Response;

use super::document::{Access, DEFAULT_SERVER, document};
use super::file::File;
use super::files::OPENAPI;
use crate::routes;

/// The document as it was last served, and the address that it names.
type Served = Mutex<Option<(String, File)>>;

/// Returns the document of the deployed API.
#[must_use]
pub fn handle(request: &Request) -> Response {
    static SERVED: Served = Mutex::new(None);
    respond(request, &SERVED, || OPENAPI.text())
}

/// Like [`handle`], for an API that does not require tokens.
#[must_use]
pub fn handle_open(request: &Request) -> Response {
    static SERVED: Served = Mutex::new(None);
    respond(request, &SERVED, || document(&routes(Access::Open), Access::Open))
}

/// Returns the document with the address at which the caller reached it.
fn respond(request: &Request, served: &Served, document: impl FnOnce() -> String) -> Response {
    let address = address(request);
    let mut served = served.lock().unwrap_or_else(PoisonError::into_inner);
    let file = match served.take() {
        Some((known, file)) if known == address => file,
        _ => {
            let [default, own] = [DEFAULT_SERVER, &address].map(|url| Value::from(url).to_string());
            File::compress("openapi.json", &document().replacen(&default, &own, 1))
        }
    };
    let response = file.response(request.headers());
    *served = Some((address, file));
    response
}

/// Returns the URL of the API, without a slash at the end.
fn address(request: &Request) -> String {
    let uri = request.uri();
    let (scheme, authority) = (uri.scheme_str().unwrap_or_default(), uri.authority().map_or("", |name| name.as_str()));
    let prefix = request.raw_http_path().trim_end_matches("/openapi.json");
    format!("{scheme}://{authority}{prefix}")
}
