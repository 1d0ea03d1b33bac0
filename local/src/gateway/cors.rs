//! CORS, as API Gateway answers it with the template's configuration.

use axum::body::Body;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, InvalidHeaderValue, VARY,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use testkit::{AnyError, template};

/// Headers of answers to pages of other origins.
#[derive(Debug)]
pub(super) struct Cors {
    allow_methods: HeaderValue,
    allow_headers: HeaderValue,
    expose_headers: HeaderValue,
    max_age: HeaderValue,
}

/// `CorsConfiguration` of the template.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Configuration {
    allow_methods: Vec<String>,
    allow_headers: Vec<String>,
    expose_headers: Vec<String>,
    max_age: u32,
}

impl Cors {
    /// Reads the configuration of the template.
    pub(super) fn from_template() -> Result<Self, AnyError> {
        let configuration: Configuration = serde_json::from_value(template::cors()?)?;
        Ok(Self {
            allow_methods: list(&configuration.allow_methods)?,
            allow_headers: list(&configuration.allow_headers)?,
            expose_headers: list(&configuration.expose_headers)?,
            max_age: configuration.max_age.into(),
        })
    }

    /// Answers a preflight request of an allowed origin.
    pub(super) fn preflight(&self, origin: HeaderValue) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        self.allow(&mut response, origin);
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, self.allow_methods.clone());
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, self.allow_headers.clone());
        headers.insert(ACCESS_CONTROL_MAX_AGE, self.max_age.clone());
        response
    }

    /// Lets the page of an allowed origin read a response.
    pub(super) fn allow(&self, response: &mut Response, origin: HeaderValue) {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, self.expose_headers.clone());
        headers.append(VARY, HeaderValue::from_static("Origin"));
    }
}

fn list(names: &[String]) -> Result<HeaderValue, InvalidHeaderValue> {
    HeaderValue::try_from(names.join(","))
}
