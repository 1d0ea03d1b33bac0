//! `parc copy`, between two tables of one engine.

pub(crate) mod faults;
mod refusals;

use reqwest::Method;
use serde_json::json;
use testkit::raw::{RawItem, RawTable, number, text};
use testkit::{connect_to, template};
use tokio::process::Command;

use crate::process::Ended;
use crate::verify::{Fixture, key, post};

/// Name of the source, which has the items of the API.
pub(crate) const SOURCE: &str = "parc";
pub(crate) const TARGET: &str = "cible";

/// An API whose table is the source, and an empty target.
pub(crate) struct Tables {
    pub(crate) fixture: Fixture,
    pub(crate) target: RawTable,
}

impl Tables {
    pub(crate) async fn new() -> Self {
        let fixture = Fixture::new().await;
        let definition = template::table().expect("a definition");
        let target = connect_to(TARGET, fixture.api.endpoint());
        target.create_table(&definition).await.expect("a table");
        let target = RawTable::named(TARGET, fixture.api.endpoint());
        Self { fixture, target }
    }

    /// Adds a kept answer and many équipements to the source.
    pub(crate) async fn grow(&self) {
        let register = self.fixture.api.request(Method::POST, "/clients/register");
        let register = register.header("content-type", "application/json").header("idempotency-key", "1");
        let kept = register.body(json!({ "nom": "Hôtel Noël", "code": 13 }).to_string()).send().await;
        assert_eq!(kept.expect("an answer").status(), 200);
        for _ in 0..40 {
            let equipement = json!({ "site_id": self.fixture.site, "nom": "Four" });
            post(&self.fixture.api, "/equipements/register", equipement).await;
        }
    }

    pub(crate) fn source(&self) -> RawTable {
        self.fixture.api.raw()
    }

    /// Runs `parc copy` on a target that is idle.
    async fn copy(&self) -> Ended {
        copy(self.fixture.api.endpoint(), &["--target-is-idle"]).await
    }

    /// Checks that the target is equal to the source, byte for byte.
    pub(crate) async fn assert_equal(&self) {
        assert_eq!(sorted(self.target.items().await), sorted(self.source().items().await));
    }
}

fn command(endpoint: &str, options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parc"));
    command.args(["copy", "--endpoint", endpoint, "--from", SOURCE, "--to", TARGET]).args(options).kill_on_drop(true);
    command
}

async fn copy(endpoint: &str, options: &[&str]) -> Ended {
    Ended::of(command(endpoint, options).output().await.expect("an output"))
}

pub(crate) fn sorted(mut items: Vec<RawItem>) -> Vec<RawItem> {
    items.sort_by_key(|item| ["PK", "SK"].map(|name| item[name].as_s().expect("a key").clone()));
    items
}

#[tokio::test]
async fn every_item_is_copied_byte_for_byte_and_once() {
    let tables = Tables::new().await;
    tables.grow().await;
    let copied = tables.copy().await;
    copied.assert_success();
    tables.assert_equal().await;
    // The layout item of the target was equal.
    let items = tables.source().items().await.len();
    copied.assert_prints(&format!("before the copy: {items} items in parc, 1 items in cible"));
    copied.assert_prints(&format!("1 items were equal, {} written, 0 deleted", items - 1));
    copied.assert_prints(&format!("{items} items: 0 wrong, 0 repaired, 0 not checked"));
    let again = tables.copy().await;
    again.assert_success();
    again.assert_prints(&format!("{items} items were equal, 0 written, 0 deleted"));
    assert!(again.stdout.contains(" and 0.0 write units\n"), "{}", again.stdout);
}

#[tokio::test]
async fn changed_stray_and_missing_items_are_replaced() {
    let tables = Tables::new().await;
    tables.copy().await.assert_success();
    let (fixture, target) = (&tables.fixture, &tables.target);
    target.set(key(&fixture.client_key()), "nom", text("Autre")).await;
    target.set(key(&fixture.site_key()), "added", number(1)).await;
    target.delete(key(&fixture.equipement_key())).await;
    target.set(["CODE#99", "CODE"], "client_id", text(&fixture.client)).await;
    target.set(["OTHER", "OTHER"], "x", number(1)).await;
    let copied = tables.copy().await;
    copied.assert_success();
    copied.assert_prints("7 items were equal, 3 written, 2 deleted");
    tables.assert_equal().await;
}

#[tokio::test]
async fn expired_items_may_be_missing_from_the_copy() {
    let tables = Tables::new().await;
    tables.grow().await;
    tables.copy().await.assert_success();
    let answer = tables.target.items().await.into_iter().find(|item| item["SK"] == text("RETRY")).expect("an answer");
    let partition = answer["PK"].as_s().expect("a key");
    tables.target.delete([partition, "RETRY"]).await;
    let target = connect_to(TARGET, tables.fixture.api.endpoint());
    let differences = async || {
        let compared = tables.fixture.api.app.database.compare_to(&target, |_, _| {}).await;
        compared.expect("a comparison").differences
    };
    assert_eq!(differences().await, [format!("item {partition} RETRY: is missing")]);
    tables.source().set([partition, "RETRY"], "expires_at", number(1)).await;
    assert_eq!(differences().await, [""; 0]);
}
