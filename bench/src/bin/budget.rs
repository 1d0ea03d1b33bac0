//! Compares the instructions of two functions with `bench/budget.json`; `bench/budget` builds them and starts it.

#![allow(clippy::print_stdout, reason = "a command")]

use std::collections::BTreeMap;
use std::fs;
use std::process::ExitCode;

use bench::budget::compare;
use bench::callgrind::{Instructions, count};
use bench::paths::Paths;
use bench::subjects::functions;
use bench::table::CannedTable;
use bench::{AnyError, exit_code, servers};
use clap::Parser;

/// Compares the instructions of two functions with the budget.
#[derive(Debug, Parser)]
struct Arguments {
    /// Write the counted instructions into the budget
    #[arg(long)]
    write: bool,
}

fn main() -> ExitCode {
    exit_code(check(&Arguments::parse()))
}

fn check(arguments: &Arguments) -> Result<(), AnyError> {
    let mut paths = Paths::new()?;
    paths.functions = paths.root.join("target/bench/budget");
    let file = paths.root.join("bench/budget.json");
    let budget: BTreeMap<String, Instructions> = serde_json::from_str(&fs::read_to_string(&file)?)?;
    let servers = servers()?;
    let table = CannedTable::start(servers.handle(), &paths.scratch)?;
    let names: Vec<_> = budget.keys().cloned().collect();
    let mut counted = BTreeMap::new();
    for subject in functions(&paths, &table, &names)? {
        table.set(&subject.answers);
        let counts = count(servers.handle(), &subject, &paths.scratch, 20)?;
        counted.insert(subject.name, counts);
    }
    if arguments.write {
        fs::write(&file, serde_json::to_string_pretty(&counted)? + "\n")?;
        return Ok(());
    }
    let report = compare(&budget, &counted);
    println!("{}", report.text);
    if report.is_within { Ok(()) } else { Err("the budget is exceeded".into()) }
}
