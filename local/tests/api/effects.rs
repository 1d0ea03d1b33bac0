//! Callers that repeat a request under its key until it succeeds: each key has one effect, whatever fails.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Fault;

use crate::entities::{Entities, send};
use crate::histories::recount;
use crate::linear::mixture;
use crate::support::{Api, body};

/// Registers an équipement, repeating the request under its key after each 503. Returns its identifier.
async fn register(api: &Api, site: &Value, key: &str) -> String {
    let sent = json!({ "site_id": site, "nom": key });
    for _ in 0..200 {
        let headers = [("idempotency-key", key)];
        let answer = send(api, Method::POST, "/equipements/register", Some(sent.clone()), &headers).await;
        match answer.status().as_u16() {
            200 => return body(answer).await["equipement_id"].as_str().expect("an id").to_owned(),
            status => assert_eq!(status, 503),
        }
    }
    panic!("{key} had no answer in 200 attempts")
}

/// Registers eight équipements at the same time, each under its key, and checks that each exists once.
async fn assert_one_effect_per_key(faults: Vec<Fault>) {
    let entities = Entities::new().await;
    let (through, proxy) = entities.api.behind(faults).await;
    let site = &entities.site["site_id"];
    let keys: Vec<_> = (0..8).map(|number| format!("key-{number}")).collect();
    let acknowledged = join_all(keys.iter().map(|key| register(&through, site, key))).await;
    proxy.wait_for_delayed_calls().await;
    let listed = body(entities.api.get("/equipements/all").await).await;
    let registered = listed.as_array().expect("a list").iter().filter(|equipement| equipement["nom"] != "Four");
    let ids: Vec<_> = registered.map(|it| it["equipement_id"].as_str().expect("an id").to_owned()).collect();
    assert_eq!(ids.len(), keys.len());
    assert_eq!(BTreeSet::from_iter(ids), BTreeSet::from_iter(acknowledged));
    recount(&entities.api).await;
    assert_eq!(entities.api.findings().await, [""; 0]);
}

#[tokio::test]
async fn each_key_has_one_effect_under_every_kind_of_fault() {
    let sometimes = |seed| Fault::sometimes(0.5, seed, "TransactWriteItems");
    let kinds = [
        sometimes(1).answers(Fault::CONFLICT),
        sometimes(2).answers(Fault::TRANSACTION_THROTTLED),
        sometimes(3).answers(Fault::TRANSACTION_OVER_CAPACITY),
        sometimes(4).answers(Fault::THROTTLED),
        sometimes(5).answers(Fault::THROTTLING),
        sometimes(6).answers(Fault::REQUEST_LIMIT),
        sometimes(7).answers(Fault::IN_PROGRESS),
        sometimes(8).answers(Fault::HTML_PAGE),
        sometimes(9).answers(Fault::EMPTY_SUCCESS),
        sometimes(10).answers_after(Fault::EMPTY_SUCCESS),
        sometimes(11).answers_after(Fault::SERVER_ERROR),
        sometimes(12).corrupts_the_answer("CapacityUnits", "CapacityUnitz"),
        sometimes(13).drops_the_call(),
        sometimes(14).drops_the_answer(),
        sometimes(15).truncates_the_answer(),
        sometimes(16).delays_the_call(Duration::from_millis(20)),
        sometimes(17).delays_the_call(Duration::from_millis(500)),
        sometimes(18).answers_after(Fault::NO_TABLE),
        sometimes(19).answers_before(Fault::NO_TABLE, Duration::from_millis(20)),
        sometimes(20).answers_before(Fault::NO_TABLE, Duration::from_millis(500)),
        Fault::sometimes(0.5, 21, "GetItem").answers(Fault::EMPTY_SUCCESS),
    ];
    for (fault, seed) in kinds.into_iter().zip(100..) {
        // Fails the request, often after other faults, so that the caller repeats it.
        let fails = Fault::sometimes(0.3, seed, "TransactWriteItems").answers(Fault::NO_TABLE);
        assert_one_effect_per_key(vec![fault, fails]).await;
    }
}

#[tokio::test]
async fn each_key_has_one_effect_under_mixed_faults() {
    for seed in 0..20 {
        assert_one_effect_per_key(mixture(1000 + seed)).await;
    }
}
