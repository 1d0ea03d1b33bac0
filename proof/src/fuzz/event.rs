//! Target `event`: an event of API Gateway, to the function of its route.

use lambda_http::Body;
use lambda_http::http::HeaderValue;
use lambda_http::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY, X_CONTENT_TYPE_OPTIONS};
use serde_json::{Map, Value};
use shared::http::{Event, Response};

use super::api::Api;

/// Statuses of answers to requests of any content.
const STATUSES: [u16; 10] = [200, 304, 307, 400, 404, 406, 409, 412, 413, 422];

/// Maximum size of the answer to an input of the fuzzer in bytes: the largest file of the documentation page.
const MAX_ANSWER: usize = 2 << 20;

/// Headers that parc reads.
const HEADERS: [&str; 9] = [
    "accept-encoding",
    "content-encoding",
    "content-type",
    "host",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "x-forwarded-proto",
    "x-request-id",
];

/// Texts of an event that a caller chooses, at least in part.
const TEXTS: [&str; 6] = [
    "/rawQueryString",
    "/body",
    "/rawPath",
    "/requestContext/requestId",
    "/requestContext/http/method",
    "/requestContext/domainName",
];

/// Checks that an event is answered: with a status that the contract has, as JSON, with the common headers.
pub fn check(input: &[u8]) {
    Api::check(|api| {
        let input = api.with_ids(input);
        // Lambda reports an event of another source as failed.
        let Ok(event) = serde_json::from_slice::<Event>(&input) else { return };
        // `Event` skips members that it does not know, even a number that is too large for `Value`. The route of such an
        // event cannot be read here.
        let Ok(value) = serde_json::from_slice::<Value>(&input) else { return };
        let route_key = value["routeKey"].as_str().unwrap_or_default();
        let response = api.answer(route_key, event);
        check_answer(&response);
        let id = value["requestContext"]["requestId"].as_str().unwrap_or_default();
        assert_eq!(response.headers().get("x-request-id"), HeaderValue::try_from(id).ok().as_ref());
    });
}

fn check_answer(response: &Response) {
    let (status, headers) = (response.status().as_u16(), response.headers());
    let body: &[u8] = response.body();
    assert!(STATUSES.contains(&status), "{status}: {}", String::from_utf8_lossy(body));
    assert!(body.len() <= MAX_ANSWER, "{} bytes", body.len());
    for name in [CACHE_CONTROL, VARY, X_CONTENT_TYPE_OPTIONS] {
        assert!(headers.contains_key(&name), "{status} without {name}");
    }
    for (name, value) in headers {
        // Lambda's answer is JSON.
        assert!(std::str::from_utf8(value.as_bytes()).is_ok(), "{name}: {value:?}");
    }
    assert_eq!(headers.contains_key(CONTENT_ENCODING), matches!(response.body(), Body::Binary(_)), "{status}");
    let content_type = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    if status >= 400 || content_type == Some(b"application/json") && !headers.contains_key(CONTENT_ENCODING) {
        let body: Value = serde_json::from_slice(body).expect("JSON");
        assert_eq!(status >= 400, body.get("detail").is_some(), "{status}: {body}");
    }
    if status == 304 {
        assert!(body.is_empty());
    }
}

/// Changes one text of an event with `mutate`, and keeps the event one. Returns `None` if it is not a JSON object.
#[must_use]
pub fn mutate(event: &[u8], random: &mut fastrand::Rng, mutate: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Option<Vec<u8>> {
    let mut event: Value = serde_json::from_slice(event).ok().filter(Value::is_object)?;
    let text = match random.u8(..) {
        0..16 => {
            let routes = functions::routes(functions::docs::Access::Token);
            event["routeKey"] = routes[random.usize(..routes.len())].key().into();
            return Some(event.to_string().into_bytes());
        }
        16..24 => {
            event["isBase64Encoded"] = random.bool().into();
            return Some(event.to_string().into_bytes());
        }
        24..112 => event.pointer_mut(TEXTS[random.usize(..TEXTS.len())]),
        112..144 => member(event.get_mut("pathParameters")?, random),
        144..208 => {
            let name = HEADERS[random.usize(..HEADERS.len())];
            Some(event.get_mut("headers")?.as_object_mut()?.entry(name).or_insert("".into()))
        }
        208.. => member(event.get_mut("headers")?, random),
    }?;
    let mutated = mutate(text.as_str().unwrap_or_default().as_bytes().to_vec());
    *text = String::from_utf8_lossy(&mutated).into();
    Some(event.to_string().into_bytes())
}

fn member<'a>(object: &'a mut Value, random: &mut fastrand::Rng) -> Option<&'a mut Value> {
    let members: &mut Map<_, _> = object.as_object_mut()?;
    let index = random.usize(..members.len().max(1));
    members.values_mut().nth(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_that_is_not_an_object_is_not_changed() {
        for seed in 0..100 {
            let mut random = fastrand::Rng::with_seed(seed);
            for json in ["5", "[]", "\"\"", "null"] {
                assert_eq!(mutate(json.as_bytes(), &mut random, |text| text), None, "seed {seed}: {json}");
            }
        }
    }
}
