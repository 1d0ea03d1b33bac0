//! The bill in `docs/costs.md`, and its arithmetic.
//!
//! `PARC_WRITE_COSTS=1 cargo test -p bench` updates the file.

#![allow(clippy::expect_used, reason = "a panic fails the test")]

use std::path::{Path, PathBuf};
use std::{env, fs};

use bench::bill::{Alternative, Inputs, Item, Load, bill, render};

const BEGIN: &str = "<!-- calculated by `cargo run -p bench --bin bill` -->\n";
const END: &str = "<!-- end of the calculated part -->\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn inputs() -> Inputs {
    Inputs::read(&root()).expect("the inputs")
}

fn assert_dollars(actual: f64, expected: f64) {
    assert!((actual - expected).abs() < 1e-9 * expected.max(1.0), "{actual}, not {expected}");
}

#[test]
fn the_costs_equal_the_calculation() {
    let file = root().join("docs/costs.md");
    let text = fs::read_to_string(&file).expect("docs/costs.md");
    let (start, rest) = text.split_once(BEGIN).expect("the begin of the calculated part");
    let (_, end) = rest.split_once(END).expect("the end of the calculated part");
    let expected = format!("{start}{BEGIN}\n{}\n{END}{end}", render(&inputs()));
    if env::var_os("PARC_WRITE_COSTS").is_some() {
        fs::write(&file, &expected).expect("a file");
    }
    let written = fs::read_to_string(&file).expect("docs/costs.md");
    assert!(
        expected == written,
        "docs/costs.md differs from the calculation; PARC_WRITE_COSTS=1 updates it:\n{expected}"
    );
}

/// A workload whose bill can be calculated by hand: 1,000,000 requests of 3 read units, 2 write units, one read and
/// half a transaction.
fn by_hand() -> (Inputs, Load) {
    let mut inputs = inputs();
    inputs.request.reads = 3.0;
    inputs.request.writes = 2.0;
    inputs.request.read_calls = 1.0;
    inputs.request.transactions = 0.5;
    inputs.template.memory_mb = 256.0;
    inputs.template.is_traced = true;
    inputs.template.routes = 4.0;
    inputs.template.retention_months = 1.0;
    inputs.access_line_bytes = 174.0;
    let workload = &mut inputs.workload;
    workload.hours_per_month.value = 1.0;
    workload.read_call_ms.value = 4.0;
    workload.transaction_ms.value = 12.0;
    workload.runtime_ms.value = 1.0;
    workload.programs.parc.cpu_ms.value = 1.0;
    workload.programs.parc.init_ms.value = 40.0;
    workload.function_line_bytes.value = 100.0;
    workload.added_line_bytes.value = 0.0;
    workload.event_bytes.value = 26.0;
    (inputs, Load { requests_per_second: 1e6 / 3600.0, cold_share: 0.1, hours_with_counts: 0.5 })
}

#[test]
fn a_bill_equals_one_calculated_by_hand() {
    let (inputs, load) = by_hand();
    let bill = bill(&inputs, load, Alternative::Parc);
    let line = |item| bill.0[&item];
    assert_dollars(line(Item::ApiGateway), 1.00);
    assert_dollars(line(Item::LambdaRequests), 0.20);
    assert_dollars(line(Item::TableReads), 3.0 * 0.125);
    assert_dollars(line(Item::TableWrites), 2.0 * 0.625);
    // 4 + 6 + 1 + 1 ms, and a tenth of 40 ms: 16 ms with a quarter of a GB, a million times.
    assert_dollars(line(Item::LambdaDuration), 4_000.0 * 0.000_013_333_4);
    // 126 and 200 MB; the metrics of 4 routes and of all, for 3 counts in half of the hours.
    assert_dollars(line(Item::LogLines), 126e6 / 1_073_741_824.0 * 0.50);
    assert_dollars(line(Item::AccessLog), 200e6 / 1_073_741_824.0 * 0.25);
    assert_dollars(line(Item::LogStorage), 326e6 / 1_073_741_824.0 * 0.15 * 0.03);
    assert_dollars(line(Item::Metrics), 15.0 * 0.5 * 0.30);
    // One trace per second, and a twentieth of the other requests: fewer than the free 100,000.
    assert_dollars(line(Item::Traces), 0.0);
}

#[test]
fn containers_follow_the_load() {
    let (mut inputs, _) = by_hand();
    inputs.workload.hours_per_month.value = 10.0;
    inputs.workload.container.busy_share.value = 0.5;
    let fargate = |requests_per_second| {
        let load = Load { requests_per_second, cold_share: 0.0, hours_with_counts: 0.0 };
        bill(&inputs, load, Alternative::ParcInContainers).0[&Item::Fargate]
    };
    let task = 10.0 * (0.25 * 0.032_38 + 0.5 * 0.003_56);
    // With 1 ms of CPU and half of it busy, a quarter of a vCPU answers 125 requests per second.
    for (requests_per_second, tasks) in [(1.0, 2.0), (250.0, 2.0), (251.0, 3.0), (1000.0, 8.0)] {
        assert_dollars(fargate(requests_per_second), tasks * task);
    }
}

#[test]
fn a_price_has_ascending_tiers_and_a_source() {
    let text = fs::read_to_string(root().join("bench/prices.json")).expect("prices");
    let prices: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).expect("JSON");
    for (name, price) in prices {
        let ends: Vec<_> =
            price["tiers"].as_array().expect("tiers").iter().map(|tier| tier["up_to"].as_f64()).collect();
        let (last, bounded) = ends.split_last().expect("a tier");
        assert!(last.is_none() && bounded.iter().all(Option::is_some) && bounded.is_sorted(), "{name}: {ends:?}");
        assert!(price["source"].as_str().is_some_and(|source| source.starts_with("https://aws.amazon.com/")), "{name}");
    }
}
