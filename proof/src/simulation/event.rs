//! The events of API Gateway that callers cause.

use serde_json::{Map, Value, json};

use super::call::Http;
use super::caller::User;
use super::if_match::IfMatch;

/// Returns the headers of a request.
pub(super) fn headers(if_match: Option<IfMatch>, if_none_match: Option<&str>, key: Option<&str>) -> Map<String, Value> {
    let mut headers = Map::from_iter([("content-type".to_owned(), "application/json".into())]);
    headers.extend(if_match.map(|if_match| ("if-match".to_owned(), if_match.header().into())));
    headers.extend(if_none_match.map(|tag| ("if-none-match".to_owned(), tag.into())));
    headers.extend(key.and_then(|key| key.split_once(' ')).map(|(_, key)| ("idempotency-key".to_owned(), key.into())));
    headers
}

/// An HTTP request as API Gateway hands it to a function.
pub(crate) struct GatewayRequest<'a> {
    pub(crate) route: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) parameters: Map<String, Value>,
    pub(crate) headers: &'a Map<String, Value>,
    pub(crate) body: Option<String>,
    pub(crate) request_id: &'a str,
}

impl GatewayRequest<'_> {
    /// Returns its event.
    pub(crate) fn event(self) -> Value {
        let Self { route, path, query, parameters, headers, body, request_id } = self;
        let method = route.split(' ').next().unwrap_or_default();
        json!({
            "version": "2.0",
            "routeKey": route,
            "rawPath": path,
            "rawQueryString": query,
            "headers": headers,
            "pathParameters": parameters,
            "requestContext": {
                "domainName": "parc.example",
                "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "" },
                "requestId": request_id,
                "routeKey": route,
                "stage": "$default",
                "timeEpoch": 0,
            },
            "body": body,
            "isBase64Encoded": false,
        })
    }
}

/// Returns the event of a user's request, or of a further page of its list.
pub(super) fn event(
    http: &Http,
    link: Option<&str>,
    request_id: &str,
    user: &User,
    headers: &Map<String, Value>,
) -> Value {
    let Http { route, path, parameter, body, .. } = http;
    let parameters = parameter.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
    let (query, body) = (http.query_of_page(link), body.as_ref().map(Value::to_string));
    let mut event = GatewayRequest { route, path, query, parameters, headers, body, request_id }.event();
    let User { claim, name, issuer } = user;
    let claims = json!({ "iss": format!("https://{issuer}"), (*claim): name });
    event["requestContext"]["authorizer"] = json!({ "jwt": { "claims": claims, "scopes": null } });
    event
}
