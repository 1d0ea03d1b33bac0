//! Callers that tokens name: their keys, and their names in histories.

use serde_json::{Value, json};
use testkit::raw::{RawTable, stored_size};

use crate::support::{Table, body, event, start};

/// Returns an event with the claims of a token, as API Gateway passes them on, and a key.
fn claimed(name: &str, claims: &Value, key: &str) -> Value {
    let mut event = event(name);
    event["requestContext"]["authorizer"] = json!({ "jwt": { "claims": claims, "scopes": ["parc/write"] } });
    event["headers"]["idempotency-key"] = json!(key);
    event
}

fn claims(issuer: &str, claim: &str, name: &str) -> Value {
    json!({ "iss": issuer, (claim): name, "exp": "1800000000", "scope": "parc/write" })
}

#[tokio::test]
async fn equal_keys_of_two_callers_are_independent() {
    let table = Table::new().await;
    let function = start("clients-register", table.url()).await;
    let register = async |claims: &Value, code: i64| {
        let mut event = claimed("clients-register", claims, "one");
        event["body"] = json!({ "nom": "Boulangerie Morin", "code": code }).to_string().into();
        function.answer(event).await
    };
    let callers = [
        claims("https://issuer.example", "sub", "agent"),
        claims("https://issuer.example", "sub", "other"),
        claims("https://other.example", "sub", "agent"),
        claims("https://issuer.example", "client_id", "agent"),
        json!({ "iss": "https://issuer.example", "sub": "someone", "client_id": "agent" }),
    ];
    for (claims, code) in callers.iter().zip(1..) {
        let answer = register(claims, code).await;
        assert_eq!(answer["statusCode"], 200, "{claims}: {answer}");
        assert_eq!(answer["headers"]["idempotency-replayed"], Value::Null, "{claims}");
        // A renewed token names the same caller.
        let mut renewed = claims.clone();
        renewed["exp"] = json!("1900000000");
        let again = register(&renewed, code).await;
        assert_eq!(again["headers"]["idempotency-replayed"], "true", "{claims}");
        assert_eq!(again["body"], answer["body"]);
    }
}

#[tokio::test]
async fn a_history_names_caller_and_request() {
    let table = Table::new().await;
    let register = start("clients-register", table.url()).await;
    let history = start("clients-history", table.url()).await;
    let made = [
        (json!({ "iss": "https://issuer.example", "sub": "agent", "client_id": "app" }), json!("agent")),
        (json!({ "iss": "https://issuer.example", "client_id": "app" }), json!("app")),
        (json!({}), Value::Null),
    ];
    for ((claims, par), code) in made.into_iter().zip(1..) {
        let mut event = claimed("clients-register", &claims, &format!("key-{code}"));
        event["body"] = json!({ "nom": "Boulangerie Morin", "code": code }).to_string().into();
        let client = body(&register.answer(event).await)["client_id"].clone();
        let mut event = self::event("clients-history");
        event["pathParameters"]["client_id"] = client;
        let entries = body(&history.answer(event).await);
        assert_eq!([&entries[0]["par"], &entries[0]["requete"]], [&par, &json!("clients-register")]);
    }
}

#[tokio::test]
async fn a_history_entry_has_less_than_400_bytes() {
    let table = Table::new().await;
    let function = start("clients-register", table.url()).await;
    let caller = claims("https://issuer.example", "sub", "0e24f8b4-1d0e-4f35-9c2c-0d3a5e7b9c11");
    let mut event = claimed("clients-register", &caller, "one");
    // As long as an identifier of API Gateway.
    event["requestContext"]["requestId"] = json!("JKJaXmPLvHcESHA=");
    assert_eq!(function.answer(event).await["statusCode"], 200);
    let items = RawTable::new(table.url()).items().await;
    let entry = items.iter().find(|item| item["SK"].as_s().is_ok_and(|sort| sort.starts_with("VERSION#")));
    let size = stored_size(entry.expect("an entry"));
    assert!((300..400).contains(&size), "{size} bytes");
}

#[tokio::test]
async fn keys_and_callers_are_not_logged() {
    let table = Table::new().await;
    let function = start("clients-register", table.url()).await;
    let (key, caller) = ("a-secret-key-of-a-caller", "somebody-at-somewhere");
    let claims = claims("https://issuer.example", "sub", caller);
    // A success, a replay, a key that is used for another request, and a malformed one.
    for (code, key, status) in [(2, key, 200), (2, key, 200), (3, key, 422), (4, "a-secret-key of-a-caller", 422)] {
        let mut event = claimed("clients-register", &claims, key);
        event["body"] = json!({ "nom": "Boulangerie Morin", "code": code }).to_string().into();
        assert_eq!(function.answer(event).await["statusCode"], status);
    }
    let log = function.log().await;
    assert_eq!(log.lines().count(), 4);
    assert!(!log.contains("a-secret-key") && !log.contains(caller) && !log.contains("of-a-caller"), "{log}");
    let items = format!("{:?}", RawTable::new(table.url()).items().await);
    assert!(items.contains(caller) && !items.contains("a-secret-key"), "{items}");
}
