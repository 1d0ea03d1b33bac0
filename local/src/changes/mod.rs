//! `parc changes`: prints requests that bring a service from the state at an instant to that of the table.

mod plan;
mod state;

use std::io::{self, BufWriter, Write};

use chrono::{DateTime, Utc};
use clap::Args;
use shared::models::Timestamp;

use crate::AnyError;
use crate::table::TableArgs;
use state::State;

/// Options of `parc changes`.
#[derive(Debug, Args)]
pub(crate) struct ChangesArgs {
    /// The instant from which on changes count, such as 2026-11-28T16:00:00Z; Z stands for UTC
    #[arg(long, value_name = "INSTANT")]
    since: DateTime<Utc>,
}

/// Prints one request on each line.
pub(crate) async fn run(table: &TableArgs, args: &ChangesArgs) -> Result<(), AnyError> {
    if args.since > Utc::now() {
        return Err(format!("--since {} is in the future", args.since).into());
    }
    let open = table.open_existing().await?;
    let states = State::read_all(&open.app.database, Timestamp::of(args.since)).await;
    open.close().await?;
    let mut out = BufWriter::new(io::stdout());
    for request in plan::requests(&states?) {
        writeln!(out, "{request}")?;
    }
    Ok(out.flush()?)
}
