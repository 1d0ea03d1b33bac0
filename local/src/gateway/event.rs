//! The API Gateway event of an HTTP request, in payload format 2.0.
//!
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>.

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::request::Parts;
use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use chrono::Utc;
use functions::Route;
use serde_json::{Map, Value, json};

const FORWARDED_PROTO: &str = "x-forwarded-proto";

/// A request and its route, from which the event is made.
pub(super) struct Event<'a> {
    pub(super) id: &'a str,
    pub(super) parts: &'a Parts,
    pub(super) path: &'a str,
    pub(super) body: &'a Bytes,
    pub(super) route: &'a Route,
    pub(super) parameters: &'a matchit::Params<'a, 'a>,
}

impl Event<'_> {
    /// Returns the event as Lambda receives it.
    pub(super) fn to_json(&self) -> String {
        let Self { id, parts, path, body, route, parameters } = self;
        let now = Utc::now();
        let text = if is_text(&parts.headers) { std::str::from_utf8(body).ok() } else { None };
        let parameters: Map<_, _> = parameters.iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        let event = json!({
            "version": "2.0",
            "routeKey": route.key(),
            "rawPath": path,
            "rawQueryString": parts.uri.query().unwrap_or_default(),
            "headers": headers(&parts.headers),
            "pathParameters": parameters,
            "requestContext": {
                "accountId": "anonymous",
                "apiId": "local",
                "domainName": "localhost",
                "domainPrefix": "localhost",
                "http": {
                    "method": parts.method.as_str(),
                    "path": path,
                    "protocol": format!("{:?}", parts.version),
                    "sourceIp": "127.0.0.1",
                    "userAgent": "",
                },
                "requestId": id,
                "routeKey": route.key(),
                "stage": "$default",
                "time": now.format("%d/%b/%Y:%H:%M:%S %z").to_string(),
                "timeEpoch": now.timestamp_millis(),
            },
            "body": text.map_or_else(|| BASE64.encode(body).into(), Value::from),
            "isBase64Encoded": text.is_none(),
        });
        event.to_string()
    }
}

/// Returns the headers, with repeated ones joined by commas.
fn headers(headers: &HeaderMap) -> Map<String, Value> {
    let kept = headers.keys().filter(|name| *name != FORWARDED_PROTO);
    let kept = kept.map(|name| {
        let values = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        (name.to_string(), values.collect::<Vec<_>>().join(",").into())
    });
    kept.chain([(FORWARDED_PROTO.to_owned(), "http".into())]).collect()
}

/// Returns `true` if API Gateway passes the body as text, and not as base64.
fn is_text(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else { return !headers.contains_key(CONTENT_ENCODING) };
    let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
    !headers.contains_key(CONTENT_ENCODING)
        && ["text/", "application/json", "application/xml", "application/javascript"]
            .iter()
            .any(|t| value.starts_with(t))
}
