//! Answers that the gateway gives itself, without a function.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use shared::http::error;

use super::from_lambda;

/// An error that the gateway answers.
#[derive(Debug)]
pub(super) struct GatewayReply {
    pub(super) status: StatusCode,
    detail: &'static str,
    headers: HeaderMap,
}

impl GatewayReply {
    pub(super) fn new(status: StatusCode, detail: &'static str) -> Self {
        Self { status, detail, headers: HeaderMap::new() }
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
        let mut response = from_lambda(error(reply.status, reply.detail));
        response.headers_mut().extend(reply.headers);
        response
    }
}
