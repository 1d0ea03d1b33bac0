//! The bill as Markdown.

use std::collections::BTreeSet;

use super::compute::{milliseconds, tasks};
use super::logs::Logging;
use super::text::{decimal, dollars, with_commas, with_sign, wrapped};
use super::total::{Alternative, Bill, Item, bill, growth};
use super::{Inputs, Load};

/// Returns the generated part of `docs/costs.md`.
#[must_use]
pub fn render(inputs: &Inputs) -> String {
    let loads = &inputs.workload.loads;
    let tables = loads.iter().map(|load| load_section(inputs, *load));
    let sections = tables.chain([logging_section(inputs), request_section(inputs), alternatives_section(inputs)]);
    sections.collect::<Vec<_>>().join("\n")
}

/// Returns the table of one load, and what dominates it.
fn load_section(inputs: &Inputs, load: Load) -> String {
    let bills = Alternative::ALL.map(|alternative| bill(inputs, load, alternative));
    let header = row("", &Alternative::ALL.map(|alternative| alternative.label().to_owned()));
    let rule = "|---|---:|---:|---:|---:|\n";
    let items: BTreeSet<_> = bills.iter().flat_map(|bill| bill.0.keys().copied()).collect();
    let shown = items.into_iter().filter(|item| bills.iter().any(|bill| amount(bill, *item) >= 0.005));
    let lines: String = shown.map(|item| row(item.label(), &bills.each_ref().map(|bill| cell(bill, item)))).collect();
    let totals = row("**total**", &bills.each_ref().map(|bill| format!("**{}**", dollars(bill.total()))));
    let million = row(
        "per million requests",
        &bills.each_ref().map(|bill| dollars(bill.total() / inputs.workload.requests(load) * 1e6)),
    );
    let rate = with_commas(load.requests_per_second);
    let unit = if load.requests_per_second > 1.0 { "requests" } else { "request" };
    format!(
        "## {rate} {unit} per second\n\n{header}{rule}{lines}{totals}{million}\n{}\n",
        wrapped(&notes(inputs, load, &bills))
    )
}

/// Returns sentences about a load.
fn notes(inputs: &Inputs, load: Load, bills: &[Bill; 4]) -> String {
    let largest = Alternative::ALL.iter().zip(bills).filter_map(|(alternative, bill)| {
        let (item, dollars) = bill.largest()?;
        Some(format!("{}: {} ({:.0} %)", alternative.label(), item.label(), dollars / bill.total() * 100.0))
    });
    let largest = largest.collect::<Vec<_>>().join("; ");
    let [parc, fastapi] = [Alternative::ParcInContainers, Alternative::FastApiInContainers]
        .map(|alternative| with_commas(tasks(inputs, load, alternative.program(inputs))));
    let growth = growth(inputs, load);
    let storage = inputs.prices.dynamodb_storage.of(growth) + inputs.prices.dynamodb_backup.of(growth);
    format!(
        "Largest lines: {largest}.\n\n\
         Containers: {parc} tasks of parc, {fastapi} of FastAPI. The table grows by {} GB a month, which adds \
         {} to every later month.",
        decimal(growth),
        with_sign(storage),
    )
}

/// Returns what log lines and metrics cost, before and now.
fn logging_section(inputs: &Inputs) -> String {
    let rows = inputs.workload.loads.iter().map(|load| {
        let (before, now) = (Logging::before(inputs), Logging::of_functions(inputs, *load));
        let [before_dollars, now_dollars] = [before, now].map(|logging| logging.dollars(inputs, *load));
        let cells = [
            format!("{} → {}", decimal(before.metrics), decimal(now.metrics)),
            format!("{} → {}", dollars(before_dollars.metrics), dollars(now_dollars.metrics)),
            format!("{} → {}", dollars(before_dollars.total()), dollars(now_dollars.total())),
        ];
        row(&with_commas(load.requests_per_second), &cells)
    });
    let (before, now) =
        (Logging::before(inputs), inputs.workload.loads.first().map(|it| Logging::of_functions(inputs, *it)));
    let bytes = now.map_or_else(String::new, |now| {
        format!(
            "A function's line has {:.0} bytes instead of {:.0}, a line of the access log {:.0} instead of {:.0}, at half the price.",
            now.line_bytes, before.line_bytes, now.access_line_bytes, before.access_line_bytes,
        )
    });
    format!(
        "## Log lines and metrics, before and now\n\n\
         | requests per second | custom metrics | their price | metrics, log lines and their storage |\n\
         |---:|---:|---:|---:|\n{}\n{}\n",
        rows.collect::<String>(),
        wrapped(&bytes),
    )
}

/// Returns what the average request consumes.
fn request_section(inputs: &Inputs) -> String {
    let Inputs { prices, workload, request, .. } = inputs;
    let busy = workload.container.busy_share.value;
    let programs = [Alternative::Parc, Alternative::FastApiOnLambda].map(|alternative| alternative.program(inputs));
    let [parc_ms, fastapi_ms] = programs.map(|program| decimal(milliseconds(inputs, 0.0, program)));
    let [parc_per_cpu, fastapi_per_cpu] = programs.map(|program| with_commas(busy * 1e3 / program.cpu_ms.value));
    let units = prices.dynamodb_reads.of(request.reads * 1e6) + prices.dynamodb_writes.of(request.writes * 1e6);
    let (reads, writes) = (decimal(request.reads), decimal(request.writes));
    let text = format!(
        "It consumes {reads} read units and {writes} write units, which cost ${units:.2} per million requests, and is \
         billed {parc_ms} ms on Lambda ({fastapi_ms} for FastAPI). A vCPU of a container answers {parc_per_cpu} \
         requests per second ({fastapi_per_cpu} for FastAPI)."
    );
    format!("## The average request\n\n{}\n", wrapped(&text))
}

/// Returns from which load on an alternative is cheaper.
fn alternatives_section(inputs: &Inputs) -> String {
    let workload = &inputs.workload;
    let containers = break_even(inputs).map_or_else(
        || "Containers cost more than parc at each of these loads.".to_owned(),
        |load| {
            let load = with_commas(load);
            format!(
                "Containers with parc's handlers cost less than parc from {load} requests per second, day and night."
            )
        },
    );
    let [on_demand, provisioned] = capacity(inputs).map(with_sign);
    let load = with_commas(workload.loads.last().map_or(0.0, |load| load.requests_per_second));
    let used = workload.provisioned_use.value * 100.0;
    let capacity = format!(
        "Provisioned capacity that is used to {used:.0} % would cost {provisioned} a month instead of {on_demand} for \
         the table's reads and writes at {load} requests per second. On-demand capacity needs no planning and costs \
         nothing without requests."
    );
    format!("## Cheaper alternatives under a steady load\n\n- {}\n- {}\n", bullet(&containers), bullet(&capacity))
}

/// Breaks the text of a list item into lines.
fn bullet(text: &str) -> String {
    wrapped(text).replace('\n', "\n  ")
}

/// Returns the lowest load at which containers with parc's handlers cost less than parc, if there is one.
fn break_even(inputs: &Inputs) -> Option<f64> {
    let (first, last) = (inputs.workload.loads.first()?, inputs.workload.loads.last()?);
    let steps = std::iter::successors(Some(*first), |load| {
        Some(Load { requests_per_second: load.requests_per_second + 1.0, ..*load })
    });
    let total = |load, alternative| bill(inputs, load, alternative).total();
    steps
        .take_while(|load| load.requests_per_second <= last.requests_per_second)
        .find(|load| total(*load, Alternative::ParcInContainers) < total(*load, Alternative::Parc))
        .map(|load| load.requests_per_second)
}

/// Returns what reads and writes of the table cost at the highest load: on demand, and provisioned.
fn capacity(inputs: &Inputs) -> [f64; 2] {
    let Inputs { prices, workload, request, .. } = inputs;
    let Some(load) = workload.loads.last() else { return [0.0; 2] };
    let requests = workload.requests(*load);
    let hours = workload.hours_per_month.value / workload.provisioned_use.value;
    let units = |per_request: f64| load.requests_per_second * per_request * hours;
    [
        prices.dynamodb_reads.of(requests * request.reads) + prices.dynamodb_writes.of(requests * request.writes),
        prices.dynamodb_provisioned_reads.of(units(request.reads))
            + prices.dynamodb_provisioned_writes.of(units(request.writes)),
    ]
}

fn row<const N: usize>(label: &str, cells: &[String; N]) -> String {
    format!("| {label} | {} |\n", cells.join(" | ")).replace("|  |", "| |").replace("|  |", "| |")
}

fn amount(bill: &Bill, item: Item) -> f64 {
    bill.0.get(&item).copied().unwrap_or_default()
}

/// Returns the dollars of an item, in bold if it is the largest of its bill.
fn cell(bill: &Bill, item: Item) -> String {
    let amount = amount(bill, item);
    match bill.largest() {
        _ if amount < 0.005 => String::new(),
        Some((largest, _)) if largest == item => format!("**{}**", dollars(amount)),
        _ => dollars(amount),
    }
}
