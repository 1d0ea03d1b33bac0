//! A table that answers with errors, late or not at all, and callers that write the same client.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::{Method, Response};
use serde_json::json;
use shared::models::{Filter, Pagination};
use shared::store::RequestContext;
use testkit::raw::text;
use testkit::{Fault, Gate, fresh, inputs};

use crate::support::{Api, body};

/// A cancelled transaction: the second of three conditions does not hold, and the third item is locked.
const REFUSED: (u16, &str) = (
    400,
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"Transaction cancelled",
        "CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed"},{"Code":"TransactionConflict"}]}"#,
);

/// A transaction that is cancelled while another one commits: the first item is still locked, and the second
/// has changed already.
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
        next().answers(Fault::SERVER_ERROR),
        next().answers(Fault::HTML_PAGE),
        next().answers((429, "")),
        next().answers((400, "<html>Bad Request</html>")),
        next().answers_after(Fault::SERVER_ERROR),
        next().drops_the_call(),
        next().drops_the_answer(),
        next().truncates_the_answer(),
        next().corrupts_the_answer("{", "["),
        next().answers(Fault::EMPTY_SUCCESS),
        next().answers_after(Fault::EMPTY_SUCCESS),
        next().answers((200, "{}")),
        next().corrupts_the_answer("\"ConsumedCapacity\":", "\"ConsumedCapocity\":"),
        next().delays_the_call(Duration::from_millis(20)),
    ] {
        let api = Api::start().await;
        let (through, proxy) = api.behind(vec![fault]).await;
        let client = through.register("Boulangerie Morin", 12).await;
        assert_eq!(proxy.take_calls().len(), 7);
        proxy.wait_for_delayed_calls().await;
        assert_eq!(
            body(api.get("/clients/all").await).await,
            json!([client]),
            "the client is not written exactly once"
        );
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
        next().answers(Fault::SERVER_ERROR),
        next().answers(Fault::HTML_PAGE),
        next().drops_the_call(),
        next().drops_the_answer(),
        next().truncates_the_answer(),
        next().corrupts_the_answer("{", "["),
        next().answers(Fault::EMPTY_SUCCESS),
        next().corrupts_the_answer("Morin", "Marin"),
        next().answers_after(Fault::EMPTY_SUCCESS),
        next().answers((200, "{}")),
        next().corrupts_the_answer("\"ConsumedCapacity\":", "\"ConsumedCapocity\":"),
        next().delays_the_call(Duration::from_millis(20)),
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
async fn an_outage_is_retried_until_the_deadline() {
    let api = Api::start().await;
    let always = || Fault::always("Query");
    for fault in [always().answers(Fault::THROTTLED), always().answers(Fault::SERVER_ERROR), always().drops_the_call()]
    {
        let (through, proxy) = api.behind(vec![fault]).await;
        let hurried = through.with_time_limit(Duration::from_secs(2)).await;
        let started = Instant::now();
        let answer = hurried.get("/clients/all").await;
        // The next pause may be too long for the time that is left.
        assert!(started.elapsed() > Duration::from_secs(1), "{:?}", started.elapsed());
        let attempts = proxy.take_calls().len();
        assert!(attempts < 30, "{attempts} attempts");
        assert_unavailable(answer).await;
    }
}

#[tokio::test]
async fn a_silent_table_is_unavailable_at_the_deadline() {
    let api = Api::start().await;
    for operation in ["Query", "TransactWriteItems"] {
        let (through, proxy) = api.behind(vec![Fault::always(operation).keeps_silent()]).await;
        // The attempt itself has ample time.
        let hurried = through.with_time_limit(Duration::from_millis(300)).await;
        let answer = match operation {
            "Query" => hurried.get("/clients/all").await,
            _ => hurried.post("/clients/register", r#"{"nom":"x","code":12}"#).await,
        };
        assert_unavailable(answer).await;
        assert!(proxy.take_calls().len() <= 1, "the call is not repeated after the deadline");
    }
}

async fn assert_unavailable(answer: Response) {
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "1");
    assert_eq!(body(answer).await, json!({ "detail": "Service momentanément indisponible" }));
}

#[tokio::test]
async fn a_process_recovers_at_once_after_an_outage() {
    let api = Api::start().await;
    let gate = Arc::new(Gate::default());
    let (through, proxy) = api.behind(vec![Fault::until(&gate, "Query").answers(Fault::SERVER_ERROR)]).await;
    let hurried = through.with_time_limit(Duration::from_millis(300)).await;
    let outage = join_all((0..40).map(async |_| hurried.get("/clients/all").await.status().as_u16()));
    assert_eq!(outage.await, [503; 40]);
    gate.open();
    // A quota of retries, if there were one, would be empty.
    proxy.add(Fault::every(2, "Query").answers(Fault::SERVER_ERROR));
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
    let unreachable = Api::without_table().await;
    assert_eq!(unreachable.post("/clients/register", r#"{"nom":"x","code":1}"#).await.status(), 503);
    let (unknown, proxy) = api.behind(vec![Fault::next("Query", 9).answers(Fault::NO_TABLE)]).await;
    assert_eq!(unknown.get("/clients/all").await.status(), 503);
    assert_eq!(proxy.take_calls().len(), 1, "the error is not transient");
}

#[tokio::test]
async fn a_missing_reservation_fails_an_update_without_retries() {
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
    api.app.database.verify(true, |_| {}).await.expect("a completed check");
    assert_eq!(through.send(Method::PUT, "/clients/update", update.to_string()).await.status(), 200);
}

#[tokio::test]
async fn an_attribute_of_the_wrong_type_is_an_internal_error() {
    let api = Api::start().await;
    let client = api.register("Boulangerie Morin", 12).await;
    let id = client["client_id"].as_str().expect("an id");
    api.raw().set([&format!("CLIENT#{id}"), "CLIENT"], "sites", text("one")).await;
    let site = json!({ "client_id": id, "nom": "Fournil" }).to_string();
    assert_eq!(api.post("/sites/register", site).await.status(), 500);
}

#[tokio::test]
async fn a_lost_site_with_a_parent_pointer_is_an_internal_error() {
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
async fn one_of_eight_registrations_gets_a_code() {
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
async fn concurrent_code_changes_leave_one_code_taken() {
    let api = Api::start().await;
    let client = api.register("Boulangerie Morin", 0).await;
    let update = async |code: i64| {
        let update = json!({ "client_id": client["client_id"], "nom": format!("nom {code}"), "code": code });
        api.send(Method::PUT, "/clients/update", update.to_string()).await.status().as_u16()
    };
    assert_eq!(join_all((1..=16).map(update)).await, [200; 16]);
    let last = body(api.get("/clients/all").await).await[0].clone();
    assert_eq!(last["nom"], format!("nom {}", last["code"]));
    // Every code except the last one is free again.
    for code in 0..=16 {
        let taken = last["code"] == code;
        let status = api.post("/clients/register", json!({ "nom": "x", "code": code }).to_string()).await.status();
        assert_eq!(status, if taken { 409 } else { 200 }, "code {code}");
    }
}

#[tokio::test]
async fn an_unavailable_table_is_reported_with_the_cause() {
    const CLOSED: &str = "connection failed: client error (SendRequest): connection closed";
    let api = &Api::start().await;
    let every = || Fault::every(1, "Query");
    // Each is retried until the deadline: long enough for an attempt to end on a busy machine.
    let time_limit = Duration::from_secs(5);
    let cases = [
        (every().drops_the_call(), &[CLOSED][..]),
        (every().drops_the_answer(), &[CLOSED]),
        // The last attempt may have met the connection that the one before it left closed.
        (every().truncates_the_answer(), &["truncated or invalid response", CLOSED]),
        (every().answers(Fault::SERVER_ERROR), &["InternalServerError: oh"]),
        (every().answers(Fault::THROTTLED), &["ProvisionedThroughputExceededException"]),
    ];
    let checks = cases.map(async |(fault, causes)| {
        let (through, _proxy) = api.behind(vec![fault]).await;
        let database = &through.app.database;
        let request = RequestContext::anonymous(time_limit, database.random());
        let mut clients = database.for_request(request).clients(&Filter::ALL, Pagination::ALL).await.expect("a list");
        let error = clients.next().await.expect_err("no answer").to_string();
        let cause = error.strip_prefix("table unavailable: ").expect("an unavailable table");
        // If the deadline ends an attempt, the cause of the attempt before it follows.
        let cause = cause.strip_prefix("no answer before the deadline; before: ").unwrap_or(cause);
        assert!(causes.iter().any(|expected| cause.starts_with(expected)), "{error}");
    });
    join_all(checks).await;
}
