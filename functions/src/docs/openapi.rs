//! `GET /openapi.json`

use std::sync::OnceLock;

use lambda_http::Request;
use shared::http::Response;

use super::document::{Access, document};
use super::file::File;
use super::files::OPENAPI;
use crate::routes;

/// Answers with the document of the API as it is deployed, from the file in the repository.
#[must_use]
pub fn handle(request: &Request) -> Response {
    OPENAPI.response(request.headers())
}

/// As [`handle`], where no token is asked for: then the document does not speak of one.
#[must_use]
pub fn handle_open(request: &Request) -> Response {
    static OPEN: OnceLock<File> = OnceLock::new();
    let made = || {
        File::made("openapi.json", &document(&routes(Access::Open), Access::Open)).unwrap_or_else(|_| OPENAPI.clone())
    };
    OPEN.get_or_init(made).response(request.headers())
}
