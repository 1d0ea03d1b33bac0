//! Transactions of batches: how many, what they cost, and what happens if one is refused.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::raw::text;
use testkit::{Call, Fault};

use crate::entities::{Entities, send};
use crate::support::{Api, body};

pub(super) fn registration(site: &Value, number: usize) -> Value {
    let body = json!({ "site_id": site["site_id"], "nom": format!("Four {number}"), "type": "cuisson" });
    json!({ "op": "register", "kind": "equipement", "body": body })
}

/// Sends a batch. Returns its totals: carried out, refused, left.
pub(super) async fn totals(api: &Api, operations: &[Value], headers: &[(&str, &str)]) -> [u64; 3] {
    let answer = send(api, Method::POST, "/lot", Some(json!({ "operations": operations })), headers).await;
    let status = answer.status();
    let answer = body(answer).await;
    assert_eq!(status, 200, "{answer}");
    ["ok", "refus", "restant"].map(|name| answer["bilan"][name].as_u64().expect("a number"))
}

/// Returns the number of transactions among these calls, and the write units that they consumed.
fn transactions(calls: &[Call]) -> (usize, f64) {
    let transactions: Vec<_> = calls.iter().filter(|call| call.operation == "TransactWriteItems").collect();
    let units = transactions.iter().flat_map(|call| call.answer["ConsumedCapacity"].as_array().into_iter().flatten());
    (transactions.len(), units.filter_map(|consumed| consumed["CapacityUnits"].as_f64()).sum())
}

#[tokio::test]
async fn a_thousand_equipements_take_few_transactions() {
    let Entities { api, site, .. } = Entities::new().await;
    let (through, proxy) = api.behind(Vec::new()).await;
    let operations: Vec<_> = (0..1000).map(|number| registration(&site, number)).collect();
    let _ = proxy.take_calls();
    assert_eq!(totals(&through, &operations, &[]).await, [1000, 0, 0]);
    let (count, units) = transactions(&proxy.take_calls());
    assert!(count <= 40 && units <= 9000.0, "{count} transactions, {units} units");

    assert_eq!(totals(&through, &operations, &[("idempotency-key", "thousand")]).await, [1000, 0, 0]);
    let (count, with_key) = transactions(&proxy.take_calls());
    assert!(count <= 40 && with_key - units <= 1000.0, "{count} transactions, {with_key} units with a key");
    assert_eq!(body(api.get("/sites/all").await).await[0]["equipements"], 2001);
    assert_eq!(api.findings().await, [""; 0]);
}

#[tokio::test]
async fn operations_of_many_parents_share_their_transactions() {
    let api = Api::start().await;
    let (through, proxy) = api.behind(Vec::new()).await;
    // The parents take turns: 20 clients, then their sites, then 5 équipements of each.
    let client = |n: usize| json!({ "op": "register", "kind": "client", "ref": format!("c{n}"), "body": { "nom": "Morin", "code": n } });
    let site = |n: usize| json!({ "op": "register", "kind": "site", "ref": format!("s{n}"), "body": { "client_id": format!("$c{n}"), "nom": "Fournil" } });
    let equipement = |n: usize| registration(&json!({ "site_id": format!("$s{}", n % 20) }), n);
    let operations: Vec<_> = (0..20).map(client).chain((0..20).map(site)).chain((0..100).map(equipement)).collect();
    let _ = proxy.take_calls();
    assert_eq!(totals(&through, &operations, &[]).await, [140, 0, 0]);
    // A client, its site and their équipements are 21 items, and four such families fit into one transaction.
    let (count, units) = transactions(&proxy.take_calls());
    assert!(count <= 6, "{count} transactions, {units} units");
    let clients = body(api.get("/clients/all").await).await;
    for client in clients.as_array().expect("a list") {
        assert_eq!([&client["sites"], &client["equipements"]], [1, 5].map(Value::from).each_ref());
    }
    assert_eq!(api.findings().await, [""; 0]);
}

#[tokio::test]
async fn a_dry_run_calls_nothing_that_writes() {
    let Entities { api, site, .. } = Entities::new().await;
    let (through, proxy) = api.behind(Vec::new()).await;
    let operations: Vec<_> = (0..300).map(|number| registration(&site, number)).collect();
    let sent = json!({ "operations": operations });
    let _ = proxy.take_calls();
    let headers = [("idempotency-key", "dry")];
    let answer = send(&through, Method::POST, "/lot?dry_run=true", Some(sent), &headers).await;
    assert_eq!(body(answer).await["bilan"], json!({ "ok": 300, "refus": 0, "restant": 0 }));
    let calls = proxy.take_calls();
    assert!(calls.iter().all(|call| ["GetItem", "BatchGetItem", "Query"].contains(&call.operation.as_str())));
    assert!(calls.len() < 5, "{} calls", calls.len());
    // The key is still free.
    assert_eq!(totals(&api, &operations[..1], &headers).await, [1, 0, 0]);
}

#[tokio::test]
async fn a_refused_group_is_divided_until_one_operation_is_left() {
    let Entities { api, site, .. } = Entities::new().await;
    let operations: Vec<_> = (0..40).map(|number| registration(&site, number)).collect();
    // Groups of 32, 16, 8, 4, 2 and 1, and the last one twice more.
    let (through, _proxy) = api.behind(vec![Fault::next("TransactWriteItems", 8).answers(Fault::SECOND_REFUSED)]).await;
    let answer = body(through.post("/lot", json!({ "operations": operations }).to_string()).await).await;
    assert_eq!(answer["bilan"], json!({ "ok": 39, "refus": 1, "restant": 0 }));
    assert_eq!(answer["resultats"][0]["status"], 500);
    assert_eq!(api.findings().await, [""; 0]);
}

#[tokio::test]
async fn an_item_that_only_a_change_by_hand_adds_fails_its_operation() {
    let Entities { api, site, .. } = Entities::new().await;
    let mut operations: Vec<_> = (0..40).map(|number| registration(&site, number)).collect();
    let other = &operations[0].clone();
    let victim = body(api.post("/equipements/register", other["body"].to_string()).await).await;
    let id = victim["equipement_id"].as_str().expect("an identifier");
    // An entry of the next version, which only a change by hand can add.
    let key = format!("EQUIPEMENT#{id}");
    let mut entry = api.raw().item([&key, "VERSION#0000000001"]).await.expect("a history entry");
    entry.insert("SK".to_owned(), text("VERSION#0000000002"));
    api.raw().put(entry).await;
    operations.insert(20, json!({ "op": "deactivate", "kind": "equipement", "body": { "equipement_id": id } }));

    let answer = body(api.post("/lot", json!({ "operations": operations }).to_string()).await).await;
    assert_eq!(answer["bilan"], json!({ "ok": 40, "refus": 1, "restant": 0 }));
    assert_eq!(answer["resultats"][20]["status"], 500);
}

#[tokio::test]
async fn operations_on_one_entity_keep_their_order() {
    let Entities { api, client, site, equipement } = Entities::new().await;
    let [client, site, equipement] = [&client["client_id"], &site["site_id"], &equipement["equipement_id"]];
    let operations = [
        // A code that is freed is taken by the next operation.
        json!({ "op": "update", "kind": "client", "body": { "client_id": client, "nom": "Morin", "code": 13 } }),
        json!({ "op": "register", "kind": "client", "ref": "c", "body": { "nom": "Petit", "code": 12 } }),
        json!({ "op": "register", "kind": "site", "ref": "s", "body": { "client_id": "$c", "nom": "Fournil" } }),
        // A move, and the end of what it left and of where it went.
        json!({ "op": "update", "kind": "equipement", "body": { "equipement_id": equipement, "site_id": "$s", "nom": "Four" } }),
        json!({ "op": "deactivate", "kind": "equipement", "body": { "equipement_id": equipement } }),
        json!({ "op": "deactivate", "kind": "site", "body": { "site_id": site } }),
        json!({ "op": "deactivate", "kind": "site", "body": { "site_id": "$s" } }),
        json!({ "op": "reactivate", "kind": "equipement", "body": { "equipement_id": equipement } }),
        json!({ "op": "deactivate", "kind": "client", "body": { "client_id": client } }),
        json!({ "op": "reactivate", "kind": "site", "body": { "site_id": site } }),
        json!({ "op": "reactivate", "kind": "client", "body": { "client_id": client } }),
        json!({ "op": "reactivate", "kind": "site", "body": { "site_id": site } }),
    ];
    let answer = body(api.post("/lot", json!({ "operations": operations }).to_string()).await).await;
    let results = answer["resultats"].as_array().expect("results");
    let statuses: Vec<_> = results.iter().map(|result| result["status"].as_u64().expect("a status")).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 409, 200, 409, 200, 200]);
    assert_eq!(results[11]["body"]["equipements"], 0);
    assert_eq!(api.findings().await, [""; 0]);
}

#[tokio::test]
async fn five_batches_fill_one_client_beside_readers() {
    let Entities { api, site, .. } = Entities::new().await;
    // A transaction takes 10 ms, and every fifth meets another one.
    let slow = Fault::always("TransactWriteItems").delays_the_answer(Duration::from_millis(10));
    let conflict = Fault::every(5, "TransactWriteItems").answers(Fault::CONFLICT);
    let (through, _proxy) = api.behind(vec![conflict, slow]).await;
    let batches = (0..5).map(async |batch: usize| {
        let operations: Vec<_> = (0..400).map(|number| registration(&site, batch * 400 + number)).collect();
        totals(&through, &operations, &[]).await
    });
    let path = format!("/sites/{}/infos?limit=50", site["site_id"].as_str().expect("an identifier"));
    let readers = async {
        for _ in 0..50 {
            assert_eq!(api.get(&path).await.status(), 200);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let (filled, ()) = futures_util::future::join(join_all(batches), readers).await;
    assert_eq!(filled, [[400, 0, 0]; 5]);
    let clients = body(api.get("/clients/all").await).await;
    assert_eq!(clients[0]["equipements"], 2_001);
}
