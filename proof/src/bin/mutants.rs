//! Plants bugs in the store, one at a time, and checks that the simulation finds each: `docs/proof.md`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command that reports")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use proof::mutants::{Mutant, MutantResult, Workspace, mutants};

#[derive(Parser)]
#[command(about = "Plants bugs in the store, one at a time, and checks that the simulation finds each")]
struct Args {
    /// Only bugs whose description contains this text
    #[arg(long, default_value = "")]
    only: String,
    /// Seed of the first history. From 1000000000000000 on, most steps change the same few entities
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Maximum number of histories for each bug
    #[arg(long, default_value_t = 20_000)]
    histories: u64,
    /// Write the results to this file; bugs that it has are left out, unless fewer histories did not find them
    #[arg(long)]
    results: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Returns `false` if a bug was not found.
fn run(args: &Args) -> io::Result<bool> {
    let (folder, target) = (Path::new("target/mutants"), std::path::absolute("target")?);
    let workspace = Workspace { folder, target: &target };
    workspace.copy()?;
    workspace.build_unchanged()?;
    let mut results = read(args.results.as_deref())?;
    for mutant in mutants().filter(|mutant| mutant.name.contains(&args.only)) {
        let is_done = |result: &MutantResult| result.seed.is_some() || result.histories >= args.histories;
        if results.iter().any(|result| result.name == mutant.name && is_done(result)) {
            continue;
        }
        let result = workspace.try_mutant(mutant, args.first, args.histories)?;
        report(mutant, &result);
        results.retain(|earlier| earlier.name != mutant.name);
        results.push(result);
        if let Some(file) = &args.results {
            fs::write(file, serde_json::to_string_pretty(&results)? + "\n")?;
        }
    }
    let found = results.iter().filter(|result| result.seed.is_some()).count();
    println!("{found} of {} planted bugs were found", results.len());
    Ok(found == results.len())
}

fn read(file: Option<&Path>) -> io::Result<Vec<MutantResult>> {
    match file.filter(|file| file.exists()) {
        Some(file) => Ok(serde_json::from_str(&fs::read_to_string(file)?)?),
        None => Ok(Vec::new()),
    }
}

fn report(mutant: &Mutant, MutantResult { seed, histories, seconds, .. }: &MutantResult) {
    match seed {
        Some(seed) => println!("found after {histories} histories (seed {seed}, {seconds} s): {}", mutant.name),
        None => println!("NOT FOUND in {histories} histories ({seconds} s): {}", mutant.name),
    }
}
