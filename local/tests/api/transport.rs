//! Calls to the table that are answered in part, arrive late or fail at random.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use testkit::{Call, Fault};

use crate::histories::recount;
use crate::support::{Api, body};

#[tokio::test]
async fn unprocessed_keys_are_read_again() {
    let api = Api::start().await;
    let mut clients = Vec::new();
    for code in 0..7 {
        clients.push(api.register("Boulangerie Morin", code).await);
    }
    let (through, proxy) = api.behind(vec![Fault::next("BatchGetItem", 3).leaves_half_unprocessed()]).await;
    assert_eq!(body(through.get("/clients/all?nom=boul").await).await, json!(clients));
    let keys = |call: &Call| call.request["RequestItems"]["parc"]["Keys"].as_array().map(Vec::len);
    assert_eq!(proxy.take_calls().iter().filter_map(keys).collect::<Vec<_>>(), [7, 3, 1]);
}

#[tokio::test]
async fn random_errors_of_reads_are_retried() {
    let api = Api::start().await;
    let mut attempts = Vec::new();
    for _ in 0..2 {
        let (through, proxy) = api.behind(vec![Fault::sometimes(0.25, 7, "Query").answers(Fault::SERVER_ERROR)]).await;
        for _ in 0..100 {
            assert_eq!(through.get("/clients/all").await.status(), 200);
        }
        attempts.push(proxy.take_calls().len());
    }
    assert!((115..155).contains(&attempts[0]), "{attempts:?}");
    assert_eq!(attempts[0], attempts[1], "the same seed selects other calls");
}

#[tokio::test]
async fn a_late_attempt_with_the_same_token_changes_nothing() {
    let api = Api::start().await;
    let client = api.register("Boulangerie Morin", 12).await;
    let (slow, proxy) = api.behind(vec![Fault::next("TransactWriteItems", 1).holds_the_call()]).await;
    for (api, nom) in [(&slow, "first"), (&api, "second")] {
        let update = json!({ "client_id": client["client_id"], "nom": nom, "code": 12 });
        assert_eq!(api.send(Method::PUT, "/clients/update", update.to_string()).await.status(), 200);
    }
    // Both attempts of the first update have one token, so the late one succeeds and changes nothing.
    assert_eq!(proxy.release().await, [200]);
    assert_eq!(body(api.get("/clients/all").await).await[0]["nom"], "second");
}

#[tokio::test]
async fn counters_are_right_after_random_delays() {
    let api = Api::start().await;
    let client = api.register("Boulangerie Morin", 12).await;
    let faults = vec![
        Fault::sometimes(0.3, 1, "TransactWriteItems").delays_the_call(Duration::from_millis(50)),
        Fault::sometimes(0.2, 2, "TransactWriteItems").corrupts_the_answer("{", "["),
        Fault::sometimes(0.2, 3, "GetItem").answers(Fault::REQUEST_LIMIT),
    ];
    let (through, proxy) = api.behind(faults).await;
    join_all((0..8).map(async |_| {
        let site = json!({ "client_id": client["client_id"], "nom": "Fournil" }).to_string();
        let site = body(through.post("/sites/register", site).await).await;
        let path = format!("/sites/{}", site["site_id"].as_str().expect("an id"));
        let reactivate = format!("{path}/reactivate");
        for (method, path) in [(Method::DELETE, &path), (Method::POST, &reactivate), (Method::DELETE, &path)] {
            assert_eq!(through.send(method, path, "").await.status(), 200);
        }
    }))
    .await;
    assert!(!proxy.wait_for_delayed_calls().await.is_empty());
    recount(&api).await;
    assert_eq!(api.findings().await, [""; 0]);
}
