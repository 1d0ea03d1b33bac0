//! Runs simulated histories of the API, and checks them: `docs/proof.md`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command that reports")]

use std::fs::File;
use std::io::{self, Write};
use std::num::NonZero;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread::available_parallelism;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Parser, Subcommand};
use proof::simulation::campaign::{self, Progress};
use proof::simulation::check::check;
use proof::simulation::shrink::shrink;
use proof::simulation::{Simulator, StepId};

/// mimalloc, because the system's allocator takes a tenth of the run time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(about = "Runs simulated histories of the API, and checks them")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Args)]
struct RunArgs {
    /// Seed of the first history; default: the current Unix time, so that each run checks other histories. From
    /// 1000000000000000 on, most steps change the same few entities
    #[arg(long)]
    first: Option<u64>,
    #[arg(long, default_value_t = u64::MAX)]
    histories: u64,
    /// Stop after about this time
    #[arg(long)]
    seconds: Option<f64>,
    /// By default one for each core
    #[arg(long)]
    threads: Option<NonZero<usize>>,
    /// A file that keeps the progress; the same command continues from it
    #[arg(long)]
    progress: Option<PathBuf>,
    /// Do not look for the fewest steps that show a violation
    #[arg(long)]
    no_shrink: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Runs many histories; stops at the first violation, and leaves out the steps that are not needed to show it
    Run(RunArgs),
    /// Runs the history of one seed, and prints what happened
    Show {
        seed: u64,
        /// Steps to leave out, as CALLER-STEP,CALLER-STEP…
        #[arg(long, value_delimiter = ',', value_parser = parse_step)]
        without: Vec<StepId>,
        /// Write requests, answers, transactions and items to a file, as JSON
        #[arg(long)]
        export: Option<PathBuf>,
    },
}

fn parse_step(text: &str) -> Result<StepId, String> {
    let (caller, step) = text.split_once('-').ok_or("expected CALLER-STEP")?;
    let number = |text: &str| text.parse().map_err(|_| format!("{text} is not a number"));
    Ok(StepId { caller: number(caller)?, step: number(step)? })
}

fn main() -> ExitCode {
    let done = match Args::parse().command {
        Command::Run(args) => run(&args),
        Command::Show { seed, without, export } => show(seed, &without, export),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Runs a campaign. Returns `false` if there is a violation.
fn run(args: &RunArgs) -> io::Result<bool> {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let threads = args.threads.or_else(|| available_parallelism().ok()).map_or(1, NonZero::get);
    let before = args.progress.as_deref().map(Progress::read).transpose()?.flatten();
    let before = before.unwrap_or_else(|| Progress { first: args.first.unwrap_or_else(now), ..Progress::default() });
    if args.first.is_some_and(|first| first != before.first) {
        return Err(io::Error::other(format!("the file is of a campaign from seed {}", before.first)));
    }
    let progress = campaign::run(before, args.histories, args.seconds, threads, |progress| {
        eprintln!("{progress}");
        args.progress.as_ref().map_or(Ok(()), |file| progress.write(file))
    })?;
    println!("{progress}");
    for (seed, violation) in &progress.violations {
        println!("\nseed {seed}: {violation}");
        if args.no_shrink {
            continue;
        }
        println!("\nleaving out steps…");
        if let Some(shrunk) = shrink(&mut Simulator::default(), *seed) {
            let without: Vec<_> =
                shrunk.left_out.iter().map(|StepId { caller, step }| format!("{caller}-{step}")).collect();
            println!("{}\n\nrepeat it with\n  simulate show {seed} --without {}", shrunk.violation, without.join(","));
        }
    }
    Ok(progress.violations.is_empty())
}

/// Shows one history. Returns `false` if there is a violation.
fn show(seed: u64, without: &[StepId], export: Option<PathBuf>) -> io::Result<bool> {
    let history = Simulator::default().run(seed, without);
    for request in &history.requests {
        println!("caller {}, step {}: {:?}", request.caller, request.step, request.call);
        println!("  if_match {:?}, key {:?}", request.if_match, request.key);
        for attempt in &request.attempts {
            println!("  {attempt:?}");
        }
    }
    for commit in &history.commits {
        println!("{commit:?}");
    }
    if let Some(export) = export {
        let mut file = File::create(export)?;
        serde_json::to_writer(&mut file, &history)?;
        writeln!(file)?;
    }
    match check(&history) {
        Ok(()) => println!("\nno violation"),
        Err(violation) => {
            println!("\n{violation}");
            return Ok(false);
        }
    }
    Ok(true)
}
