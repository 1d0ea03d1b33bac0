//! The events of API Gateway that callers cause.

use serde_json::{Map, Value, json};

use super::call::{Http, tag};
use super::caller::User;

/// Returns the headers of a request.
pub(super) fn headers(if_match: Option<u64>, if_none_match: Option<&str>, key: Option<&str>) -> Map<String, Value> {
    let mut headers = Map::from_iter([("content-type".to_owned(), "application/json".into())]);
    headers.extend(if_match.map(|version| ("if-match".to_owned(), tag(version).into())));
    headers.extend(if_none_match.map(|tag| ("if-none-match".to_owned(), tag.into())));
    headers.extend(key.and_then(|key| key.split_once(' ')).map(|(_, key)| ("idempotency-key".to_owned(), key.into())));
    headers
}

/// Returns the event of a request, or of a further page of its list.
pub(super) fn event(
    http: &Http,
    link: Option<&str>,
    request_id: &str,
    user: &User,
    headers: &Map<String, Value>,
) -> Value {
    let Http { route, path, parameter, body, .. } = http;
    let query = http.query_of_page(link);
    let method = route.split(' ').next().unwrap_or_default();
    json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "pathParameters": parameter.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect::<Map<_, Value>>(),
        "requestContext": {
            "authorizer": { "jwt": { "claims": { "iss": format!("https://{}", user.issuer), "sub": user.name }, "scopes": null } },
            "domainName": "parc.example",
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "" },
            "requestId": request_id,
            "routeKey": route,
            "stage": "$default",
            "timeEpoch": 0,
        },
        "body": body.as_ref().map(Value::to_string),
        "isBase64Encoded": false,
    })
}
