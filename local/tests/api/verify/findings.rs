//! Every kind of inconsistency, found and repaired.

use serde_json::json;
use testkit::raw::{number, text};
use tokio::process::Command;

use super::{Fixture, id, key, post};
use crate::support::body;

/// Identifier of no entity.
const NOBODY: &str = "019a5a1e-3c08-7000-8000-000000000009";

#[tokio::test]
async fn a_consistent_table_has_no_findings() {
    let fixture = Fixture::new().await;
    let expected = (true, vec!["10 items: 0 wrong, 0 repaired, 0 not checked".to_owned()]);
    assert_eq!(fixture.verify(&[]).await, expected);
    assert_eq!(fixture.verify(&["--repair"]).await, expected);
}

#[tokio::test]
async fn wrong_counters_are_repaired() {
    let fixture = Fixture::new().await;
    let raw = fixture.api.raw();
    raw.set(key(&fixture.client_key()), "sites", number(7)).await;
    raw.set(key(&fixture.site_key()), "equipements", number(0)).await;
    let Fixture { client, site, .. } = &fixture;
    fixture
        .assert_repaired(&[
            format!("client {client}: sites is 7, should be 1; equipements is 1, should be 1"),
            format!("site {site}: equipements is 0, should be 1"),
        ])
        .await;
}

#[tokio::test]
async fn a_negative_counter_is_listed_as_zero_and_repaired() {
    let fixture = Fixture::new().await;
    let raw = fixture.api.raw();
    raw.set(key(&fixture.client_key()), "equipements", number(-3)).await;
    raw.set(key(&fixture.site_key()), "equipements", number(-2)).await;
    for path in ["/clients/all", "/sites/all", "/clients/all?code=12"] {
        let answer = fixture.api.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(body(answer).await[0]["equipements"], 0, "{path}");
    }
    let Fixture { client, site, .. } = &fixture;
    fixture
        .assert_repaired(&[
            format!("client {client}: sites is 1, should be 1; equipements is -3, should be 1"),
            format!("site {site}: equipements is -2, should be 1"),
        ])
        .await;
}

#[tokio::test]
async fn missing_and_stray_reservations_are_repaired() {
    let fixture = Fixture::new().await;
    let raw = fixture.api.raw();
    raw.delete(["CODE#12", "CODE"]).await;
    raw.set(["CODE#14", "CODE"], "client_id", text(&fixture.client)).await;
    let client = &fixture.client;
    fixture
        .assert_repaired(&[
            format!("client {client}: its code 12 is not reserved for it"),
            format!("code 14: reserved for client {client}, which is missing or has another code"),
        ])
        .await;
}

#[tokio::test]
async fn wrong_pointers_and_copies_are_repaired() {
    let fixture = Fixture::new().await;
    let raw = fixture.api.raw();
    let Fixture { client, site, equipement, .. } = &fixture;
    raw.delete(key(&fixture.parent_key())).await;
    let missing = format!("site {site}: stored under client {client}, but its parent pointer is missing or differs");
    let lost = format!("équipement {equipement}: its site {site} is missing");
    let (_, lines) = fixture.verify(&[]).await;
    assert!(lines.contains(&missing) && lines.contains(&lost), "{lines:?}");
    // The équipement is consistent again when its site is found.
    fixture.verify(&["--repair"]).await;
    fixture.assert_right().await;

    let differs = format!("équipement {equipement}: its copy at site {site} is missing or differs");
    raw.delete(key(&fixture.copy_key())).await;
    let counted = format!("site {site}: equipements is 1, should be 0");
    let (_, lines) = fixture.verify(&[]).await;
    assert!(lines.contains(&differs) && lines.contains(&counted), "{lines:?}");
    // The copy is restored before the counter is recounted, which therefore stays.
    let (_, lines) = fixture.verify(&["--repair"]).await;
    assert_eq!(lines, [format!("{differs} (repaired)"), "10 items: 0 wrong, 1 repaired, 0 not checked".to_owned()]);
    fixture.assert_right().await;

    raw.set(key(&fixture.copy_key()), "nom", text("Pétrin")).await;
    fixture.assert_repaired(&[differs]).await;

    raw.set(key(&fixture.equipement_key()), "client_id", text(NOBODY)).await;
    let elsewhere = format!("équipement {equipement}: at client {NOBODY}, but its site is at client {client}");
    fixture.assert_repaired(&[elsewhere]).await;
}

#[tokio::test]
async fn a_stray_copy_and_a_stray_pointer_are_removed() {
    let fixture = Fixture::new().await;
    let raw = fixture.api.raw();
    let Fixture { client, site, equipement, .. } = &fixture;
    let other =
        id(&post(&fixture.api, "/sites/register", json!({ "client_id": client, "nom": "Dépôt" })).await, "site");
    let mut copy = raw.item(key(&fixture.copy_key())).await.expect("a copy");
    copy.insert("PK".to_owned(), text(format!("SITE#{other}")));
    raw.put(copy).await;
    let mut pointer = raw.item(key(&fixture.parent_key())).await.expect("a pointer");
    pointer.insert("PK".to_owned(), text(format!("SITE#{NOBODY}")));
    pointer.insert("site_rank".to_owned(), text(NOBODY));
    raw.put(pointer).await;
    // The stray copy is active, so it is counted until it is removed.
    let counted = format!("site {other}: equipements is 0, should be 1");
    let client_counted = format!("client {client}: sites is 2, should be 2; equipements is 1, should be 2");
    let (_, lines) = fixture.verify(&[]).await;
    assert!(lines.contains(&counted) && lines.contains(&client_counted), "{lines:?}");
    raw.set([&format!("SITE#{other}"), &fixture.copy_key()[1]], "status", text("inactif")).await;
    fixture
        .assert_repaired(&[
            format!("équipement {equipement}: stray copy at site {other}; the équipement is at site {site}"),
            format!("site {NOBODY}: its parent pointer points to client {client}, which has no such site"),
        ])
        .await;
}

#[tokio::test]
async fn removing_an_active_stray_copy_keeps_counters() {
    let fixture = Fixture::new().await;
    let raw = fixture.api.raw();
    let Fixture { client, site, equipement, .. } = &fixture;
    let other =
        id(&post(&fixture.api, "/sites/register", json!({ "client_id": client, "nom": "Dépôt" })).await, "site");
    let mut copy = raw.item(key(&fixture.copy_key())).await.expect("a copy");
    copy.insert("PK".to_owned(), text(format!("SITE#{other}")));
    raw.put(copy).await;
    let (_, lines) = fixture.verify(&["--repair"]).await;
    let removed =
        format!("équipement {equipement}: stray copy at site {other}; the équipement is at site {site} (repaired)");
    assert_eq!(lines[0], removed);
    assert_eq!(lines.len(), 2, "{lines:?}");
    fixture.assert_right().await;
}

#[tokio::test]
async fn wrong_index_keys_are_repaired() {
    let fixture = Fixture::new().await;
    let raw = fixture.api.raw();
    raw.set(key(&fixture.site_key()), "GSI1PK", text("SITE#9")).await;
    raw.remove(key(&fixture.client_key()), "GSI2SK").await;
    let Fixture { client, site, .. } = &fixture;
    let problem = "index keys missing or wrong: lists or searches do not show it";
    assert_eq!(body(fixture.api.get("/clients/all?nom=bou").await).await, json!([]));
    fixture.assert_repaired(&[format!("client {client}: {problem}"), format!("site {site}: {problem}")]).await;
    assert_eq!(body(fixture.api.get("/clients/all?nom=bou").await).await.as_array().map(Vec::len), Some(1));
    assert_eq!(body(fixture.api.get("/sites/all").await).await.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn remains_of_lost_entities_are_reported_and_kept() {
    let fixture = Fixture::new().await;
    let raw = fixture.api.raw();
    let Fixture { client, site, equipement, .. } = &fixture;
    raw.delete(key(&fixture.client_key())).await;
    raw.delete(key(&fixture.equipement_key())).await;
    for _ in 0..2 {
        let (right, lines) = fixture.verify(&["--repair"]).await;
        assert!(!right, "{lines:?}");
        for problem in [
            format!("site {site}: its client {client} is missing"),
            format!("code 12: reserved for client {client}, which is missing or has another code"),
            format!("équipement {equipement}: missing, but site {site} holds a copy of it"),
            format!("client {client}: missing, but it has history entry 1"),
            format!("équipement {equipement}: missing, but it has history entry 1"),
        ] {
            assert!(lines.contains(&problem), "{problem} is not in {lines:?}");
        }
        assert_eq!(lines.last().expect("a total"), "8 items: 5 wrong, 0 repaired, 0 not checked");
    }
}

#[tokio::test]
async fn an_unreadable_item_is_reported_without_its_values() {
    let fixture = Fixture::new().await;
    fixture.api.raw().set(key(&fixture.client_key()), "status", text("Boulangerie Morin")).await;
    let (right, lines) = fixture.verify(&["--repair"]).await;
    let client = &fixture.client;
    let named = |line: &String| line.contains(&format!("item CLIENT#{client} CLIENT: attribute status"));
    assert!(!right && lines.iter().any(named) && !lines.concat().contains("Boulangerie"), "{lines:?}");
    // Callers get an internal error without the values too.
    let answer = fixture.api.get(&format!("/clients/{client}/infos")).await;
    assert_eq!(answer.status(), 500);
    assert_eq!(body(answer).await, json!({ "detail": "Erreur interne" }));
}

#[tokio::test]
async fn every_command_refuses_an_older_layout() {
    let fixture = Fixture::new().await;
    fixture.api.raw().set(["LAYOUT", "LAYOUT"], "layout", number(1)).await;
    for command in [&["verify"][..], &["layout"], &["demo"], &["--port", "0"]] {
        let mut parc = Command::new(env!("CARGO_BIN_EXE_parc"));
        let parc = parc.args(command).args(["--endpoint", fixture.api.endpoint()]);
        let output = parc.output().await.expect("an output");
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success());
        assert!(errors.contains("table parc has layout 1, and this version of parc needs layout 3"), "{errors}");
    }
}
