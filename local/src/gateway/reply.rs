//! Answers that the gateway gives itself, without a function.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::json;

/// Headers of every error, like those that functions send.
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (CONTENT_TYPE, HeaderValue::from_static("application/json")),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (VARY, HeaderValue::from_static("Accept-Encoding")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

/// An error that the gateway answers.
#[derive(Debug)]
pub(super) struct GatewayReply {
    pub(super) status: StatusCode,
    detail: &'static str,
    headers: HeaderMap,
}

impl GatewayReply {
    pub(super) fn new(status: StatusCode, detail: &'static str) -> Self {
        Self { status, detail, headers: HeaderMap::from_iter(HEADERS) }
    }

    /// Adds a header, unless the value is not one that HTTP allows.
    pub(super) fn with_header(mut self, name: HeaderName, value: String) -> Self {
        if let Ok(value) = HeaderValue::try_from(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// Returns the response to the request with this id.
    pub(super) fn into_response(self, id: &str) -> Response {
        let reply = self.with_header(HeaderName::from_static("x-request-id"), id.to_owned());
        let mut response = Response::new(Body::from(json!({ "detail": reply.detail }).to_string()));
        *response.status_mut() = reply.status;
        *response.headers_mut() = reply.headers;
        response
    }
}
