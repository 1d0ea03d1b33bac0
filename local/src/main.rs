//! `cargo run`: the whole API on one port, and what its operators do.

mod demo;
mod place;
mod serve;
mod verify;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use functions::docs::{Access, document};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use place::Place;

type AnyError = Box<dyn Error + Send + Sync>;

/// The API of parc on this machine, over an embedded table.
#[derive(Debug, Parser)]
#[command(name = "parc", version)]
struct Options {
    #[command(flatten)]
    door: serve::Door,
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Fill an empty table with a believable set of clients, sites and équipements
    Demo,
    /// Print the OpenAPI document of the API as it is deployed
    Openapi,
    /// Check that an existing table has this version's layout
    Layout,
    /// Compare redundant items and recount counters; exits with 1 if anything is wrong
    Verify {
        /// Repair what is wrong (safe while others write)
        #[arg(long)]
        repair: bool,
    },
}

fn main() -> ExitCode {
    log();
    let options = Options::parse();
    let run = tokio::runtime::Runtime::new().map_err(Into::into).and_then(|runtime| runtime.block_on(run(options)));
    run.unwrap_or_else(|error| {
        tracing::error!("{error}");
        ExitCode::FAILURE
    })
}

async fn run(Options { door, place, command }: Options) -> Result<ExitCode, AnyError> {
    match command {
        None => serve::run(&door, &place).await?,
        Some(Command::Demo) => demo::run(&place).await?,
        Some(Command::Openapi) => {
            write!(io::stdout(), "{}", document(&functions::routes(Access::Token), Access::Token))?;
        }
        Some(Command::Layout) => {
            let open = place.open().await?;
            writeln!(io::stdout(), "{}: the layout is current", open.shown)?;
            open.close().await?;
        }
        Some(Command::Verify { repair }) => return verify::run(&place, repair).await,
    }
    Ok(ExitCode::SUCCESS)
}

/// One line a request on stderr; of the libraries only what went wrong, since the engine warns of
/// every condition that a caller meets.
fn log() {
    let ours = ["shared", "local", "parc"].map(|target| (target, LevelFilter::INFO));
    tracing_subscriber::registry()
        .with(fmt::layer().with_writer(io::stderr).with_target(false).compact())
        .with(Targets::new().with_default(LevelFilter::ERROR).with_targets(ours))
        .init();
}
