//! Repairs during writes.

use std::cell::Cell;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::raw::number;

use super::{Fixture, id, key, post};
use crate::support::{Api, body};

/// Moves the équipements back and forth between two sites until `done`, counting the rounds.
async fn keep_moving(api: &Api, done: &Cell<bool>, rounds: &Cell<usize>, equipements: &[Value], sites: [&str; 2]) {
    let mut site = 0;
    while !done.get() {
        for equipement in equipements {
            let sent =
                json!({ "equipement_id": equipement["equipement_id"], "site_id": sites[site % 2], "nom": "Four" });
            assert_eq!(api.send(Method::PUT, "/equipements/update", sent.to_string()).await.status(), 200);
        }
        site += 1;
        rounds.set(rounds.get() + 1);
    }
}

#[tokio::test]
async fn a_repair_during_moves_keeps_correct_counters() {
    let fixture = Fixture::new().await;
    let (api, client, site) = (&fixture.api, &fixture.client, &fixture.site);
    let other = id(&post(api, "/sites/register", json!({ "client_id": client, "nom": "Dépôt" })).await, "site");
    let mut equipements = Vec::new();
    for _ in 0..8 {
        equipements.push(post(api, "/equipements/register", json!({ "site_id": site, "nom": "Four" })).await);
    }
    let (done, rounds) = (Cell::new(false), Cell::new(0));
    let movers = equipements.chunks(2).map(|some| keep_moving(api, &done, &rounds, some, [&other, site]));
    let verify = async {
        let mut lines = Vec::new();
        let mut runs = 0;
        while runs < 5 || rounds.get() <= 20 {
            lines.extend(fixture.verify(&["--repair"]).await.1);
            runs += 1;
        }
        done.set(true);
        lines
    };
    let (_, lines) = futures_util::join!(join_all(movers), verify);
    assert!(
        lines.iter().all(|line| line.contains(": 0 wrong, 0 repaired, ") || line.ends_with("(not checked)")),
        "{lines:?}"
    );
    fixture.assert_right().await;
}

#[tokio::test]
async fn a_repair_during_writes_corrects_counters() {
    let fixture = Fixture::new().await;
    let (api, site) = (&fixture.api, &fixture.site);
    let raw = api.raw();
    let register = async {
        for _ in 0..60 {
            post(api, "/equipements/register", json!({ "site_id": site, "nom": "Four" })).await;
        }
    };
    let break_and_repair = async {
        for wrong in 1..6 {
            // Changed by hand, which leaves `counts_version` as it was.
            raw.set(key(&fixture.client_key()), "equipements", number(1000 * wrong)).await;
            raw.set(key(&fixture.site_key()), "equipements", number(2000 * wrong)).await;
            fixture.verify(&["--repair"]).await;
        }
    };
    futures_util::join!(register, break_and_repair);
    fixture.verify(&["--repair"]).await;
    fixture.assert_right().await;
    assert_eq!(body(api.get("/clients/all").await).await[0]["equipements"], 61);
}
