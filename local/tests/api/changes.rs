//! `parc changes`, and the service that it brings up to date.

use std::fs;

use chrono::{SecondsFormat, Utc};
use fastrand::Rng;
use serde_json::{Value, json};

use crate::process::{failure, run};
use crate::support::{Api, body};

/// Two copies of a register, of which only one is changed from now on.
struct Copies {
    old: Api,
    new: Api,
    since: String,
}

impl Copies {
    /// Fills a register with these operations of a batch, and copies it.
    async fn new(operations: &[Value]) -> Self {
        let (old, new) = (Api::start().await, Api::start().await);
        carry_out(&old, operations).await;
        let adopted = run(&["adopt", "--from", old.url(), "--endpoint", new.endpoint()]).await;
        assert!(adopted.status.success(), "{}{}", adopted.stdout, adopted.stderr);
        Self { old, new, since: Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true) }
    }

    /// Sends the changes to the old register, and to another copy of it. Checks that each is accepted, and that the old
    /// register shows what the new one does. Returns the number of requests.
    async fn catch_up(&self) -> usize {
        let Self { old, new, since } = self;
        let changes = run(&["changes", "--since", since, "--endpoint", new.endpoint()]).await;
        assert!(changes.status.success(), "{}", changes.stderr);
        let copy = Api::start().await;
        run(&["adopt", "--from", old.url(), "--endpoint", copy.endpoint()]).await;
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("changes.jsonl");
        fs::write(&file, &changes.stdout).expect("a file");
        let traffic = ["--traffic", file.to_str().expect("text"), "--writes"];
        let ended = run(&[&["compare", "--old", old.url(), "--new", copy.url()], &traffic[..]].concat()).await;
        let count = changes.stdout.lines().count();
        assert_eq!(ended.stdout, format!("{count} requests compared, 0 answered differently\n"), "{}", changes.stdout);
        for path in ["/clients/all", "/sites/all", "/equipements/all"] {
            assert_eq!(shown(old, path).await, shown(new, path).await, "{path}\n{}", changes.stdout);
        }
        count
    }
}

/// Carries out a batch, in which some operations may be refused.
async fn carry_out(api: &Api, operations: &[Value]) -> Vec<Value> {
    let answer = api.post("/lot", json!({ "operations": operations }).to_string()).await;
    assert_eq!(answer.status(), 200);
    body(answer).await["resultats"].as_array().expect("results").clone()
}

/// Returns a list without identifiers and instants, in an order of names, which are unique.
async fn shown(api: &Api, path: &str) -> Vec<String> {
    let list = body(api.get(path).await).await;
    let members = ["nom", "code", "sites", "equipements", "type", "numero_serie", "status"];
    let show = |entity: &Value| members.map(|name| entity[name].to_string()).join(" ");
    let mut shown: Vec<_> = list.as_array().expect("a list").iter().map(show).collect();
    shown.sort_unstable();
    shown
}

fn operation(op: &str, kind: &str, body: &Value) -> Value {
    json!({ "op": op, "kind": kind, "body": body })
}

/// Returns registrations of clients, each with a site that has an équipement.
fn registrations(count: u32) -> Vec<Value> {
    let of_one = |number: u32| {
        let register = |kind: &str, body: &Value| json!({ "op": "register", "kind": kind, "ref": format!("{kind}{number}"), "body": body });
        [
            register("client", &json!({ "nom": format!("C{number}"), "code": number })),
            register("site", &json!({ "client_id": format!("$client{number}"), "nom": format!("S{number}") })),
            register("equipement", &json!({ "site_id": format!("$site{number}"), "nom": format!("E{number}") })),
        ]
    };
    (0..count).flat_map(of_one).collect()
}

async fn ids(api: &Api, kind: &str) -> Vec<Value> {
    let list = body(api.get(&format!("/{kind}s/all")).await).await;
    list.as_array().expect("a list").iter().map(|entity| entity[format!("{kind}_id")].clone()).collect()
}

#[tokio::test]
async fn codes_that_clients_exchanged_are_exchanged_again() {
    let copies = Copies::new(&registrations(5)).await;
    let clients = ids(&copies.new, "client").await;
    let update = |number: usize, code: usize| {
        operation(
            "update",
            "client",
            &json!({ "client_id": clients[number], "nom": format!("C{number}"), "code": code }),
        )
    };
    // 0 and 1 exchange their codes; 3 takes that of 2, and a new client that of 3.
    let new = operation("register", "client", &json!({ "nom": "C9", "code": 3 }));
    carry_out(&copies.new, &[update(0, 90), update(1, 0), update(0, 1), update(2, 91), update(3, 2), new]).await;
    assert_eq!(copies.catch_up().await, 6);
}

#[tokio::test]
async fn children_are_added_before_their_parent_is_deactivated() {
    let copies = Copies::new(&registrations(3)).await;
    let [clients, sites, equipements] =
        [ids(&copies.new, "client").await, ids(&copies.new, "site").await, ids(&copies.new, "equipement").await];
    let add = operation("register", "equipement", &json!({ "site_id": sites[0], "nom": "E7" }));
    let moved = json!({ "equipement_id": equipements[1], "site_id": sites[0], "nom": "E1" });
    let operations = [
        add,
        operation("update", "equipement", &moved),
        operation("deactivate", "site", &json!({ "site_id": sites[0] })),
        operation("deactivate", "client", &json!({ "client_id": clients[0] })),
        operation("deactivate", "equipement", &json!({ "equipement_id": equipements[2] })),
    ];
    assert!(carry_out(&copies.new, &operations).await.iter().all(|result| result["status"] == 200));
    assert_eq!(copies.catch_up().await, 5);
}

#[tokio::test]
async fn random_changes_bring_the_old_register_to_the_same_state() {
    let mut rng = Rng::with_seed(15);
    let mut names = 100..;
    for _ in 0..4 {
        let copies = Copies::new(&registrations(6)).await;
        for _ in 0..12 {
            let [clients, sites, equipements] = [
                ids(&copies.new, "client").await,
                ids(&copies.new, "site").await,
                ids(&copies.new, "equipement").await,
            ];
            let operations: Vec<_> = (0..8)
                .map(|_| {
                    let (client, site) = (&clients[rng.usize(..clients.len())], &sites[rng.usize(..sites.len())]);
                    let equipement = &equipements[rng.usize(..equipements.len())];
                    let nom = names.next().map(|name: u32| format!("N{name}"));
                    let [status, kind] =
                        [rng.choice(["deactivate", "reactivate"]), rng.choice(["client", "site", "equipement"])];
                    let id = if kind == Some("client") {
                        client
                    } else if kind == Some("site") {
                        site
                    } else {
                        equipement
                    };
                    match rng.u32(..8) {
                        0 => operation("register", "client", &json!({ "nom": nom, "code": rng.u32(..12) })),
                        1 => operation(
                            "update",
                            "client",
                            &json!({ "client_id": client, "nom": nom, "code": rng.u32(..12) }),
                        ),
                        2 => operation("register", "site", &json!({ "client_id": client, "nom": nom })),
                        3 => operation("register", "equipement", &json!({ "site_id": site, "nom": nom, "type": nom })),
                        4 => operation(
                            "update",
                            "equipement",
                            &json!({ "equipement_id": equipement, "site_id": site, "nom": nom }),
                        ),
                        _ => operation(
                            status.expect("one"),
                            kind.expect("one"),
                            &json!({ format!("{}_id", kind.expect("one")): id }),
                        ),
                    }
                })
                .collect();
            carry_out(&copies.new, &operations).await;
        }
        assert!(copies.catch_up().await > 10);
    }
}

#[tokio::test]
async fn an_instant_that_cannot_be_meant_is_refused() {
    let api = Api::start().await;
    let error = failure(&["changes", "--since", "2100-01-01T00:00:00Z", "--endpoint", api.endpoint()]).await;
    assert_eq!(error, "--since 2100-01-01 00:00:00 UTC is in the future");
    let wrong = run(&["changes", "--since", "2026-11-28T16:00:00"]).await;
    assert_eq!(wrong.status.code(), Some(2));
}
