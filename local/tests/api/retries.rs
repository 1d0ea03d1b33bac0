//! Requests that are sent again under their `Idempotency-Key`.

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use testkit::Fault;
use testkit::raw::{number, text};

use crate::entities::{Entities, id, renamed, send, tag};
use crate::histories::recount;
use crate::support::{Api, body};

/// A write: its method, path and body.
type Write = (Method, String, Option<Value>);

/// Returns every write that succeeds on these entities, once each in this order.
fn writes(entities: &Entities) -> Vec<Write> {
    let mut writes = vec![(Method::POST, "/clients/register".to_owned(), Some(json!({ "nom": "Café", "code": 20 })))];
    let of_client = json!({ "client_id": entities.client["client_id"], "nom": "Dépôt" });
    writes.push((Method::POST, "/sites/register".to_owned(), Some(of_client)));
    let of_site = json!({ "site_id": entities.site["site_id"], "nom": "Pétrin" });
    writes.push((Method::POST, "/equipements/register".to_owned(), Some(of_site)));
    let mut all = entities.all();
    all.reverse();
    for (kind, entity) in all {
        let path = format!("/{kind}s/{}", id(kind, entity));
        writes.push((Method::PUT, format!("/{kind}s/update"), Some(renamed(entity, "Autre"))));
        // Changes nothing.
        writes.push((Method::POST, format!("{path}/reactivate"), None));
        writes.push((Method::DELETE, path.clone(), None));
        writes.push((Method::POST, format!("{path}/reactivate"), None));
    }
    writes
}

async fn send_with_key(api: &Api, (method, path, sent): &Write, key: &str) -> Response {
    send(api, method.clone(), path, sent.clone(), &[("idempotency-key", key)]).await
}

/// Returns the status, tag, replay marker and body of an answer.
async fn kept(response: Response) -> (StatusCode, Option<String>, bool, Vec<u8>) {
    let has_tag = response.headers().contains_key("etag");
    let tag = has_tag.then(|| tag(&response));
    let is_replayed = response.headers().get("idempotency-replayed").is_some_and(|value| value == "true");
    (response.status(), tag, is_replayed, response.bytes().await.expect("a body").to_vec())
}

async fn assert_reused(answer: Response) {
    assert_eq!(answer.status(), 422);
    let violation = &body(answer).await["detail"][0];
    assert_eq!(violation["type"], "idempotency_key_reused");
    assert_eq!(violation["loc"], json!(["header", "idempotency-key"]));
}

/// Returns the number of transactions that changed an entity: one history entry each.
async fn changes(api: &Api) -> usize {
    let is_entry = |sort: &str| sort.starts_with("VERSION#");
    api.raw().items().await.iter().filter(|item| item["SK"].as_s().is_ok_and(|sort| is_entry(sort))).count()
}

#[tokio::test]
async fn a_repeated_write_gets_its_first_answer_again() {
    let entities = Entities::new().await;
    let api = &entities.api;
    for (number, write) in writes(&entities).iter().enumerate() {
        let key = format!("key-{number}");
        let (status, tag, is_replayed, first) = kept(send_with_key(api, write, &key).await).await;
        assert_eq!((status.as_u16(), is_replayed), (200, false), "{write:?}");
        let before = changes(api).await;
        for repeated in [&key, &format!("\"{key}\"")] {
            let again = kept(send_with_key(api, write, repeated).await).await;
            assert_eq!(again, (status, tag.clone(), true, first.clone()), "{write:?}");
        }
        assert_eq!(changes(api).await, before, "{write:?}");
    }
    // Also after everything has changed.
    for (number, write) in writes(&entities).iter().enumerate() {
        let (status, _, is_replayed, _) = kept(send_with_key(api, write, &format!("key-{number}")).await).await;
        assert_eq!((status.as_u16(), is_replayed), (200, true), "{write:?}");
    }
    recount(api).await;
    assert_eq!(api.findings().await, [""; 0]);
}

#[tokio::test]
async fn a_key_is_refused_for_another_request() {
    let entities = Entities::new().await;
    let (api, client) = (&entities.api, id("client", &entities.client));
    let update = |nom: &str, code: Value| json!({ "client_id": client, "nom": nom, "code": code });
    let put = async |sent: Value, headers: &[(&str, &str)]| {
        let headers = [&[("idempotency-key", "one")], headers].concat();
        send(api, Method::PUT, "/clients/update", Some(sent), &headers).await
    };
    let first = kept(put(update("Autre", json!(12)), &[("if-match", "\"1-a\"")]).await).await;
    // Other forms of the same request.
    for (sent, tags) in [
        (update(" Autre ", json!("12")), "\"1-a\""),
        (update("Autre", json!(12.0)), "\"1-b-gzip\""),
        (json!({ "code": 12, "client_id": client.to_uppercase(), "nom": "Autre", "x": 1 }), "\"1-a\", W/\"3-c\""),
    ] {
        let (status, tag, is_replayed, again) = kept(put(sent, &[("if-match", tags)]).await).await;
        assert_eq!((status, &tag, is_replayed, &again), (first.0, &first.1, true, &first.3));
    }
    for (sent, headers) in [
        (update("Autre", json!(13)), &[("if-match", "\"1-a\"")][..]),
        (update("Encore", json!(12)), &[("if-match", "\"1-a\"")]),
        (update("Autre", json!(12)), &[("if-match", "\"2-a\"")]),
        (update("Autre", json!(12)), &[("if-match", "*")]),
        (update("Autre", json!(12)), &[]),
    ] {
        assert_reused(put(sent, headers).await).await;
    }
    let unknown = "019a5a1e-3c08-7000-8000-000000000001";
    for (method, path, sent) in [
        (Method::DELETE, format!("/clients/{client}"), None),
        // The key is checked before the entity is read.
        (Method::DELETE, format!("/clients/{unknown}"), None),
        (Method::DELETE, "/clients/not-an-identifier".to_owned(), None),
        (Method::POST, format!("/clients/{client}/reactivate"), None),
        (Method::POST, "/clients/register".to_owned(), Some(json!({ "nom": "x", "code": 77 }))),
        (Method::POST, "/clients/register".to_owned(), Some(json!({ "nom": "x", "code": 12 }))),
    ] {
        assert_reused(send_with_key(api, &(method, path, sent), "one").await).await;
    }
    for (first, second) in [(&[][..], &[("if-match", "*")][..]), (&[("if-match", "*")], &[])] {
        let key = [("idempotency-key", if first.is_empty() { "two" } else { "three" })];
        let delete = async |headers: &[(&str, &str)]| {
            send(api, Method::DELETE, &format!("/clients/{client}"), None, &[&key[..], headers].concat()).await
        };
        assert_eq!(delete(first).await.status(), 200);
        assert_reused(delete(second).await).await;
    }
    assert_eq!(api.findings().await, [""; 0]);
}

#[tokio::test]
async fn a_refused_write_is_decided_again_when_repeated() {
    let entities = Entities::new().await;
    let api = &entities.api;
    let register: Write = (Method::POST, "/clients/register".to_owned(), Some(json!({ "nom": "Café", "code": 12 })));
    assert_eq!(send_with_key(api, &register, "one").await.status(), 409);
    let mut freed = renamed(&entities.client, "Boulangerie Morin");
    freed["code"] = json!(13);
    assert_eq!(send(api, Method::PUT, "/clients/update", Some(freed), &[]).await.status(), 200);
    let (status, _, is_replayed, _) = kept(send_with_key(api, &register, "one").await).await;
    assert_eq!((status.as_u16(), is_replayed), (200, false));
}

#[tokio::test]
async fn a_kept_answer_precedes_every_refusal() {
    let entities = Entities::new().await;
    let (api, site) = (&entities.api, id("site", &entities.site));
    let client = id("client", &entities.client);
    let add: Write = (Method::POST, "/equipements/register".to_owned(), Some(json!({ "site_id": site, "nom": "x" })));
    let first = kept(send_with_key(api, &add, "add").await).await;
    let update = renamed(&entities.client, "Autre");
    let conditional = [("if-match", "\"1-a\""), ("idempotency-key", "edit")];
    let edit = || send(api, Method::PUT, "/clients/update", Some(update.clone()), &conditional);
    let edited = kept(edit().await).await;
    assert_eq!(edited.0, 200);
    // The version changed, the site is inactive; in the second round, the items are missing.
    send(api, Method::DELETE, &format!("/sites/{site}"), None, &[]).await;
    for _ in 0..2 {
        let (again, edited_again) = (kept(send_with_key(api, &add, "add").await).await, kept(edit().await).await);
        assert_eq!((again.0, &again.1, again.2, &again.3), (first.0, &first.1, true, &first.3));
        assert_eq!((edited_again.0, &edited_again.1, &edited_again.3), (edited.0, &edited.1, &edited.3));
        api.raw().delete([&format!("SITE#{site}"), "CLIENT"]).await;
        api.raw().delete([&format!("CLIENT#{client}"), "CLIENT"]).await;
    }
    assert_eq!(send_with_key(api, &add, "other").await.status(), 404);
}

#[tokio::test]
async fn an_expired_answer_counts_as_absent() {
    let entities = Entities::new().await;
    let api = &entities.api;
    let write: Write = (Method::POST, "/clients/register".to_owned(), Some(json!({ "nom": "Café", "code": 20 })));
    let answer = send_with_key(api, &write, "one").await;
    assert_eq!(answer.status(), 200);
    let requested_at: DateTime<Utc> = serde_json::from_value(body(answer).await["timestamp"].clone()).expect("a time");
    let items = api.raw().items().await;
    let kept = items.iter().find(|item| item["SK"] == text("RETRY")).expect("a kept answer");
    let (key, expires_at) = (kept["PK"].as_s().expect("text"), kept["expires_at"].as_n().expect("a number"));
    let kept_for = expires_at.parse::<i64>().expect("seconds") - requested_at.timestamp();
    assert_eq!(kept_for, 24 * 3600 + 60);
    // An expired answer may stay in the table for a while.
    for (seconds, status) in [(60, 200), (-5, 409)] {
        let expires_at = number(Utc::now().timestamp() + seconds);
        api.raw().set([key, "RETRY"], "expires_at", expires_at).await;
        assert_eq!(send_with_key(api, &write, "one").await.status(), status);
    }
    let other: Write = (Method::POST, "/clients/register".to_owned(), Some(json!({ "nom": "Autre", "code": 21 })));
    let answer = send_with_key(api, &other, "one").await;
    assert_eq!(answer.status(), 200, "the key is not free for another request");
    assert!(!answer.headers().contains_key("idempotency-replayed"));
}

#[tokio::test]
async fn concurrent_repetitions_get_one_answer() {
    let entities = Entities::new().await;
    let faults = vec![
        Fault::every(3, "TransactWriteItems").answers(Fault::CONFLICT),
        Fault::every(4, "TransactWriteItems").drops_the_answer(),
        Fault::every(5, "TransactWriteItems").answers(Fault::IN_PROGRESS),
    ];
    let (through, _proxy) = entities.api.behind(faults).await;
    for (number, write) in writes(&entities).iter().enumerate() {
        let before = changes(&entities.api).await;
        let key = format!("key-{number}");
        let repetitions = (0..16).map(async |_| kept(send_with_key(&through, write, &key).await).await);
        let answers = join_all(repetitions).await;
        let (status, tag, _, first) = &answers[0];
        assert_eq!(status.as_u16(), 200, "{write:?}");
        assert!(answers.iter().all(|answer| (&answer.0, &answer.1, &answer.3) == (status, tag, first)), "{answers:?}");
        let fresh = answers.iter().filter(|(_, _, is_replayed, _)| !is_replayed).count();
        assert!(fresh <= 1, "{fresh} answers of {write:?} are fresh");
        assert!(changes(&entities.api).await - before <= 1, "{write:?}");
    }
    recount(&entities.api).await;
    assert_eq!(entities.api.findings().await, [""; 0]);
}

#[tokio::test]
async fn each_decision_has_its_own_transaction_token() {
    let entities = Entities::new().await;
    let faults = vec![
        Fault::next("TransactWriteItems", 1).answers(Fault::CONFLICT),
        Fault::next("TransactWriteItems", 1).answers(Fault::SECOND_REFUSED),
        Fault::next("TransactWriteItems", 1).drops_the_answer(),
    ];
    let (through, proxy) = entities.api.behind(faults).await;
    let write: Write = (Method::PUT, "/clients/update".to_owned(), Some(renamed(&entities.client, "Autre")));
    assert_eq!(send_with_key(&through, &write, "one").await.status(), 200);
    let calls = proxy.take_calls();
    let tokens: Vec<_> = calls.iter().filter_map(|call| call.request["ClientRequestToken"].as_str()).collect();
    let [first, again, second, last] = tokens[..] else { panic!("{tokens:?}") };
    assert!(first == again && second == last && first != second, "{tokens:?}");
}

#[tokio::test]
async fn keys_are_not_stored() {
    let entities = Entities::new().await;
    let key = "9f3c-a-secret-key";
    for (number, write) in writes(&entities).iter().enumerate() {
        assert_eq!(send_with_key(&entities.api, write, &format!("{key}-{number}")).await.status(), 200);
    }
    let items = format!("{:?}", entities.api.raw().items().await);
    assert!(items.contains("RETRY#") && !items.contains(key));
}
