//! Batches that are sent again under their `Idempotency-Key`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join, join_all};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Fault, Gate};
use tokio::time::sleep;

use super::random::{Generator, World};
use super::transactions::registration;
use crate::entities::{Entities, send};
use crate::support::{Api, body};

const KEY: [(&str, &str); 1] = [("idempotency-key", "batch")];

/// Sends a batch. Returns its status, whether it was a replay, and its answer.
async fn run(api: &Api, operations: &[Value], headers: &[(&str, &str)]) -> (u16, bool, Value) {
    run_with(api, "", operations, headers).await
}

/// Sends a batch with a query string.
async fn run_with(api: &Api, query: &str, operations: &[Value], headers: &[(&str, &str)]) -> (u16, bool, Value) {
    let batch = json!({ "operations": operations });
    let answer = send(api, Method::POST, &format!("/lot{query}"), Some(batch), headers).await;
    let (status, is_replay) = (answer.status().as_u16(), answer.headers().contains_key("idempotency-replayed"));
    (status, is_replay, body(answer).await)
}

async fn noms(api: &Api) -> Vec<String> {
    let equipements = body(api.get("/equipements/all").await).await;
    let noms = equipements.as_array().expect("a list").iter();
    noms.map(|equipement| equipement["nom"].as_str().expect("a nom").to_owned()).collect()
}

/// A batch with every kind of operation that succeeds, in several transactions.
fn operations(entities: &Entities) -> Vec<Value> {
    let (client, site) = (&entities.client["client_id"], &entities.site["site_id"]);
    let equipement = &entities.equipement["equipement_id"];
    let mut operations = vec![
        json!({ "op": "register", "kind": "client", "ref": "c", "body": { "nom": "Petit", "code": 20 } }),
        json!({ "op": "register", "kind": "site", "ref": "s", "body": { "client_id": "$c", "nom": "Fournil" } }),
        json!({ "op": "update", "kind": "equipement", "body": { "equipement_id": equipement, "site_id": "$s", "nom": "A" } }),
        json!({ "op": "update", "kind": "equipement", "body": { "equipement_id": equipement, "site_id": site, "nom": "B" } }),
        json!({ "op": "update", "kind": "client", "body": { "client_id": client, "nom": "Morin et fils", "code": 12 } }),
        // Changes nothing.
        json!({ "op": "reactivate", "kind": "client", "body": { "client_id": client } }),
        json!({ "op": "deactivate", "kind": "equipement", "body": { "equipement_id": equipement } }),
        json!({ "op": "reactivate", "kind": "equipement", "body": { "equipement_id": equipement } }),
    ];
    operations.extend((0..40).map(|number| registration(&json!({ "site_id": "$s" }), number)));
    operations.push(json!({ "op": "update", "kind": "site", "body": { "site_id": "$s", "nom": "Dépôt" } }));
    operations.push(json!({ "op": "deactivate", "kind": "site", "body": { "site_id": site } }));
    operations
}

#[tokio::test]
async fn a_repeated_batch_gets_its_first_answers_again() {
    let entities = Entities::new().await;
    let api = &entities.api;
    let operations = operations(&entities);
    let (status, is_replay, first) = run(api, &operations, &KEY).await;
    assert_eq!((status, is_replay), (200, false));
    assert_eq!(first["bilan"], json!({ "ok": operations.len(), "refus": 0, "restant": 0 }));
    // What the answers showed changes.
    let others = [
        json!({ "op": "update", "kind": "client", "body": { "client_id": entities.client["client_id"], "nom": "X", "code": 99 } }),
        json!({ "op": "update", "kind": "site", "body": { "site_id": first["resultats"][1]["body"]["site_id"], "nom": "Y" } }),
        registration(&first["resultats"][1]["body"], 99),
        json!({ "op": "register", "kind": "site", "ref": "t", "body": { "client_id": entities.client["client_id"], "nom": "Z" } }),
        // To another client.
        json!({ "op": "update", "kind": "equipement",
            "body": { "equipement_id": first["resultats"][8]["body"]["equipement_id"], "site_id": "$t", "nom": "Z" } }),
    ];
    assert_eq!(run(api, &others, &[]).await.2["bilan"]["ok"], 5);
    let before = api.raw().items().await;
    let (status, is_replay, again) = run(api, &operations, &KEY).await;
    assert_eq!((status, is_replay), (200, true));
    assert_eq!(again, first);
    assert_eq!(api.raw().items().await, before, "a replay wrote");

    // Another batch, and another route.
    let (status, _, refused) = run(api, &operations[..operations.len() - 1], &KEY).await;
    assert_eq!((status, &refused["detail"][0]["type"]), (422, &json!("idempotency_key_reused")));
    let body = json!({ "nom": "Petit", "code": 21 });
    let refused = send(api, Method::POST, "/clients/register", Some(body), &KEY).await;
    assert_eq!(refused.status(), 422);
    assert_eq!(api.findings().await, [""; 0]);
}

#[tokio::test]
async fn a_repeated_batch_with_an_invalid_operation_gets_its_first_answers_again() {
    let Entities { api, site, .. } = Entities::new().await;
    let without_nom = json!({ "op": "register", "kind": "equipement", "body": { "site_id": site["site_id"] } });
    let operations = [without_nom, registration(&site, 1), registration(&site, 2)];
    let (_, _, first) = run(&api, &operations, &KEY).await;
    assert_eq!(first["bilan"], json!({ "ok": 2, "refus": 1, "restant": 0 }));
    assert_eq!(run(&api, &operations, &KEY).await, (200, true, first));
    assert_eq!(noms(&api).await.len(), 3);
}

#[tokio::test]
async fn a_dry_run_under_the_key_of_its_batch_gets_the_first_answers() {
    let entities = Entities::new().await;
    let operations = operations(&entities);
    let (_, _, first) = run(&entities.api, &operations, &KEY).await;
    assert_eq!(run_with(&entities.api, "?dry_run=true", &operations, &KEY).await, (200, true, first));
}

#[tokio::test]
async fn a_batch_under_the_key_of_another_request_is_refused() {
    let Entities { api, site, .. } = Entities::new().await;
    let hurried = api.with_time_limit(Duration::from_secs(10)).await;
    let client = json!({ "nom": "Petit", "code": 20 });
    assert_eq!(send(&api, Method::POST, "/clients/register", Some(client), &KEY).await.status(), 200);
    for query in ["", "?dry_run=true", "?atomique=true"] {
        let (status, _, refused) = run_with(&hurried, query, &[registration(&site, 1)], &KEY).await;
        assert_eq!((status, &refused["detail"][0]["type"]), (422, &json!("idempotency_key_reused")), "{query}");
    }
    assert_eq!(noms(&api).await.len(), 1);
}

#[tokio::test]
async fn refused_operations_are_judged_again() {
    let entities = Entities::new().await;
    let operations = [
        json!({ "op": "register", "kind": "client", "body": { "nom": "Petit", "code": 12 } }),
        json!({ "op": "register", "kind": "client", "body": { "nom": "Petit", "code": 13 } }),
    ];
    let first = run(&entities.api, &operations, &KEY).await.2;
    assert_eq!(
        [&first["resultats"][0]["status"], &first["resultats"][1]["status"]],
        [409, 200].map(Value::from).each_ref()
    );
    let free = json!({ "client_id": entities.client["client_id"], "nom": "Morin", "code": 14 });
    send(&entities.api, Method::PUT, "/clients/update", Some(free), &[]).await;
    let (_, _, again) = run(&entities.api, &operations, &KEY).await;
    assert_eq!(again["resultats"][0]["status"], 200);
    assert_eq!(again["resultats"][1], first["resultats"][1]);
}

#[tokio::test]
async fn a_batch_that_stops_early_goes_on_with_the_same_key() {
    let Entities { api, client, .. } = Entities::new().await;
    let site = json!({ "client_id": client["client_id"], "nom": "Dépôt" });
    let mut operations = vec![json!({ "op": "register", "kind": "site", "ref": "s", "body": site })];
    operations.extend((0..400).map(|number| registration(&json!({ "site_id": "$s" }), number)));
    // The table answers seven transactions, and then none.
    let fault = Fault::after(7, "TransactWriteItems").keeps_silent();
    let (through, proxy) = api.behind(vec![fault]).await;
    let hurried = through.with_time_limit(Duration::from_secs(8)).await;
    let (status, _, first) = run(&hurried, &operations, &KEY).await;
    let [done, left] = ["ok", "restant"].map(|name| first["bilan"][name].as_u64().expect("a number"));
    assert!(status == 200 && done > 0 && left > 0, "{}", first["bilan"]);
    assert_eq!(done + left, 401);
    drop(proxy);
    let patient = api.with_time_limit(Duration::from_secs(29)).await;
    let (status, is_replay, again) = run(&patient, &operations, &KEY).await;
    assert_eq!((status, is_replay, &again["bilan"]["ok"]), (200, true, &json!(401)));
    assert_eq!(run(&patient, &operations, &KEY).await.2, again);
    let first = first["resultats"].as_array().expect("results");
    let again = again["resultats"].as_array().expect("results");
    assert_eq!(again[..first.len()], *first);
    let noms = noms(&api).await;
    assert_eq!((noms.len(), noms.into_iter().collect::<BTreeSet<_>>().len()), (401, 401));
    assert_eq!(api.findings().await, [""; 0]);
}

#[tokio::test]
async fn a_table_that_never_answers_is_reported() {
    let Entities { api, site, .. } = Entities::new().await;
    let (through, _proxy) = api.behind(vec![Fault::always("TransactWriteItems").answers(Fault::SERVER_ERROR)]).await;
    let hurried = through.with_time_limit(Duration::from_millis(300)).await;
    let (status, ..) = run(&hurried, &[registration(&site, 1)], &KEY).await;
    assert_eq!(status, 503);
}

#[tokio::test]
async fn concurrent_requests_with_one_key_share_the_work() {
    // A twin that starts later reads what the first one changes.
    for pause in [0, 5, 20, 60] {
        let entities = Entities::new().await;
        let slow = Fault::always("TransactWriteItems").delays_the_answer(Duration::from_millis(20));
        let (through, _proxy) = entities.api.behind(vec![slow]).await;
        let operations = operations(&entities);
        let twins = (0..4).map(async |twin| {
            sleep(Duration::from_millis(pause * twin)).await;
            run(&through, &operations, &KEY).await
        });
        let twins = join_all(twins).await;
        let (_, _, first) = &twins[0];
        for (status, _, answer) in &twins {
            assert_eq!((*status, answer), (200, first));
        }
        assert_eq!(first["bilan"]["ok"], operations.len());
        assert_eq!(noms(&entities.api).await.len(), 41);
        assert_eq!(entities.api.findings().await, [""; 0]);
    }
}

#[tokio::test]
async fn a_refused_atomic_batch_returns_the_kept_answer_of_its_twin() {
    let api = Api::start().await;
    let gate = Arc::new(Gate::default());
    let slow = Fault::until(&gate, "BatchGetItem").answers(Fault::THROTTLED);
    let (through, _proxy) = api.behind(vec![slow]).await;
    let client = json!({ "nom": "Boulangerie Morin", "code": 12 });
    let operations = [json!({ "op": "register", "kind": "client", "body": client })];
    let run = async |api: &Api| run_with(api, "?atomique=true", &operations, &KEY).await;
    // The first request has found no kept answer; its twin then registers the code.
    let twin = async {
        gate.reached().await;
        let (_, _, answer) = run(&api).await;
        gate.open();
        answer
    };
    let ((_, is_replay, first), second) = join(run(&through), twin).await;
    assert!(is_replay);
    assert_eq!(first, second);
    assert_eq!(second["bilan"]["ok"], 1, "{second}");
}

#[tokio::test]
async fn random_batches_beside_each_other_leave_the_table_consistent() {
    let worlds = (0..4).map(async |seed: u64| {
        let (mut generator, mut world) = (Generator::new(seed), World::new().await);
        let faults = vec![
            Fault::sometimes(0.1, seed, "TransactWriteItems").drops_the_answer(),
            Fault::sometimes(0.1, 10 + seed, "TransactWriteItems").answers(Fault::CONFLICT),
        ];
        let (through, _proxy) = world.api.behind(faults).await;
        for _ in 0..8 {
            // Each batch reads what the others change.
            let drawn: Vec<_> = (0..6).map(|_| generator.batch()).collect();
            let batches: Vec<_> = drawn.iter().map(|drawn| world.batch_of(drawn)).collect();
            let answers = join_all(batches.iter().map(|batch| world.send(&through, batch, "", &[]))).await;
            for (drawn, answer) in drawn.iter().zip(&answers) {
                assert_eq!(answer["bilan"]["restant"], 0);
                world.learn_all(drawn, answer);
            }
        }
        assert_eq!(world.api.findings().await, [""; 0], "seed {seed}");
    });
    join_all(worlds).await;
}

#[tokio::test]
async fn nothing_is_done_twice_under_faults() {
    let worlds = (0..6).map(async |seed: u64| {
        let entities = Entities::new().await;
        let fault = |number: u64, probability| Fault::sometimes(probability, 10 * seed + number, "TransactWriteItems");
        let faults = vec![
            fault(1, 0.2).drops_the_answer(),
            fault(2, 0.2).answers(Fault::CONFLICT),
            fault(3, 0.1).delays_the_call(Duration::from_millis(30)),
            fault(4, 0.1).answers(Fault::TRANSACTION_THROTTLED),
            fault(5, 0.1).answers_after(Fault::EMPTY_SUCCESS),
            Fault::sometimes(0.2, seed, "BatchGetItem").leaves_half_unprocessed(),
        ];
        let (through, proxy) = entities.api.behind(faults).await;
        let operations = operations(&entities);
        let mut left = operations.len();
        while left > 0 {
            let (status, _, answer) = run(&through, &operations, &KEY).await;
            assert_eq!(status, 200, "seed {seed}: {answer}");
            left = operations.len()
                - usize::try_from(answer["bilan"]["ok"].as_u64().expect("a number")).expect("a number");
        }
        proxy.wait_for_delayed_calls().await;
        let noms = noms(&entities.api).await;
        assert_eq!(noms.len(), 41, "seed {seed}: {noms:?}");
        assert_eq!(entities.api.findings().await, [""; 0], "seed {seed}");
    });
    join_all(worlds).await;
}
