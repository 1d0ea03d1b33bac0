//! A table that answers with errors, late, or not at all; and callers who write the same client.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use shared::models::{Filter, Pagination};
use shared::store::RequestContext;
use testkit::raw::text;
use testkit::{Fault, fresh, inputs};

use crate::support::{Api, body};

/// A cancelled transaction: the second of three conditions did not hold, and the third item was locked.
const REFUSED: (u16, &str) = (
    400,
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"Transaction cancelled",
        "CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed"},{"Code":"TransactionConflict"}]}"#,
);

/// A cancelled transaction that met another one half-way: the first item was still locked, and the second
/// had changed already.
const HALF_COMMITTED: (u16, &str) = (
    400,
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"Transaction cancelled",
        "CancellationReasons":[{"Code":"TransactionConflict"},{"Code":"ConditionalCheckFailed"}]}"#,
);

#[tokio::test]
async fn transient_errors_of_writes_are_retried() {
    let next = || Fault::next("TransactWriteItems", 6);
    for fault in [
        next().answers(Fault::CONFLICT),
        next().answers(HALF_COMMITTED),
        next().answers(Fault::TRANSACTION_THROTTLED),
        next().answers(Fault::TRANSACTION_OVER_CAPACITY),
        next().answers(Fault::IN_PROGRESS),
        next().answers(Fault::THROTTLED),
        next().answers(Fault::THROTTLING),
        next().answers(Fault::REQUEST_LIMIT),
        next().answers(Fault::BROKEN),
        next().answers(Fault::HTML),
        next().answers((429, "")),
        next().answers((400, "<html>Bad Request</html>")),
        next().answers_after(Fault::BROKEN),
        next().cuts(),
        next().loses_the_answer(),
        next().truncates_the_answer(),
        next().corrupts_the_answer("{", "["),
        next().answers(Fault::EMPTY),
        next().answers_after(Fault::EMPTY),
        next().answers((200, "{}")),
        next().corrupts_the_answer("\"ConsumedCapacity\":", "\"ConsumedCapocity\":"),
        next().arrives_late(Duration::from_millis(20)),
    ] {
        let api = Api::start().await;
        let (through, proxy) = api.behind(vec![fault]).await;
        let client = through.register("Boulangerie Morin", 12).await;
        assert_eq!(proxy.take_calls().len(), 7);
        proxy.wait_for_late_calls().await;
        assert_eq!(body(api.get("/clients/all").await).await, json!([client]), "written more than once");
    }
}

#[tokio::test]
async fn transient_errors_of_reads_are_retried() {
    let api = Api::start().await;
    let client = api.register("Boulangerie Morin", 12).await;
    let next = || Fault::next("Query", 6);
    for fault in [
        next().answers(Fault::THROTTLED),
        next().answers(Fault::THROTTLING),
        next().answers(Fault::REQUEST_LIMIT),
        next().answers(Fault::BROKEN),
        next().answers(Fault::HTML),
        next().cuts(),
        next().loses_the_answer(),
        next().truncates_the_answer(),
        next().corrupts_the_answer("{", "["),
        next().answers(Fault::EMPTY),
        next().corrupts_the_answer("Morin", "Marin"),
        next().answers_after(Fault::EMPTY),
        next().answers((200, "{}")),
        next().corrupts_the_answer("\"ConsumedCapacity\":", "\"ConsumedCapocity\":"),
        next().arrives_late(Duration::from_millis(20)),
    ] {
        let (through, _proxy) = api.behind(vec![fault]).await;
        assert_eq!(body(through.get("/clients/all").await).await, json!([client]));
    }
}

#[tokio::test]
async fn a_failed_condition_is_not_retried() {
    let api = Api::start().await;
    let (through, proxy) = api.behind(vec![Fault::next("TransactWriteItems", 1).answers(REFUSED)]).await;
    let answer = through.post("/clients/register", r#"{"nom":"x","code":12}"#).await;
    assert_eq!(answer.status(), 409);
    assert_eq!(proxy.take_calls().len(), 1);
}

#[tokio::test]
async fn an_outage_until_the_deadline_is_unavailable() {
    let api = Api::start().await;
    let always = || Fault::next("Query", i64::MAX);
    for fault in [always().answers(Fault::THROTTLED), always().answers(Fault::BROKEN), always().cuts()] {
        let time_limit = Duration::from_secs(2);
        let (through, proxy) = api.behind_for(time_limit, vec![fault]).await;
        let started = Instant::now();
        let answer = through.get("/clients/all").await;
        let elapsed = started.elapsed();
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.headers()["retry-after"], "1");
        assert_eq!(body(answer).await, json!({ "detail": "Service momentanément indisponible" }));
        // The last pause may have been too long for what was left.
        assert!((Duration::from_secs(1)..Duration::from_secs(3)).contains(&elapsed), "{elapsed:?}");
        let attempts = proxy.take_calls().len();
        assert!((5..30).contains(&attempts), "{attempts} attempts");
    }
}

#[tokio::test]
async fn a_process_recovers_at_once_after_an_outage() {
    let api = Api::start().await;
    let (through, proxy) = api.behind_for(Duration::from_millis(300), Vec::new()).await;
    proxy.add(Fault::next("Query", 600).answers(Fault::BROKEN));
    let outage = join_all((0..40).map(async |_| through.get("/clients/all").await.status().as_u16()));
    assert_eq!(outage.await, [503; 40]);
    while proxy.take_calls().iter().all(|call| call.answer.is_null()) {
        through.get("/clients/all").await;
    }
    // One fault of each request: each is retried.
    proxy.add(Fault::every(2, "Query").answers(Fault::BROKEN));
    for _ in 0..100 {
        assert_eq!(through.get("/clients/all").await.status(), 200);
    }
}

#[tokio::test]
async fn retries_and_conflicts_are_counted() {
    let api = Api::start().await;
    let faults = vec![
        Fault::next("TransactWriteItems", 3).answers(Fault::CONFLICT),
        Fault::next("TransactWriteItems", 2).answers(Fault::TRANSACTION_THROTTLED),
        Fault::next("Query", 1).answers(Fault::THROTTLED),
    ];
    let (through, _proxy) = api.behind(faults).await;
    let store = through.store();
    fresh(store.register_client(inputs::client("x", 1))).await;
    assert_eq!((store.usage().conflicts(), store.usage().retries()), (3, 5));
    let store = through.store();
    let mut list = store.clients(&Filter::ALL, Pagination::ALL).await.expect("a list");
    list.next().await.expect("a page").expect("a client");
    assert_eq!((store.usage().conflicts(), store.usage().retries()), (0, 1));
}

#[tokio::test]
async fn a_missing_table_or_endpoint_is_unavailable() {
    let api = Api::start().await;
    let nowhere = api.through("http://127.0.0.1:1").await;
    assert_eq!(nowhere.post("/clients/register", r#"{"nom":"x","code":1}"#).await.status(), 503);
    let (unknown, proxy) = api.behind(vec![Fault::next("Query", 9).answers(Fault::NO_TABLE)]).await;
    assert_eq!(unknown.get("/clients/all").await.status(), 503);
    assert_eq!(proxy.take_calls().len(), 1, "it is not transient");
}

#[tokio::test]
async fn a_missing_reservation_fails_an_update_at_once() {
    let api = Api::start().await;
    let client = api.register("Boulangerie Morin", 12).await;
    api.raw().delete(["CODE#12", "CODE"]).await;
    let (through, proxy) = api.behind(Vec::new()).await;
    let update = json!({ "client_id": client["client_id"], "nom": "Boulangerie Morin", "code": 13 });
    let answer = through.send(Method::PUT, "/clients/update", update.to_string()).await;
    assert_eq!(answer.status(), 500);
    let calls = proxy.take_calls();
    assert_eq!(calls.iter().filter(|call| call.operation == "TransactWriteItems").count(), 3);
    // `verify` restores the reservation, and the update succeeds.
    api.app.database.verify(true, |_| {}).await.expect("a check");
    assert_eq!(through.send(Method::PUT, "/clients/update", update.to_string()).await.status(), 200);
}

#[tokio::test]
async fn an_attribute_of_another_type_is_an_internal_error() {
    let api = Api::start().await;
    let client = api.register("Boulangerie Morin", 12).await;
    let id = client["client_id"].as_str().expect("an id");
    api.raw().set([&format!("CLIENT#{id}"), "CLIENT"], "sites", text("one")).await;
    let site = json!({ "client_id": id, "nom": "Fournil" }).to_string();
    assert_eq!(api.post("/sites/register", site).await.status(), 500);
}

#[tokio::test]
async fn a_missing_parent_that_another_item_points_to_is_an_internal_error() {
    let api = Api::start().await;
    let client = api.register("Boulangerie Morin", 12).await;
    let site = json!({ "client_id": client["client_id"], "nom": "Fournil" }).to_string();
    let site = body(api.post("/sites/register", site).await).await;
    let id = |entity: &serde_json::Value, name: &str| entity[name].as_str().expect("an id").to_owned();
    let (client, site) = (id(&client, "client_id"), id(&site, "site_id"));
    api.raw().delete([&format!("CLIENT#{client}"), &format!("SITE#{site}")]).await;
    let equipement = json!({ "site_id": site, "nom": "Four" }).to_string();
    assert_eq!(api.post("/equipements/register", equipement).await.status(), 500);
}

#[tokio::test]
async fn one_of_eight_callers_gets_a_code() {
    let api = Api::start().await;
    for code in 0..20 {
        let register = async |caller: usize| {
            let client = json!({ "nom": format!("caller {caller}"), "code": code }).to_string();
            api.post("/clients/register", client).await.status().as_u16()
        };
        let mut statuses = join_all((0..8).map(register)).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409]);
    }
    assert_eq!(body(api.get("/clients/all").await).await.as_array().map(Vec::len), Some(20));
}

#[tokio::test]
async fn concurrent_changes_of_a_code_leave_one_code_taken() {
    let api = Api::start().await;
    let client = api.register("Boulangerie Morin", 0).await;
    let update = async |code: i64| {
        let update = json!({ "client_id": client["client_id"], "nom": format!("nom {code}"), "code": code });
        api.send(Method::PUT, "/clients/update", update.to_string()).await.status().as_u16()
    };
    assert_eq!(join_all((1..=16).map(update)).await, [200; 16]);
    let last = body(api.get("/clients/all").await).await[0].clone();
    assert_eq!(last["nom"], format!("nom {}", last["code"]));
    // Every code except the last one's is free again.
    for code in 0..=16 {
        let taken = last["code"] == code;
        let status = api.post("/clients/register", json!({ "nom": "x", "code": code }).to_string()).await.status();
        assert_eq!(status, if taken { 409 } else { 200 }, "code {code}");
    }
}

#[tokio::test]
async fn an_unavailable_table_is_reported_with_the_cause() {
    let api = Api::start().await;
    let every = || Fault::every(1, "Query");
    for (fault, cause) in [
        (every().cuts(), "connection failed: client error (SendRequest): connection closed before message completed"),
        (every().loses_the_answer(), "connection failed: client error (SendRequest): connection closed"),
        (every().truncates_the_answer(), "truncated or invalid response"),
        (every().answers(Fault::BROKEN), "InternalServerError: oh"),
        (every().answers(Fault::THROTTLED), "ProvisionedThroughputExceededException"),
    ] {
        let (through, _proxy) = api.behind(vec![fault]).await;
        let database = &through.app.database;
        let request = RequestContext::anonymous(Duration::from_secs(1), database.random());
        let mut clients = database.for_request(request).clients(&Filter::ALL, Pagination::ALL).await.expect("a list");
        let error = clients.next().await.expect_err("no answer").to_string();
        assert!(error.starts_with(&format!("table unavailable: {cause}")), "{error}");
    }
}
