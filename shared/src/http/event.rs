//! Events of API Gateway, in payload format 2.0.

use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpRequestContext};
use lambda_http::http::header::HOST;
use lambda_http::http::uri::{Authority, PathAndQuery, Scheme};
use lambda_http::http::{HeaderMap, Uri};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Context, Request, RequestExt};
use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;

/// An event of API Gateway.
///
/// It is not read with `lambda_http`, which panics if the query string is not part of a URI, if the host is not part of
/// a URL, or if the body is not Base64 although the event says so.
#[derive(Debug)]
pub struct Event(pub(super) Result<Request, MalformedEvent>);

/// An event that is not an HTTP request. Only its identifier and its route are known.
#[derive(Debug)]
pub(super) struct MalformedEvent(pub(super) Request);

/// The part of an event by which a malformed request is answered and logged.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    request_context: HeadContext,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HeadContext {
    request_id: String,
    route_key: String,
}

impl Event {
    /// Adds Lambda's context, which holds the deadline.
    #[must_use]
    pub fn with_lambda_context(self, context: Context) -> Self {
        Self(self.0.map(|request| request.with_lambda_context(context)))
    }
}

impl From<Request> for Event {
    fn from(request: Request) -> Self {
        Self(Ok(request))
    }
}

impl From<ApiGatewayV2httpRequest> for Event {
    fn from(event: ApiGatewayV2httpRequest) -> Self {
        let query = event.raw_query_string.as_deref().unwrap_or_default();
        let uri = uri(&event.headers, event.request_context.domain_name.as_deref(), query);
        let body = match event.body {
            None => Some(Body::Empty),
            Some(text) if event.is_base64_encoded => BASE64.decode(text).ok().map(Body::Binary),
            Some(text) => Some(Body::Text(text)),
        };
        let (Some(uri), Some(body)) = (uri, body) else { return malformed(event.request_context) };
        let mut request = Request::new(body);
        *request.uri_mut() = uri;
        *request.method_mut() = event.request_context.http.method.clone();
        *request.headers_mut() = event.headers;
        let request = request
            .with_raw_http_path(event.raw_path.unwrap_or_default())
            .with_path_parameters(event.path_parameters)
            .with_request_context(RequestContext::ApiGatewayV2(event.request_context));
        Self(Ok(request))
    }
}

/// An event whose headers or method HTTP does not allow is [`MalformedEvent`]; one without an identifier and a route is an
/// error, because it is not a request to the API.
impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let event = <&RawValue>::deserialize(deserializer)?.get();
        match serde_json::from_str::<ApiGatewayV2httpRequest>(event) {
            Ok(event) => Ok(event.into()),
            Err(error) => match serde_json::from_str(event) {
                Ok(Head { request_context: HeadContext { request_id, route_key } }) => {
                    let mut context = ApiGatewayV2httpRequestContext::default();
                    (context.request_id, context.route_key) = (Some(request_id), Some(route_key));
                    Ok(malformed(context))
                }
                Err(_) => Err(de::Error::custom(format!("not an event of API Gateway: {error}"))),
            },
        }
    }
}

fn malformed(context: ApiGatewayV2httpRequestContext) -> Event {
    let request = Request::default().with_request_context(RequestContext::ApiGatewayV2(context));
    Event(Err(MalformedEvent(request)))
}

/// Returns the address of a request, without its path, which [`RequestExt::raw_http_path`] returns. `None` if the query
/// string is not part of a URI. A host that is not part of a URI counts as missing.
fn uri(headers: &HeaderMap, domain_name: Option<&str>, query: &str) -> Option<Uri> {
    let path_and_query =
        if query.is_empty() { PathAndQuery::from_static("/") } else { format!("/?{query}").try_into().ok()? };
    let host = headers.get(HOST).and_then(|host| Authority::try_from(host.as_bytes()).ok());
    let authority = host.or_else(|| domain_name?.try_into().ok());
    let scheme = headers.get("x-forwarded-proto").and_then(|scheme| Scheme::try_from(scheme.as_bytes()).ok());
    let uri = Uri::builder().path_and_query(path_and_query);
    match authority {
        Some(authority) => uri.scheme(scheme.unwrap_or(Scheme::HTTPS)).authority(authority).build().ok(),
        None => uri.build().ok(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use serde_json::{Value, json};

    use super::*;

    fn event() -> Value {
        json!({
            "routeKey": "GET /clients/all",
            "rawPath": "/clients/all",
            "rawQueryString": "nom=caf%C3%A9&limit=2",
            "headers": { "host": "parc.example:8000", "x-forwarded-proto": "http" },
            "requestContext": {
                "domainName": "other.example",
                "http": { "method": "GET" },
                "requestId": "one",
                "routeKey": "GET /clients/all",
            },
        })
    }

    fn read(event: &Value) -> Event {
        serde_json::from_str(&event.to_string()).expect("an event")
    }

    fn uri(event: &Value) -> String {
        read(event).0.expect("a request").uri().to_string()
    }

    #[test]
    fn requests_are_those_of_lambda_http() {
        let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
        for file in fs::read_dir(events).expect("a folder") {
            let text = fs::read_to_string(file.expect("a file").path()).expect("text");
            let event: Event = serde_json::from_str(&text).expect("an event");
            let ours = event.0.expect("a request");
            let theirs = lambda_http::request::from_str(&text).expect("a request");
            assert_eq!(
                (ours.method(), ours.headers(), ours.body()),
                (theirs.method(), theirs.headers(), theirs.body())
            );
            assert_eq!(ours.raw_http_path(), theirs.raw_http_path());
            assert_eq!(ours.path_parameters(), theirs.path_parameters());
            let [ours, theirs] = [ours.uri(), theirs.uri()];
            assert_eq!((ours.scheme(), ours.authority()), (theirs.scheme(), theirs.authority()));
            assert_eq!(ours.query(), theirs.query());
        }
    }

    #[test]
    fn a_malformed_part_makes_the_event_malformed() {
        for (pointer, malformed) in [
            ("/rawQueryString", json!("nom=é\u{1}")),
            ("/rawQueryString", json!("nom=a b")),
            ("/rawQueryString", json!("a".repeat(1 << 16))),
            ("/headers", json!({ "a b": "c" })),
            ("/headers", json!({ "a": "b\nc" })),
            ("/requestContext/http/method", json!("G T")),
        ] {
            let mut event = event();
            *event.pointer_mut(pointer).expect("a part") = malformed;
            let Event(Err(MalformedEvent(request))) = read(&event) else { panic!("{event}") };
            let context = request.request_context_ref();
            let Some(RequestContext::ApiGatewayV2(context)) = context else { panic!("{context:?}") };
            assert_eq!(context.request_id.as_deref(), Some("one"));
            assert_eq!(context.route_key.as_deref(), Some("GET /clients/all"));
        }
        let mut encoded = event();
        encoded["body"] = json!("{}");
        encoded["isBase64Encoded"] = json!(true);
        assert!(matches!(read(&encoded), Event(Err(_))));
    }

    #[test]
    fn an_invalid_host_counts_as_missing() {
        let mut event = event();
        assert_eq!(uri(&event), "http://parc.example:8000/?nom=caf%C3%A9&limit=2");
        for invalid in ["", "[::", "x?y", "a b"] {
            event["headers"] = json!({ "host": invalid, "x-forwarded-proto": "a b" });
            assert_eq!(uri(&event), "https://other.example/?nom=caf%C3%A9&limit=2", "{invalid}");
        }
        event["requestContext"]["domainName"] = Value::Null;
        assert_eq!(uri(&event), "/?nom=caf%C3%A9&limit=2");
    }

    #[test]
    fn an_event_of_another_source_is_an_error() {
        for other in [json!({}), json!(null), json!([1]), json!({ "requestContext": { "http": { "method": "GET " } } })]
        {
            assert!(serde_json::from_str::<Event>(&other.to_string()).is_err(), "{other}");
        }
    }
}
