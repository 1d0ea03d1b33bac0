//! First attempts that arrive after a later write: the later write stays.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Fault, Gate};

use crate::histories::recount;
use crate::support::{Api, body};

/// A client with two sites and an équipement at the first of them.
struct Fixture {
    api: Api,
    client: Value,
    sites: [Value; 2],
    equipement: Value,
}

type Request = (Method, String, Value);

impl Fixture {
    async fn new() -> Self {
        let api = Api::start().await;
        let register = async |path: &str, sent: Value| body(api.post(path, sent.to_string()).await).await;
        let client = register("/clients/register", json!({ "nom": "Boulangerie Morin", "code": 12 })).await;
        let site = json!({ "client_id": client["client_id"], "nom": "Fournil" });
        let sites = [register("/sites/register", site.clone()).await, register("/sites/register", site).await];
        let equipement = json!({ "site_id": sites[0]["site_id"], "nom": "Four" });
        let equipement = register("/equipements/register", equipement).await;
        Self { api, client, sites, equipement }
    }

    /// Sends `first`, whose first attempt reaches the table only after `second` was answered. Checks that both
    /// succeed and that the table stays as `second` left it.
    async fn assert_no_effect_when_late(&self, first: Request, second: Request) {
        let (slow, proxy) = self.api.behind(vec![Fault::next("TransactWriteItems", 1).holds_the_call()]).await;
        for (api, (method, path, sent)) in [(&slow, first), (&self.api, second)] {
            let answer = api.send(method, &path, sent.to_string()).await;
            assert_eq!(answer.status(), 200, "{path}");
        }
        let before = self.state().await;
        assert_eq!(proxy.release().await.len(), 1);
        assert_eq!(self.state().await, before);
        recount(&self.api).await;
        assert_eq!(self.api.findings().await, [""; 0]);
    }

    /// Makes a site active or inactive.
    async fn set_status(&self, site: &Value, active: bool) {
        let (method, path, sent) = Self::status("site", site, active);
        assert_eq!(self.api.send(method, &path, sent.to_string()).await.status(), 200);
    }

    async fn state(&self) -> [Value; 3] {
        let list = async |path| body(self.api.get(path).await).await;
        [list("/clients/all").await, list("/sites/all").await, list("/equipements/all").await]
    }

    fn update_client(&self, nom: &str, code: i64) -> Request {
        let sent = json!({ "client_id": self.client["client_id"], "nom": nom, "code": code });
        (Method::PUT, "/clients/update".to_owned(), sent)
    }

    fn update_site(&self, nom: &str) -> Request {
        (Method::PUT, "/sites/update".to_owned(), json!({ "site_id": self.sites[0]["site_id"], "nom": nom }))
    }

    fn update_equipement(&self, nom: &str, site: usize) -> Request {
        let (id, site_id) = (&self.equipement["equipement_id"], &self.sites[site]["site_id"]);
        (Method::PUT, "/equipements/update".to_owned(), json!({ "equipement_id": id, "site_id": site_id, "nom": nom }))
    }

    fn status(kind: &str, entity: &Value, active: bool) -> Request {
        let id = entity[format!("{kind}_id")].as_str().expect("an id");
        if active {
            (Method::POST, format!("/{kind}s/{id}/reactivate"), json!({}))
        } else {
            (Method::DELETE, format!("/{kind}s/{id}"), json!({}))
        }
    }
}

#[tokio::test]
async fn a_late_update_of_a_client_does_not_undo_a_later_one() {
    let fixture = Fixture::new().await;
    fixture.assert_no_effect_when_late(fixture.update_client("first", 12), fixture.update_client("second", 12)).await;
    fixture.assert_no_effect_when_late(fixture.update_client("third", 13), fixture.update_client("fourth", 12)).await;
}

#[tokio::test]
async fn a_late_update_of_a_site_does_not_undo_a_later_one() {
    let fixture = Fixture::new().await;
    fixture.assert_no_effect_when_late(fixture.update_site("first"), fixture.update_site("second")).await;
}

#[tokio::test]
async fn a_late_update_of_an_equipement_does_not_undo_a_later_one() {
    let fixture = Fixture::new().await;
    fixture
        .assert_no_effect_when_late(fixture.update_equipement("first", 0), fixture.update_equipement("second", 0))
        .await;
    fixture
        .assert_no_effect_when_late(fixture.update_equipement("third", 1), fixture.update_equipement("fourth", 0))
        .await;
}

#[tokio::test]
async fn a_late_change_of_status_does_not_undo_a_later_one() {
    let fixture = Fixture::new().await;
    for (kind, entity) in
        [("equipement", &fixture.equipement), ("site", &fixture.sites[0]), ("client", &fixture.client)]
    {
        let status = |active| Fixture::status(kind, entity, active);
        fixture.assert_no_effect_when_late(status(false), status(true)).await;
    }
}

#[tokio::test]
async fn a_late_registration_is_counted_once() {
    let fixture = Fixture::new().await;
    let client = json!({ "nom": "Café du Port", "code": 20 });
    let site = json!({ "client_id": fixture.client["client_id"], "nom": "Dépôt" });
    let equipement = json!({ "site_id": fixture.sites[0]["site_id"], "nom": "Pétrin" });
    for (kind, sent) in [("clients", client), ("sites", site), ("equipements", equipement)] {
        fixture
            .assert_no_effect_when_late((Method::POST, format!("/{kind}/register"), sent), fixture.update_site("later"))
            .await;
    }
}

#[tokio::test]
async fn a_refusal_after_a_lost_attempt_is_unavailable() {
    let fixture = Fixture::new().await;
    let (slow, proxy) = fixture.api.behind(vec![Fault::next("TransactWriteItems", 1).holds_the_call()]).await;
    let taken = json!({ "nom": "Café du Port", "code": 12 }).to_string();
    // The retry is refused, but the first attempt may still arrive when the code is free.
    assert_eq!(slow.post("/clients/register", taken.clone()).await.status(), 503);
    assert_eq!(slow.post("/clients/register", taken).await.status(), 409);
    let (method, path, sent) = fixture.update_client("Boulangerie Morin", 13);
    assert_eq!(fixture.api.send(method, &path, sent.to_string()).await.status(), 200);
    assert_eq!(proxy.release().await, [200]);
    assert_eq!(fixture.state().await[0].as_array().map(Vec::len), Some(2));
    recount(&fixture.api).await;
}

#[tokio::test]
async fn a_version_changed_by_a_lost_attempt_is_unavailable() {
    let fixture = Fixture::new().await;
    // The second condition is that of the site.
    let faults = vec![
        Fault::next("TransactWriteItems", 1).drops_the_answer(),
        Fault::next("TransactWriteItems", 1).answers(Fault::SECOND_REFUSED),
    ];
    let (through, _proxy) = fixture.api.behind(faults).await;
    let id = fixture.equipement["equipement_id"].as_str().expect("an id");
    let delete = through.request(Method::DELETE, &format!("/equipements/{id}")).header("if-match", "\"1-\"");
    // The request reads version 2, which its own first attempt may have written.
    assert_eq!(delete.send().await.expect("an answer").status(), 503);
    assert_eq!(fixture.state().await[2][0]["status"], "inactif");
    recount(&fixture.api).await;
}

#[tokio::test]
async fn a_second_refusal_after_a_lost_attempt_is_unavailable_too() {
    let fixture = Fixture::new().await;
    let gates = [Arc::new(Gate::default()), Arc::new(Gate::default())];
    let faults = vec![
        Fault::next("TransactWriteItems", 1).holds_the_call(),
        Fault::until(&gates[0], "TransactWriteItems").answers(Fault::CONFLICT),
        // Passes the retry of the first transaction, which is refused: the source site is inactive by now.
        Fault::next("TransactWriteItems", 1).delays_the_answer(Duration::ZERO),
        Fault::until(&gates[1], "TransactWriteItems").answers(Fault::CONFLICT),
    ];
    let (slow, proxy) = fixture.api.behind(faults).await;
    let ids = [&fixture.equipement["equipement_id"], &fixture.sites[1]["site_id"]];
    let sent = json!({ "equipement_id": ids[0], "site_id": ids[1], "nom": "Four" });
    let deactivate = async {
        for (gate, site) in gates.iter().zip(&fixture.sites) {
            gate.reached().await;
            fixture.set_status(site, false).await;
            gate.open();
        }
    };
    let (answer, ()) = join(slow.send(Method::PUT, "/equipements/update", sent.to_string()), deactivate).await;
    // The second transaction is refused too: the target site is inactive by now.
    assert_eq!(answer.status(), 503);
    for site in &fixture.sites {
        fixture.set_status(site, true).await;
    }
    assert_eq!(proxy.release().await, [200]);
    assert_eq!(&fixture.state().await[2][0]["site_id"], ids[1]);
    recount(&fixture.api).await;
}

#[tokio::test]
async fn an_operation_is_unavailable_if_only_others_of_its_lost_transaction_succeed() {
    let fixture = Fixture::new().await;
    let gate = Arc::new(Gate::default());
    let faults = vec![
        Fault::next("TransactWriteItems", 1).holds_the_call(),
        Fault::until(&gate, "TransactWriteItems").answers(Fault::THROTTLED),
    ];
    let (slow, proxy) = fixture.api.behind(faults).await;
    let site_id = &fixture.sites[0]["site_id"];
    // The site is active when the batch is planned, so that the first transaction writes the équipement only.
    let batch = json!({ "operations": [
        { "op": "register", "kind": "equipement", "body": { "site_id": site_id, "nom": "Pétrin" } },
        { "op": "reactivate", "kind": "site", "body": { "site_id": site_id } },
    ] });
    let deactivate = async {
        gate.reached().await;
        fixture.set_status(&fixture.sites[0], false).await;
        gate.open();
    };
    let (answer, ()) = join(slow.post("/lot", batch.to_string()), deactivate).await;
    let results = body(answer).await["resultats"].take();
    assert_eq!([&results[0]["status"], &results[1]["status"]], [503, 200], "{results}");
    // The site is active again: the first attempt succeeds.
    assert_eq!(proxy.release().await, [200]);
    assert_eq!(fixture.state().await[2].as_array().map(Vec::len), Some(2));
    recount(&fixture.api).await;
}
