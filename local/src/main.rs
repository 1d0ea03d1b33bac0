//! The program of `cargo run`: the whole API on one port, and commands for operators.

mod adopt;
mod backup;
mod batches;
mod changes;
mod compare;
mod copy;
mod cursor_key;
mod demo;
mod http_client;
mod import;
mod link;
mod progress;
mod serve;
mod service;
mod table;
mod verify;

use std::env;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use functions::docs::{Access, document};
use testkit::AnyError;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use adopt::AdoptArgs;
use backup::ExportArgs;
use changes::ChangesArgs;
use compare::CompareArgs;
use copy::CopyArgs;
use import::ImportArgs;
use serve::ListenArgs;
use table::TableArgs;

/// Time that calls to the emulator have to end with the program.
const SHUTDOWN_TIME_LIMIT: Duration = Duration::from_secs(2);

/// Runs the API of parc on this machine, with an embedded table.
#[derive(Debug, Parser)]
#[command(name = "parc", version)]
struct Options {
    #[command(flatten)]
    listen: ListenArgs,
    #[command(flatten)]
    table: TableArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Take over the data of an old service with the API of parc, or a part of it; exits with 1 unless parc then holds
    /// exactly what the old service shows. A repeated takeover changes nothing that is there
    Adopt(AdoptArgs),
    /// Print the changes since an instant as requests for `compare --traffic`, so that another service can catch up
    Changes(ChangesArgs),
    /// Ask two services the same, and print where their answers differ; exits with 1 if any does
    Compare(CompareArgs),
    /// Fill an empty table with a plausible set of clients, sites and équipements
    Demo,
    /// Carry out the operations of a file, or restore an export; exits with 1 if an operation is refused, or unless
    /// the table is equal to the export. A repeated import continues where the first one stopped,
    /// that of a file within 24 hours
    Import(ImportArgs),
    /// Write every item of an existing table to a folder, as lines of JSON that `import` restores byte for byte;
    /// exits with 1 if the table changes meanwhile
    Export(ExportArgs),
    /// Print the OpenAPI document of the deployed API
    Openapi,
    /// Check that an existing table has the layout of this version
    Layout,
    /// Check an existing table for inconsistencies and recount its counters; exits with 1 if
    /// anything is left wrong or unchecked
    Verify {
        /// Repair what is wrong; safe while others write
        #[arg(long)]
        repair: bool,
    },
    /// Make the items of a table equal to those of a restored one, and check both; exits with 1 unless
    /// both are equal and consistent
    Copy(CopyArgs),
}

fn main() -> ExitCode {
    let options = Options::parse();
    start_log();
    let ended = tokio::runtime::Runtime::new().map_err(Into::into).and_then(|runtime| {
        let ended = runtime.block_on(run(options));
        // Drops the emulator's database, which then moves its log into `table.db`.
        runtime.shutdown_timeout(SHUTDOWN_TIME_LIMIT);
        ended
    });
    ended.unwrap_or_else(|error| {
        // There is nobody to tell if the standard error is closed.
        let _ = writeln!(io::stderr(), "error: {error}");
        ExitCode::FAILURE
    })
}

async fn run(Options { listen, table, command }: Options) -> Result<ExitCode, AnyError> {
    match command {
        None => serve::run(&listen, &table).await?,
        Some(Command::Adopt(args)) => return adopt::run(&table, &args).await,
        Some(Command::Compare(args)) => return compare::run(&args).await,
        Some(Command::Import(args)) => return import::run(&table, &args).await,
        Some(Command::Changes(args)) => changes::run(&table, &args).await?,
        Some(Command::Export(args)) => return backup::export(&table, &args).await,
        Some(Command::Demo) => demo::run(&table).await?,
        Some(Command::Openapi) => {
            write!(io::stdout(), "{}", document(&functions::routes(Access::Token), Access::Token))?;
        }
        Some(Command::Layout) => {
            let open = table.open_existing().await?;
            writeln!(io::stdout(), "the layout is current: {}", open.description)?;
            open.close().await?;
        }
        Some(Command::Verify { repair }) => return verify::run(&table, repair).await,
        Some(Command::Copy(args)) => return copy::run(&table, &args).await,
    }
    Ok(ExitCode::SUCCESS)
}

/// Starts the log on the standard error: one line per request, and only errors of the libraries, because the
/// emulator warns of every condition that does not hold.
fn start_log() {
    let ours = ["shared", "local", "parc"].map(|target| (target, LevelFilter::INFO));
    let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let lines = fmt::layer().with_writer(io::stderr).with_target(false).compact();
    tracing_subscriber::registry()
        .with(lines.with_ansi(io::stderr().is_terminal() && !no_color))
        .with(Targets::new().with_default(LevelFilter::ERROR).with_targets(ours))
        .init();
}
