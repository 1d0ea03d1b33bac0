//! Races of two requests: the second changes what the first has read and not yet written.

use std::cell::Cell;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Fault, Gate};
use tokio::time::sleep;

use crate::histories::recount;
use crate::support::{Api, body};

/// A request: its method, path and body.
type Sent = (Method, String, Option<Value>);

/// A client with two sites and an équipement at the first, by their identifiers.
struct Fixture {
    api: Api,
    client: String,
    sites: [String; 2],
    equipement: String,
}

async fn call(api: &Api, method: Method, path: &str, sent: Option<Value>) -> (u16, Value) {
    let mut request = api.request(method, path);
    if let Some(sent) = sent {
        request = request.header("content-type", "application/json").body(sent.to_string());
    }
    let response = request.send().await.expect("an answer");
    (response.status().as_u16(), body(response).await)
}

async fn register(api: &Api, kind: &str, sent: Value) -> String {
    let (status, answer) = call(api, Method::POST, &format!("/{kind}s/register"), Some(sent)).await;
    assert_eq!(status, 200, "{answer}");
    answer[format!("{kind}_id")].as_str().expect("an id").to_owned()
}

impl Fixture {
    async fn new() -> Self {
        let api = Api::start().await;
        let client = register(&api, "client", json!({ "nom": "Boulangerie Morin", "code": 12 })).await;
        let site = json!({ "client_id": client, "nom": "Fournil" });
        let sites = [register(&api, "site", site.clone()).await, register(&api, "site", site).await];
        let equipement = register(&api, "equipement", json!({ "site_id": sites[0], "nom": "Four" })).await;
        Self { api, client, sites, equipement }
    }

    /// Sends the second request between the read and the write of the first one. Returns the answer to the
    /// first.
    async fn race(&self, first: Sent, second: Sent) -> (u16, Value) {
        let gate = Arc::new(Gate::default());
        let conflict = Fault::until(&gate, "TransactWriteItems").answers(Fault::CONFLICT);
        let (through, _proxy) = self.api.behind(vec![conflict]).await;
        let mut first = pin!(call(&through, first.0, &first.1, first.2));
        tokio::select! {
            answer = &mut first => panic!("the first request wrote nothing: {answer:?}"),
            () = gate.reached() => {}
        }
        self.send(second).await;
        gate.open();
        let answer = first.await;
        recount(&self.api).await;
        assert_eq!(self.api.findings().await, [""; 0]);
        answer
    }

    /// Sends a request that must succeed.
    async fn send(&self, (method, path, sent): Sent) {
        let (status, answer) = call(&self.api, method, &path, sent).await;
        assert_eq!(status, 200, "{answer}");
    }

    fn change_code(&self, code: i64) -> Sent {
        let sent = json!({ "client_id": self.client, "nom": "Boulangerie Morin", "code": code });
        (Method::PUT, "/clients/update".to_owned(), Some(sent))
    }

    fn register_equipement(&self) -> Sent {
        (Method::POST, "/equipements/register".to_owned(), Some(json!({ "site_id": self.sites[0], "nom": "Pétrin" })))
    }

    fn move_to(&self, site: usize) -> Sent {
        let sent = json!({ "equipement_id": self.equipement, "site_id": self.sites[site], "nom": "Four" });
        (Method::PUT, "/equipements/update".to_owned(), Some(sent))
    }

    fn move_away(&self) -> Sent {
        self.move_to(1)
    }
}

fn deactivate(kind: &str, id: &str) -> Sent {
    (Method::DELETE, format!("/{kind}s/{id}"), None)
}

#[tokio::test]
async fn a_change_of_code_keeps_concurrent_counts() {
    let fixture = Fixture::new().await;
    let (status, answer) = fixture.race(fixture.change_code(13), fixture.register_equipement()).await;
    // The answer shows the counters as they were read for the change.
    assert_eq!((status, &answer["code"], &answer["equipements"]), (200, &json!(13), &json!(1)));
    let (_, clients) = call(&fixture.api, Method::GET, "/clients/all", None).await;
    assert_eq!((&clients[0]["code"], &clients[0]["equipements"]), (&json!(13), &json!(2)));
}

#[tokio::test]
async fn two_equal_changes_of_code_both_succeed() {
    let fixture = Fixture::new().await;
    let (status, answer) = fixture.race(fixture.change_code(13), fixture.change_code(13)).await;
    assert_eq!((status, &answer["code"]), (200, &json!(13)));
}

#[tokio::test]
async fn deactivating_a_site_counts_concurrent_registrations() {
    let fixture = Fixture::new().await;
    let (status, _) = fixture.race(deactivate("site", &fixture.sites[0]), fixture.register_equipement()).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn an_equipement_and_its_site_can_deactivate_together() {
    let fixture = Fixture::new().await;
    let first = deactivate("equipement", &fixture.equipement);
    let (status, _) = fixture.race(first, deactivate("site", &fixture.sites[0])).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_move_succeeds_despite_a_concurrent_deactivation() {
    let fixture = Fixture::new().await;
    let (status, answer) = fixture.race(fixture.move_away(), deactivate("equipement", &fixture.equipement)).await;
    assert_eq!((status, &answer["status"], &answer["site_id"]), (200, &json!("inactif"), &json!(fixture.sites[1])));
}

#[tokio::test]
async fn a_deactivation_succeeds_despite_a_concurrent_move() {
    let fixture = Fixture::new().await;
    let (status, _) = fixture.race(deactivate("equipement", &fixture.equipement), fixture.move_away()).await;
    assert_eq!(status, 200);
    let (_, infos) = call(&fixture.api, Method::GET, &format!("/equipements/{}/infos", fixture.equipement), None).await;
    assert_eq!([&infos["status"], &infos["site_id"]], [&json!("inactif"), &json!(fixture.sites[1])]);
}

#[tokio::test]
async fn two_equal_moves_count_once() {
    let fixture = Fixture::new().await;
    let (status, answer) = fixture.race(fixture.move_away(), fixture.move_away()).await;
    assert_eq!((status, &answer["site_id"]), (200, &json!(fixture.sites[1])));
}

#[tokio::test]
async fn an_update_overwrites_a_concurrent_move() {
    let fixture = Fixture::new().await;
    let sent = json!({ "equipement_id": fixture.equipement, "site_id": fixture.sites[0], "nom": "Four à sole" });
    let renamed = (Method::PUT, "/equipements/update".to_owned(), Some(sent));
    let (status, answer) = fixture.race(renamed, fixture.move_away()).await;
    assert_eq!((status, &answer["site_id"]), (200, &json!(fixture.sites[0])));
}

#[tokio::test]
async fn concurrent_deactivations_of_an_equipement_count_once() {
    let fixture = Fixture::new().await;
    let deactivation = || deactivate("equipement", &fixture.equipement);
    assert_eq!(fixture.race(deactivation(), deactivation()).await, (200, json!(true)));
}

#[tokio::test]
async fn concurrent_deactivations_of_a_site_count_once() {
    let fixture = Fixture::new().await;
    let deactivation = || deactivate("site", &fixture.sites[0]);
    assert_eq!(fixture.race(deactivation(), deactivation()).await, (200, json!(true)));
}

#[tokio::test]
async fn a_batch_is_planned_again_while_others_change_what_it_reads() {
    let fixture = Fixture::new().await;
    let slow_reads = Fault::always("BatchGetItem").delays_the_answer(Duration::from_millis(100));
    let (through, _proxy) = fixture.api.behind(vec![slow_reads]).await;
    let (_, _, update) = fixture.change_code(13);
    let batch = json!({ "operations": [{ "op": "update", "kind": "client", "body": update }] });
    for options in ["", "?atomique=true"] {
        // The reservation of the client's code is read after the client; by then, another request has deleted it.
        let changes = async {
            for number in 0..100 {
                fixture.send(fixture.change_code(100 + number % 50)).await;
                sleep(Duration::from_millis(10)).await;
            }
        };
        let path = format!("/lot{options}");
        let run = call(&through, Method::POST, &path, Some(batch.clone()));
        let ((), (_, answer)) = futures_util::join!(changes, run);
        assert_eq!(answer["bilan"], json!({ "ok": 1, "refus": 0, "restant": 0 }), "{options}: {answer}");
    }
    assert_eq!(fixture.api.findings().await, [""; 0]);
}

#[tokio::test]
async fn a_dry_run_judges_an_equipement_and_its_site_at_one_moment() {
    let fixture = Fixture::new().await;
    let gate = Arc::new(Gate::default());
    let slow_read = Fault::until(&gate, "BatchGetItem").delays_the_answer(Duration::from_millis(500));
    let (through, _proxy) = fixture.api.behind(vec![slow_read]).await;
    let body = json!({ "equipement_id": fixture.equipement });
    let operations = ["deactivate", "reactivate"].map(|op| json!({ "op": op, "kind": "equipement", "body": body }));
    let batch = json!({ "operations": operations });
    // The équipement is read before it moves, and its old site after it became inactive.
    let changes = async {
        gate.reached().await;
        gate.open();
        sleep(Duration::from_millis(50)).await;
        fixture.send(fixture.move_away()).await;
        fixture.send(deactivate("site", &fixture.sites[0])).await;
    };
    let hurried = through.with_time_limit(Duration::from_secs(10)).await;
    let run = call(&hurried, Method::POST, "/lot?dry_run=true", Some(batch));
    let ((), (_, answer)) = futures_util::join!(changes, run);
    assert_eq!(answer["bilan"], json!({ "ok": 2, "refus": 0, "restant": 0 }), "{answer}");
    assert_eq!(fixture.api.findings().await, [""; 0]);
}

#[tokio::test]
async fn a_dry_run_judges_a_client_and_its_code_at_one_moment() {
    let client = |op, body: &Value| json!({ "op": op, "kind": "client", "body": body });
    // The client has code 13 when the update is carried out. The update frees it, changes nothing, or takes code 12.
    for (updated, registered, refused) in [(11, Some(13), 0), (13, None, 0), (12, Some(12), 1)] {
        let fixture = Fixture::new().await;
        let gate = Arc::new(Gate::default());
        let half = Fault::next("BatchGetItem", 1).leaves_half_unprocessed();
        let rest = Fault::until(&gate, "BatchGetItem").answers(Fault::THROTTLED);
        let (through, _proxy) = fixture.api.behind(vec![half, rest]).await;
        let (_, _, update) = fixture.change_code(updated);
        let mut operations = vec![client("update", &update.expect("a body"))];
        if let Some(code) = registered {
            operations.push(client("register", &json!({ "nom": "Boulangerie Petit", "code": code })));
        }
        let batch = json!({ "operations": operations });
        // The client is read before it gets code 13, and the reservation of the code afterwards.
        let change = async {
            gate.reached().await;
            fixture.send(fixture.change_code(13)).await;
            gate.open();
        };
        let run = call(&through, Method::POST, "/lot?dry_run=true", Some(batch));
        let ((), (_, answer)) = futures_util::join!(change, run);
        let expected = json!({ "ok": operations.len() - refused, "refus": refused, "restant": 0 });
        assert_eq!(answer["bilan"], expected, "{answer}");
        assert_eq!(fixture.api.findings().await, [""; 0]);
    }
}

#[tokio::test]
async fn an_equipement_is_found_while_it_moves() {
    let fixture = Fixture::new().await;
    let path = format!("/equipements/{}/infos", fixture.equipement);
    let moves = async {
        for number in 0..80 {
            fixture.send(fixture.move_to(number % 2)).await;
        }
    };
    let read = async {
        for _ in 0..160 {
            assert_eq!(call(&fixture.api, Method::GET, &path, None).await.0, 200);
        }
    };
    futures_util::join!(moves, read);
}

#[tokio::test]
async fn a_toggled_site_fails_no_deactivation() {
    let fixture = Fixture::new().await;
    let (api, site) = (&fixture.api, &fixture.sites[0]);
    let done = Cell::new(false);
    let toggle = async {
        while !done.get() {
            for (method, path) in
                [(Method::DELETE, format!("/sites/{site}")), (Method::POST, format!("/sites/{site}/reactivate"))]
            {
                assert_eq!(call(api, method, &path, None).await.0, 200);
            }
        }
    };
    let deactivate = async {
        for _ in 0..60 {
            let path = format!("/equipements/{}", fixture.equipement);
            assert_eq!(call(api, Method::DELETE, &path, None).await.0, 200);
            let status = call(api, Method::POST, &format!("{path}/reactivate"), None).await.0;
            assert!([200, 409].contains(&status), "{status}");
        }
        done.set(true);
    };
    futures_util::join!(toggle, deactivate);
    recount(api).await;
    assert_eq!(api.findings().await, [""; 0]);
}
