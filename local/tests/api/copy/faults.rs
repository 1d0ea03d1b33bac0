//! Copies that are interrupted, throttled or disturbed.

use std::process::Stdio;
use std::sync::Arc;

use serde_json::Value;
use testkit::raw::number;
use testkit::{Call, Fault, Gate, Proxy};

use super::{Tables, command, copy};

/// Sums the consumed units of the calls of an operation.
pub(crate) fn units(calls: &[Call], operation: &str) -> f64 {
    let of = calls.iter().filter(|call| call.operation == operation).map(|call| &call.answer["ConsumedCapacity"]);
    let all = of.flat_map(|consumed| consumed.as_array().map_or(std::slice::from_ref(consumed), Vec::as_slice));
    all.filter_map(|consumed| consumed["CapacityUnits"].as_f64()).sum()
}

#[tokio::test]
async fn a_killed_copy_is_completed_by_the_next_run() {
    let tables = Tables::new().await;
    tables.grow().await;
    let proxy = Proxy::start(tables.fixture.api.endpoint(), vec![]).await;
    proxy.add(Fault::after(2, "BatchWriteItem").drops_the_call());
    let mut parc = command(proxy.url(), &["--target-is-idle"]);
    let mut process = parc.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a process");
    proxy.wait_for_dropped_call("BatchWriteItem", 2).await;
    process.kill().await.expect("an end");
    let copied = tables.target.items().await.len();
    // The layout item, and two batches, of which one may be the last and smaller one.
    assert!((27..=51).contains(&copied), "{copied} items");
    let completed = tables.copy().await;
    completed.assert_success();
    assert!(completed.stdout.contains(&format!("\n{copied} items were equal, ")), "{}", completed.stdout);
    tables.assert_equal().await;
}

#[tokio::test]
async fn a_copy_that_fails_says_how_to_continue() {
    let tables = Tables::new().await;
    let proxy = Proxy::start(tables.fixture.api.endpoint(), vec![]).await;
    proxy.add(Fault::next("BatchWriteItem", 1).answers(Fault::NO_TABLE));
    let failed = copy(proxy.url(), &["--target-is-idle"]).await;
    assert!(failed.error().starts_with("the copy stopped: table unavailable: ResourceNotFoundException; "));
    assert!(failed.error().ends_with("; what was copied stays; run the same command again to continue"));
    copy(proxy.url(), &["--target-is-idle"]).await.assert_success();
    tables.assert_equal().await;
}

#[tokio::test]
async fn unprocessed_and_throttled_writes_are_retried() {
    let tables = Tables::new().await;
    tables.grow().await;
    let faults = vec![
        Fault::next("BatchWriteItem", 2).answers(Fault::THROTTLED),
        Fault::next("BatchWriteItem", 2).drops_the_answer(),
        Fault::next("BatchWriteItem", 20).leaves_half_unprocessed(),
    ];
    let proxy = Proxy::start(tables.fixture.api.endpoint(), faults).await;
    copy(proxy.url(), &["--target-is-idle"]).await.assert_success();
    tables.assert_equal().await;
    let calls = proxy.take_calls();
    let left = |call: &Call| call.answer["UnprocessedItems"]["cible"].is_array();
    assert!(calls.iter().filter(|call| left(call)).count() > 10, "too few writes were left");
}

#[tokio::test]
async fn writes_of_others_during_the_copy_are_reported() {
    let tables = Tables::new().await;
    let gate = Arc::new(Gate::default());
    let fault = Fault::until(&gate, "BatchWriteItem").answers(Fault::THROTTLED);
    let proxy = Proxy::start(tables.fixture.api.endpoint(), vec![fault]).await;
    let disturb = async {
        gate.reached().await;
        tables.target.set(["OTHER", "OTHER"], "x", number(1)).await;
        tables.target.set(["LAYOUT", "LAYOUT"], "x", number(1)).await;
        gate.open();
    };
    let (copied, ()) = futures_util::join!(copy(proxy.url(), &["--target-is-idle"]), disturb);
    let error = "2 items of table cible differ: the target was written to during the copy; stop what writes to it";
    assert!(copied.error().starts_with(error), "{}", copied.error());
    copied.assert_prints("cible: item OTHER OTHER: was added");
    copied.assert_prints("cible: item LAYOUT LAYOUT: differs");
}

#[tokio::test]
async fn printed_units_are_those_that_the_table_counts() {
    let tables = Tables::new().await;
    tables.grow().await;
    let proxy = Proxy::start(tables.fixture.api.endpoint(), vec![]).await;
    let copied = copy(proxy.url(), &["--target-is-idle"]).await;
    copied.assert_success();
    let calls = proxy.take_calls();
    let is_consistent = |call: &&Call| call.operation != "Scan" || call.request["ConsistentRead"] == Value::Bool(true);
    let of_copy: Vec<_> = calls.iter().filter(is_consistent).cloned().collect();
    let (reads, writes) = (units(&of_copy, "Scan"), units(&of_copy, "BatchWriteItem"));
    assert!(reads > 0.0 && writes > 0.0);
    let number = |line: &str, word: &str| -> f64 {
        let before = line.split_once(word).expect("a unit").0.trim_end();
        before.rsplit(' ').next().and_then(|number| number.parse().ok()).expect("a number")
    };
    let lines = |word: &str| -> f64 {
        copied.stdout.lines().filter(|line| line.contains(word)).map(|line| number(line, word)).sum()
    };
    assert!((lines(" write units") - writes).abs() < 0.1, "{writes}: {}", copied.stdout);
    // The first scan is the check that the source is not empty.
    let first = of_copy.iter().find(|call| call.operation == "Scan").expect("a scan").clone();
    assert!((lines(" read units") + units(&[first], "Scan") - reads).abs() < 0.1, "{reads}: {}", copied.stdout);
}
