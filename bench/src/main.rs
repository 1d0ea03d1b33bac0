//! The command of the benchmark; `bench/run` starts it.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command")]

use std::fs;
use std::process::ExitCode;

use bench::measure::{Run, run};
use bench::paths::Paths;
use bench::plot::cold_starts;
use bench::quota::Quota;
use bench::report::{Row, Times, markdown};
use bench::subjects::{COMPARED, Subject, functions, peers};
use bench::table::CannedTable;
use bench::{AnyError, callgrind, exit_code, servers};
use clap::Parser;
use tokio::runtime::Runtime;

/// Measures the functions beside their peers.
#[derive(Debug, Parser)]
struct Arguments {
    /// Functions to measure; all of them by default
    names: Vec<String>,
    /// Number of processes of each subject
    #[arg(long, default_value_t = 20)]
    runs: usize,
    /// Number of warm requests per process
    #[arg(long, default_value_t = 50)]
    warm: usize,
    /// Leave the peers out
    #[arg(long)]
    no_peers: bool,
    /// Leave the instruction counts out
    #[arg(long)]
    no_callgrind: bool,
    /// Variables of every subject, as NAME=VALUE
    #[arg(long)]
    env: Vec<String>,
    /// Write the results into bench/RESULTS.md, bench/results.json and docs/images/cold-start.svg
    #[arg(long, requires = "quotas", conflicts_with = "names")]
    publish: bool,
    /// Memory sizes whose CPU is imitated, in MB
    #[arg(long, value_delimiter = ',')]
    quotas: Vec<u32>,
}

fn main() -> ExitCode {
    exit_code(measure(&Arguments::parse()))
}

fn measure(arguments: &Arguments) -> Result<(), AnyError> {
    let paths = Paths::new()?;
    let servers = servers()?;
    let table = CannedTable::start(servers.handle(), &paths.scratch)?;
    let mut subjects = functions(&paths, &table, &arguments.names)?;
    let compared = subjects.iter().find(|subject| subject.name == COMPARED).cloned();
    if let Some(compared) = compared.filter(|_| !arguments.no_peers) {
        subjects.extend(peers(&paths, &table, &compared)?);
    }
    for variable in &arguments.env {
        let (name, value) = variable.split_once('=').ok_or("expected --env NAME=VALUE")?;
        for subject in &mut subjects {
            subject.set(name, value);
        }
    }
    let rows = measure_all(&servers, &paths, &table, &subjects, arguments)?;
    let text = markdown(&rows);
    println!("{text}");
    let json = serde_json::to_string_pretty(&rows)? + "\n";
    fs::write(paths.scratch.join("results.json"), &json)?;
    if arguments.publish {
        fs::write(paths.root.join("bench/results.json"), json)?;
        fs::write(paths.root.join("docs/images/cold-start.svg"), cold_starts(&rows))?;
        fs::write(paths.root.join("bench/RESULTS.md"), results(arguments, &text)?)?;
    }
    Ok(())
}

/// Returns the page of the results.
fn results(arguments: &Arguments, tables: &str) -> Result<String, AnyError> {
    let processors = fs::read_to_string("/proc/cpuinfo")?;
    let processor = processors.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let processor = processor.trim_start_matches([' ', '\t', ':']);
    let count = processors.lines().filter(|line| line.starts_with("processor")).count();
    let Arguments { runs, warm, .. } = arguments;
    Ok(format!(
        "# Results\n\n`bench/run --full --publish` wrote this file and [results.json](results.json): {runs} processes of \
         each subject in turn, {warm} requests each after the first, on {count} processors ({processor}). \
         [README.md](README.md) explains the columns.\n\n{tables}"
    ))
}

fn measure_all(
    servers: &Runtime,
    paths: &Paths,
    table: &CannedTable,
    subjects: &[Subject],
    arguments: &Arguments,
) -> Result<Vec<Row>, AnyError> {
    let mut rows = Vec::new();
    let counts = !arguments.no_callgrind && callgrind::is_installed();
    let plain = rounds(servers, table, subjects, arguments.runs, arguments.warm, None)?;
    for (subject, runs) in subjects.iter().zip(plain) {
        table.set(&subject.answers);
        let instructions = if counts {
            let warm = if subject.is_native { 20 } else { 2 };
            let counted = callgrind::count(servers.handle(), subject, &paths.scratch, warm);
            // callgrind does not know every program that the runtime of a language generates.
            if subject.is_ours() {
                Some(counted?)
            } else {
                counted.inspect_err(|error| eprintln!("{}: {error}", subject.name)).ok()
            }
        } else {
            None
        };
        rows.push(Row::new(subject, &runs, instructions)?);
    }
    for megabytes in &arguments.quotas {
        let quota = match Quota::of_memory(*megabytes) {
            Ok(quota) => quota,
            Err(error) => {
                eprintln!("left out: the CPU of {megabytes} MB, which needs root and control groups: {error}");
                continue;
            }
        };
        let slow = rounds(servers, table, subjects, arguments.runs.div_ceil(5), 5, Some(&quota))?;
        for (row, runs) in rows.iter_mut().zip(slow) {
            row.quotas.insert(*megabytes, Times::of(&runs));
        }
    }
    Ok(rows)
}

/// Measures the subjects in turn, so that a slow moment of the machine affects all of them.
fn rounds(
    servers: &Runtime,
    table: &CannedTable,
    subjects: &[Subject],
    count: usize,
    warm: usize,
    quota: Option<&Quota>,
) -> Result<Vec<Vec<Run>>, AnyError> {
    let mut runs = vec![Vec::new(); subjects.len()];
    for _ in 0..count {
        for (subject, runs) in subjects.iter().zip(&mut runs) {
            table.set(&subject.answers);
            let measured = run(servers.handle(), subject, warm, quota);
            runs.push(measured.map_err(|error| format!("{}: {error}", subject.name))?);
        }
    }
    Ok(runs)
}
