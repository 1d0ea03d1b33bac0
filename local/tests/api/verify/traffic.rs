//! Repairs while others write.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use testkit::raw::number;

use super::{Fixture, id, key, post};
use crate::support::{Api, body};

/// Moves the équipements back and forth between two sites until the time is over.
async fn move_until(api: &Api, end: Instant, equipements: &[Value], sites: [&str; 2]) -> usize {
    let mut rounds = 0;
    while Instant::now() < end {
        for equipement in equipements {
            let sent = json!({
                "equipement_id": equipement["equipement_id"], "site_id": sites[rounds % 2], "nom": "Four",
            });
            assert_eq!(api.send(Method::PUT, "/equipements/update", sent.to_string()).await.status(), 200);
        }
        rounds += 1;
    }
    rounds
}

#[tokio::test]
async fn repair_during_moves_keeps_right_counters() {
    let fixture = Fixture::new().await;
    let (api, client, site) = (&fixture.api, &fixture.client, &fixture.site);
    let other = id(&post(api, "/sites/register", json!({ "client_id": client, "nom": "Dépôt" })).await, "site");
    let mut equipements = Vec::new();
    for _ in 0..8 {
        equipements.push(post(api, "/equipements/register", json!({ "site_id": site, "nom": "Four" })).await);
    }
    let end = Instant::now() + Duration::from_secs(4);
    let movers = equipements.chunks(2).map(|some| move_until(api, end, some, [&other, site]));
    let verify = async {
        let mut lines = Vec::new();
        while Instant::now() < end {
            lines.extend(fixture.verify(&["--repair"]).await.1);
        }
        lines
    };
    let (rounds, lines) = futures_util::join!(futures_util::future::join_all(movers), verify);
    assert!(rounds.iter().sum::<usize>() > 20, "{rounds:?}");
    assert!(
        lines.iter().all(|line| line.contains(": 0 wrong, 0 repaired, ") || line.ends_with("(not checked)")),
        "{lines:?}"
    );
    fixture.assert_right().await;
}

#[tokio::test]
async fn a_repair_beside_writers_repairs_wrong_counters() {
    let fixture = Fixture::new().await;
    let (api, site) = (&fixture.api, &fixture.site);
    let raw = api.raw();
    let install = async {
        for _ in 0..60 {
            post(api, "/equipements/register", json!({ "site_id": site, "nom": "Four" })).await;
        }
    };
    let spoil_and_repair = async {
        for wrong in 1..6 {
            // By hand, as nobody should: without counting up `counts_version`.
            raw.set(key(&fixture.client_key()), "equipements", number(1000 * wrong)).await;
            raw.set(key(&fixture.site_key()), "equipements", number(2000 * wrong)).await;
            fixture.verify(&["--repair"]).await;
        }
    };
    futures_util::join!(install, spoil_and_repair);
    fixture.verify(&["--repair"]).await;
    fixture.assert_right().await;
    assert_eq!(body(api.get("/clients/all").await).await[0]["equipements"], 61);
}
