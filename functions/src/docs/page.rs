//! `GET /docs`, its files, and the redirect from `GET /`

use lambda_http::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY};
use lambda_http::http::{HeaderName, HeaderValue, StatusCode};
use lambda_http::{Body, Request, RequestExt};
use shared::http::{Response, accepts_gzip, error};

use super::files::{ASSETS, PAGE};

/// Content-Security-Policy: the page may only load its own files and call this API.
///
/// The two policies of trusted types let Swagger UI write HTML that DOMPurify has sanitized. The style sheet
/// contains images.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types default dompurify";

/// Cache header of an asset, whose name changes with its content.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

const HEADERS: [(HeaderName, &str); 4] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// Returns the page, one of its files, or a redirect to it.
///
/// The files are served compressed only: anyone may request them, 1.5 MB of them without compression, and the owner pays
/// for what is sent.
#[must_use]
pub fn handle(request: &Request) -> Response {
    let parameters = request.path_parameters_ref();
    match parameters.and_then(|parameters| parameters.first("asset")) {
        Some(name) => asset(request, name),
        None if request.raw_http_path().ends_with("/docs") => page(request),
        None => redirect(),
    }
}

fn page(request: &Request) -> Response {
    let mut response = PAGE.response(request.headers());
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn asset(request: &Request, name: &str) -> Response {
    if let Some(file) = ASSETS.iter().find(|file| file.name() == name) {
        if !accepts_gzip(request.headers()) {
            return error(
                StatusCode::NOT_ACCEPTABLE,
                "Ce fichier n’est servi que compressé : ajoutez Accept-Encoding: gzip",
            );
        }
        let mut response = file.response(request.headers());
        response.headers_mut().insert(CACHE_CONTROL, IMMUTABLE);
        return response;
    }
    error(StatusCode::NOT_FOUND, "Not Found")
}

/// Redirects to the page by a relative path, because the API may be deployed under a prefix.
fn redirect() -> Response {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    response.headers_mut().insert(LOCATION, HeaderValue::from_static("docs"));
    response
}
