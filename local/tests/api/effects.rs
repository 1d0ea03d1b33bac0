//! Callers who repeat a request under its key until it succeeds: each key has one effect, whatever fails.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Fault;

use crate::entities::{Entities, send};
use crate::histories::recount;
use crate::linear::mixture;
use crate::support::{Api, body};

/// Time limit of a request; short, so that callers are answered 503 and repeat.
const TIME_LIMIT: Duration = Duration::from_millis(500);

/// Registers an équipement under a key until that succeeds. Returns its identifier.
async fn register(api: &Api, site: &Value, key: &str) -> String {
    let sent = json!({ "site_id": site, "nom": key });
    for _ in 0..200 {
        let started = Instant::now();
        let headers = [("idempotency-key", key)];
        let answer = send(api, Method::POST, "/equipements/register", Some(sent.clone()), &headers).await;
        assert!(started.elapsed() < TIME_LIMIT * 4, "answered {:?} after the deadline", started.elapsed());
        match answer.status().as_u16() {
            200 => return body(answer).await["equipement_id"].as_str().expect("an id").to_owned(),
            status => assert_eq!(status, 503),
        }
    }
    panic!("{key} is never answered")
}

/// Registers eight équipements at the same time, each under its key, and counts them.
async fn assert_one_effect_per_key(faults: Vec<Fault>) {
    let entities = Entities::new().await;
    let (through, proxy) = entities.api.behind_for(TIME_LIMIT, faults).await;
    let site = &entities.site["site_id"];
    let keys: Vec<_> = (0..8).map(|number| format!("key-{number}")).collect();
    let acknowledged = join_all(keys.iter().map(|key| register(&through, site, key))).await;
    proxy.wait_for_late_calls().await;
    let there = body(entities.api.get("/equipements/all").await).await;
    let there = there.as_array().expect("a list").iter().filter(|it| it["nom"] != "Four");
    let there: Vec<_> = there.map(|it| it["equipement_id"].as_str().expect("an id").to_owned()).collect();
    assert_eq!(there.len(), keys.len());
    assert_eq!(BTreeSet::from_iter(there), BTreeSet::from_iter(acknowledged));
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
        sometimes(8).answers(Fault::HTML),
        sometimes(9).answers(Fault::EMPTY),
        sometimes(10).answers_after(Fault::EMPTY),
        sometimes(11).answers_after(Fault::BROKEN),
        sometimes(12).corrupts_the_answer("CapacityUnits", "CapacityUnitz"),
        sometimes(13).cuts(),
        sometimes(14).loses_the_answer(),
        sometimes(15).truncates_the_answer(),
        sometimes(16).arrives_late(Duration::from_millis(20)),
        sometimes(17).arrives_late(Duration::from_millis(500)),
        Fault::sometimes(0.5, 18, "GetItem").answers(Fault::EMPTY),
    ];
    for fault in kinds {
        assert_one_effect_per_key(vec![fault]).await;
    }
}

#[tokio::test]
async fn each_key_has_one_effect_under_mixed_faults() {
    for seed in 0..20 {
        assert_one_effect_per_key(mixture(1000 + seed)).await;
    }
}
