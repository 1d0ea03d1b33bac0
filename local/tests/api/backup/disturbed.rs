//! Exports and imports that are interrupted, or disturbed by writes.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use testkit::raw::{number, text};
use testkit::{Fault, Gate, Proxy};

use super::{Backup, command, export, files, import};
use crate::copy::TARGET;
use crate::process::Ended;

impl Backup {
    /// Exports the table, and calls `disturb` after it was read for the first time.
    async fn export_while(&self, disturb: impl AsyncFnOnce()) -> Ended {
        let gate = Arc::new(Gate::default());
        let first = Fault::next("Scan", 1).delays_the_answer(Duration::ZERO);
        let held = Fault::until(&gate, "Scan").answers(Fault::THROTTLED);
        let proxy = Proxy::start(self.tables.fixture.api.endpoint(), vec![first, held]).await;
        let disturb = async {
            gate.reached().await;
            disturb().await;
            gate.open();
        };
        let (folder, endpoint) = (self.path(), ["--endpoint", proxy.url()]);
        futures_util::join!(export(&folder, &endpoint), disturb).0
    }
}

#[tokio::test]
async fn writes_during_an_export_are_reported() {
    let backup = Backup::new().await;
    let source = backup.tables.source();
    let disturbed = backup
        .export_while(async || {
            backup.tables.fixture.api.register("Petit", 14).await;
            source.delete(["LAYOUT", "LAYOUT"]).await;
            source.set(["CODE#13", "CODE"], "client_id", text("x")).await;
            for number_of in 0..30 {
                source.set(["OTHER", &format!("{number_of:02}")], "x", number(1)).await;
            }
        })
        .await;
    let expected = format!("35 items changed during the export, and {} is no backup: ", backup.path().display());
    assert!(disturbed.error().starts_with(&expected), "{}", disturbed.error());
    for line in ["item CODE#13 CODE: was changed", "item CODE#14 CODE: was added", "item LAYOUT LAYOUT: was deleted"] {
        disturbed.assert_prints(line);
    }
    disturbed.assert_prints("and 15 more");
    assert_eq!(disturbed.stdout.lines().count(), 21);
    // The files are left, without a manifest.
    assert_eq!(files(&backup.path()).len(), 5);
    let refused = backup.import(&[]).await;
    assert!(refused.error().contains(" has no manifest.json: it is not an export, or one that did not finish"));
    assert_eq!(backup.tables.target.items().await.len(), 1);
}

#[tokio::test]
async fn items_that_expire_during_an_export_are_no_change() {
    let backup = Backup::new().await;
    let source = backup.tables.source();
    let answers = source.items().await.into_iter().filter(|item| item.contains_key("expires_at"));
    let keys: Vec<_> = answers.map(|item| ["PK", "SK"].map(|name| item[name].as_s().expect("a key").clone())).collect();
    for [partition, sort] in &keys {
        source.set([partition, sort], "expires_at", number(1)).await;
    }
    let [partition, sort] = &keys[0];
    backup.export_while(async || source.delete([partition, sort]).await).await.assert_success();
    // It is in the export nevertheless.
    assert_eq!(
        super::lines(&backup.path(), "others.jsonl")
            .iter()
            .filter(|line| line["SK"] == **sort && line["PK"] == **partition)
            .count(),
        1
    );
}

#[tokio::test]
async fn a_killed_import_is_continued_by_the_same_command() {
    let backup = Backup::exported().await;
    let proxy = Proxy::start(backup.tables.fixture.api.endpoint(), vec![]).await;
    proxy.add(Fault::after(3, "BatchWriteItem").drops_the_call());
    let mut parc = command("import", &backup.path(), &["--endpoint", proxy.url(), "--table", TARGET]);
    let mut process = parc.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a process");
    proxy.wait_for_dropped_call("BatchWriteItem", 3).await;
    process.kill().await.expect("an end");
    let written = backup.tables.target.items().await.len();
    // The layout item, and three batches, of which one may be the last and smaller one.
    assert!((52..=76).contains(&written), "{written} items");
    let items = backup.tables.source().items().await.len();
    backup
        .import(&["--dry-run"])
        .await
        .assert_prints(&format!("{written} items are equal, {} would be written", items - written));
    let completed = backup.import(&[]).await;
    completed.assert_success();
    completed.assert_prints(&format!("{written} items were equal, {} written", items - written));
    backup.tables.assert_equal().await;
}

#[tokio::test]
async fn an_import_that_fails_says_how_to_continue() {
    let backup = Backup::exported().await;
    let proxy = Proxy::start(backup.tables.fixture.api.endpoint(), vec![]).await;
    proxy.add(Fault::next("BatchWriteItem", 1).answers(Fault::NO_TABLE));
    let failed = import(&backup.path(), &["--endpoint", proxy.url(), "--table", TARGET]).await;
    assert!(failed.error().starts_with("the import stopped: table unavailable: ResourceNotFoundException; "));
    assert!(failed.error().ends_with("; what was written stays; run the same command again to continue"));
    backup.import(&[]).await.assert_success();
    backup.tables.assert_equal().await;
}

#[tokio::test]
async fn writes_during_an_import_are_reported() {
    let backup = Backup::exported().await;
    let gate = Arc::new(Gate::default());
    let fault = Fault::until(&gate, "BatchWriteItem").answers(Fault::THROTTLED);
    let proxy = Proxy::start(backup.tables.fixture.api.endpoint(), vec![fault]).await;
    let target = &backup.tables.target;
    let disturb = async {
        gate.reached().await;
        target.set(["OTHER", "OTHER"], "x", number(1)).await;
        target.set(["LAYOUT", "LAYOUT"], "x", number(1)).await;
        gate.open();
    };
    let (folder, options) = (backup.path(), ["--endpoint", proxy.url(), "--table", TARGET]);
    let imported = import(&folder, &options);
    let (imported, ()) = futures_util::join!(imported, disturb);
    assert!(imported.error().starts_with("2 items of the table differ from the export: "), "{}", imported.error());
    imported.assert_prints("item OTHER OTHER: was added");
    imported.assert_prints("item LAYOUT LAYOUT: differs");
}
