//! Checks the program that `cargo run` starts under kills, load, a full disk and a crowd: `proof/endurance.md`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use proof::endurance::process::Program;
use proof::endurance::{crowd, disk, folder, kill, soak};
use testkit::AnyError;

/// Checks `parc` under kills, load, a full disk and a crowd; exits with 1 if a claim does not hold.
#[derive(Debug, Parser)]
#[command(name = "endurance")]
struct Options {
    /// The program to check
    #[arg(long, global = true, default_value = "target/debug/parc")]
    program: PathBuf,
    /// The seed of every random choice; a new one without this option
    #[arg(long, global = true)]
    seed: Option<u64>,
    #[command(subcommand)]
    check: Check,
}

#[derive(Debug, Subcommand)]
enum Check {
    /// Kill the program while callers write, start it again, and check that everything acknowledged is there once
    Kill(kill::KillArgs),
    /// Fill the disk: writes are refused, reads go on, and nothing acknowledged is lost
    Disk(disk::DiskArgs),
    /// Start a second process on a folder in use: it is refused, and the first goes on
    Folder,
    /// Send requests for a long time, and watch latency, errors, memory, descriptors and the database
    Soak(soak::SoakArgs),
    /// Open a thousand connections: whole lists, small requests, slow readers and callers that leave
    Crowd(crowd::CrowdArgs),
}

fn main() -> ExitCode {
    let options = Options::parse();
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..));
    let ended = tokio::runtime::Runtime::new()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(run(&options.check, &options.program, seed)));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is nobody to tell if the standard error is closed.
            let _ = writeln!(io::stderr(), "error: {error}\nseed: {seed}");
            ExitCode::FAILURE
        }
    }
}

async fn run(check: &Check, program: &std::path::Path, seed: u64) -> Result<(), AnyError> {
    writeln!(io::stdout(), "seed: {seed}")?;
    let program = Program::new(program)?;
    match check {
        Check::Kill(args) => kill::run(&program, args, seed).await,
        Check::Disk(args) => disk::run(&program, args).await,
        Check::Folder => folder::run(&program).await,
        Check::Soak(args) => soak::run(&program, args, seed).await,
        Check::Crowd(args) => crowd::run(&program, args, seed).await,
    }
}
