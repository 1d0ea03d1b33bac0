//! Results, as JSON and as a Markdown table.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde::Serialize;

use crate::AnyError;
use crate::callgrind::Instructions;
use crate::measure::Run;
use crate::subjects::Subject;

/// Results of one subject. Times are in milliseconds.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Row {
    /// Name of the subject.
    pub name: String,
    /// Number of processes.
    pub runs: usize,
    /// Times without a quota.
    #[serde(flatten)]
    pub times: Times,
    /// 99th percentile of the time of later requests.
    pub warm_p99: f64,
    /// CPU time of the start and the first request.
    pub cold_cpu: f64,
    /// CPU time of a later request.
    pub warm_cpu: f64,
    /// Instructions of the start and the first request, in millions.
    pub cold_instructions: Option<f64>,
    /// Instructions of a later request, in millions.
    pub warm_instructions: Option<f64>,
    /// Peak memory, in MB.
    pub memory: f64,
    /// Size of its files, in MB.
    pub size: f64,
    /// Size of its deployment package, in MB.
    pub package: f64,
    /// The same under the CPU of a function of so many MB.
    pub quotas: BTreeMap<u32, Times>,
}

/// Medians of times, in milliseconds.
#[derive(Debug, Default, Clone, Copy, Serialize)]
pub struct Times {
    /// From the start of the process until it asks for an event.
    pub init: f64,
    /// From the first event until its answer.
    pub first: f64,
    /// From the start of the process until its first answer.
    pub cold: f64,
    /// Time of a later request.
    pub warm: f64,
}

impl Times {
    /// Summarizes runs.
    #[must_use]
    pub fn of(runs: &[Run]) -> Self {
        let of = |value: fn(&Run) -> Duration| median(runs.iter().map(value));
        let warm = median(runs.iter().flat_map(|run| run.warm.iter().copied()));
        Self { init: of(|run| run.init), first: of(|run| run.first), cold: of(Run::cold), warm }
    }
}

impl Row {
    /// Summarizes the runs of a subject.
    ///
    /// # Errors
    /// Returns an error if a file of its package cannot be read.
    pub fn new(subject: &Subject, runs: &[Run], instructions: Option<Instructions>) -> Result<Self, AnyError> {
        let (mut size, mut package) = (0, 0);
        for file in &subject.package {
            let bytes = std::fs::read(file)?;
            size += bytes.len();
            package += zipped_size(&bytes)?;
        }
        let warm: Vec<_> = runs.iter().flat_map(|run| run.warm.iter().copied()).collect();
        let of = |value: fn(&Run) -> Duration| median(runs.iter().map(value));
        Ok(Self {
            name: subject.name.clone(),
            runs: runs.len(),
            times: Times::of(runs),
            warm_p99: quantile(warm, 0.99),
            cold_cpu: of(|run| run.cold_cpu),
            warm_cpu: of(|run| run.warm_cpu),
            cold_instructions: instructions.map(|count| millions(count.cold)),
            warm_instructions: instructions.map(|count| millions(count.warm)),
            memory: median_of(runs.iter().map(|run| millions(run.memory)).collect()),
            size: millions(u64::try_from(size)?),
            package: millions(u64::try_from(package)?),
            quotas: BTreeMap::new(),
        })
    }
}

/// Returns the bytes of a file in a zip archive.
fn zipped_size(bytes: &[u8]) -> Result<usize, AnyError> {
    use std::io::Write;
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    // The headers of a file, without its name twice.
    Ok(encoder.finish()?.len() + 76)
}

fn millions(number: u64) -> f64 {
    // Exact up to 2^53.
    #[expect(clippy::cast_precision_loss, reason = "counts are below 2^53")]
    let number = number as f64;
    number / 1e6
}

fn median(times: impl Iterator<Item = Duration>) -> f64 {
    quantile(times.collect(), 0.5)
}

fn quantile(times: Vec<Duration>, share: f64) -> f64 {
    quantile_of(times.into_iter().map(|time| time.as_secs_f64() * 1e3).collect(), share)
}

fn median_of(values: Vec<f64>) -> f64 {
    quantile_of(values, 0.5)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "an index")]
fn quantile_of(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let index = (values.len().saturating_sub(1) as f64 * share).round() as usize;
    values.get(index).copied().unwrap_or(f64::NAN)
}

/// Returns the rows as Markdown tables: everything, and the quotas.
#[must_use]
pub fn markdown(rows: &[Row]) -> String {
    let mut text = String::from(
        "| | init ms | first ms | cold ms | warm ms | warm p99 ms | CPU/start ms | CPU/request ms | cold Minstr | \
         warm Minstr | memory MB | size MB | zip MB |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    let optional = |number: Option<f64>| number.map(|number| format!("{number:.2}")).unwrap_or_default();
    for row in rows {
        let Row { name, warm_p99, cold_cpu, warm_cpu, memory, size, package, .. } = row;
        let Times { init, first, cold, warm } = row.times;
        let (cold_count, warm_count) = (optional(row.cold_instructions), optional(row.warm_instructions));
        let _ = writeln!(
            text,
            "| {name} | {init:.2} | {first:.2} | {cold:.2} | {warm:.3} | {warm_p99:.3} | {cold_cpu:.2} | \
             {warm_cpu:.3} | {cold_count} | {warm_count} | {memory:.1} | {size:.2} | {package:.2} |"
        );
    }
    let mut quotas: Vec<u32> = rows.iter().flat_map(|row| row.quotas.keys().copied()).collect();
    quotas.sort_unstable();
    quotas.dedup();
    for megabytes in quotas {
        let _ = writeln!(
            text,
            "\n| CPU of {megabytes} MB | init ms | first ms | cold ms | warm ms |\n|---|---|---|---|---|"
        );
        for (row, quota) in rows.iter().filter_map(|row| Some((row, row.quotas.get(&megabytes)?))) {
            let Times { init, first, cold, warm } = quota;
            let _ = writeln!(text, "| {} | {init:.1} | {first:.1} | {cold:.1} | {warm:.2} |", row.name);
        }
    }
    text
}
