//! A table that stumbles, and callers who meet on the same client.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use shared::models::{ClientRegister, Code, Filter, Nom, Part};

use crate::stumble::{BROKEN, CONFLICT, Fault, ITEM_CONFLICT, THROTTLE, stumbling};
use crate::support::{Api, body};

#[tokio::test]
async fn a_conflict_between_transactions_is_tried_again() {
    let api = Api::start().await;
    let through = stumbling(&api, vec![Fault::next("TransactWriteItems", CONFLICT, 6)]).await;
    let client = through.register("Boulangerie Morin", 12).await;
    assert_eq!(body(api.get("/clients/all").await).await, json!([client]));
}

/// What DynamoDB says when a transaction of two writes was throttled.
const THROTTLED: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message":"Transaction cancelled","CancellationReasons":[{"Code":"ThrottlingError"},{"Code":"None"}]}"#;

#[tokio::test]
async fn whatever_passes_is_tried_again() {
    const ONGOING: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionInProgressException",
        "Message":"ongoing"}"#;
    for passing in [THROTTLED, ONGOING] {
        let api = Api::start().await;
        let through = stumbling(&api, vec![Fault::next("TransactWriteItems", passing, 6)]).await;
        through.register("Boulangerie Morin", 12).await;
    }
}

#[tokio::test]
async fn a_named_condition_is_not_tried_again() {
    const TAKEN: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message":"Transaction cancelled",
        "CancellationReasons":[{"Code":"ConditionalCheckFailed"},{"Code":"TransactionConflict"}]}"#;
    let api = Api::start().await;
    let through = stumbling(&api, vec![Fault::next("TransactWriteItems", TAKEN, 1)]).await;
    let answer = through.post("/clients/register", r#"{"nom":"x","code":12}"#).await;
    assert_eq!(answer.status(), 409);
}

#[tokio::test]
async fn a_conflict_with_a_transaction_is_tried_again() {
    let api = Api::start().await;
    let client = api.register("Boulangerie Morin", 12).await;
    let through = stumbling(&api, vec![Fault::next("UpdateItem", ITEM_CONFLICT, 6)]).await;
    let path = format!("/clients/{}", client["client_id"].as_str().expect("an id"));
    let answer = through.request(Method::DELETE, &path).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn a_transaction_whose_answer_is_lost_is_done_once() {
    let api = Api::start().await;
    let lost = Fault::next("TransactWriteItems", BROKEN, 2).after_it_was_done();
    let through = stumbling(&api, vec![lost]).await;
    let client = through.register("Boulangerie Morin", 12).await;
    assert_eq!(body(api.get("/clients/all").await).await, json!([client]));
}

#[tokio::test]
async fn a_throttle_is_tried_again_and_then_the_service_is_unavailable() {
    let api = Api::start().await;
    let briefly = stumbling(&api, vec![Fault::next("Query", THROTTLE, 1)]).await;
    assert_eq!(briefly.get("/clients/all").await.status(), 200);

    let for_good = stumbling(&api, vec![Fault::next("Query", THROTTLE, i64::MAX)]).await;
    let answer = for_good.get("/clients/all").await;
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "1");
    assert_eq!(body(answer).await, json!({ "detail": "Service momentanément indisponible" }));
}

#[tokio::test]
async fn what_was_sent_again_is_counted() {
    let api = Api::start().await;
    let faults = [Fault::next("TransactWriteItems", CONFLICT, 3), Fault::next("Query", THROTTLE, 1)];
    let through = stumbling(&api, faults.into()).await;
    let store = through.store.for_request(None);
    let nom = Nom::try_from("x".to_owned()).expect("a nom");
    store.register_client(ClientRegister { nom, code: Code::from(1) }).await.expect("a client");
    assert_eq!((store.tally().conflicts(), store.tally().retries()), (3, 3));
    let throttled = stumbling(&api, vec![Fault::next("TransactWriteItems", THROTTLED, 2)]).await;
    let store = throttled.store.for_request(None);
    let nom = Nom::try_from("x".to_owned()).expect("a nom");
    store.register_client(ClientRegister { nom, code: Code::from(2) }).await.expect("a client");
    assert_eq!((store.tally().conflicts(), store.tally().retries()), (0, 2));
    // The SDK itself sends again what was throttled.
    let store = through.store.for_request(None);
    let mut list = store.clients(&Filter::ALL, Part::ALL).await.expect("a list");
    list.next().await.expect("a page").expect("a client");
    assert_eq!((store.tally().conflicts(), store.tally().retries()), (0, 1));
}

#[tokio::test]
async fn a_table_that_is_not_there_is_unavailable() {
    let api = Api::start().await;
    let nowhere = api.through("http://127.0.0.1:1").await;
    assert_eq!(nowhere.post("/clients/register", r#"{"nom":"x","code":1}"#).await.status(), 503);
    let missing = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}"#;
    let unknown = stumbling(&api, vec![Fault::next("Query", missing, 9)]).await;
    assert_eq!(unknown.get("/clients/all").await.status(), 503);
}

#[tokio::test]
async fn of_eight_callers_who_want_one_code_exactly_one_has_it() {
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
async fn callers_who_change_one_client_at_once_leave_one_code_taken() {
    let api = Api::start().await;
    let client = api.register("Boulangerie Morin", 0).await;
    let update = async |code: i64| {
        let update =
            json!({ "client_id": client["client_id"], "nom": format!("nom {code}"), "code": code }).to_string();
        let request = api.request(Method::PUT, "/clients/update").header("content-type", "application/json");
        request.body(update).send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(join_all((1..=16).map(update)).await, [200; 16]);
    let last = body(api.get("/clients/all").await).await[0].clone();
    assert_eq!(last["nom"], format!("nom {}", last["code"]));
    // Every code but the last one's is free again.
    for code in 0..=16 {
        let taken = last["code"] == code;
        let status = api.post("/clients/register", json!({ "nom": "x", "code": code }).to_string()).await.status();
        assert_eq!(status, if taken { 409 } else { 200 }, "code {code}");
    }
}
