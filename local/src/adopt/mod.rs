//! `parc adopt`: takes over the data of an old service that has the API of parc, or a part of it.

mod conflicts;
mod entity;
mod held;
mod read;
mod reconcile;
mod report;
mod write;

use std::io::{self, Write};
use std::process::ExitCode;

use chrono::Utc;
use clap::Args;
use shared::models::Timestamp;
use shared::store::Database;

use crate::AnyError;
use crate::service::Service;
use crate::table::TableArgs;
use read::Register;
use report::Report;
use write::Written;

/// Options of `parc adopt`.
#[derive(Debug, Args)]
pub(crate) struct AdoptArgs {
    /// The URL of the old service, without /clients
    #[arg(long, value_name = "URL")]
    from: String,
    /// A token that may read the old service
    #[arg(long, value_name = "TOKEN", env = "PARC_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

/// Takes over what the old service shows, and compares. Succeeds if parc holds exactly that.
pub(crate) async fn run(table: &TableArgs, args: &AdoptArgs) -> Result<ExitCode, AnyError> {
    let old = Service::new(&args.from, args.token.as_deref(), "--from")?;
    let mut report = Report::default();
    let mut register = read::read(&old, Timestamp::of(Utc::now()), &mut report).await?;
    let open = table.open_to_import().await?;
    let is_equal = adopt(&open.app.database, &mut register, report).await;
    open.close().await?;
    Ok(if is_equal? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Returns `true` if parc holds exactly what the old service shows.
async fn adopt(database: &Database, register: &mut Register, mut report: Report) -> Result<bool, AnyError> {
    conflicts::remove(register, &mut report);
    let Written { added, existing, units } = write::write(database, register, &mut report).await?;
    reconcile::reconcile(database, register, &mut report).await?;
    let Report { lines, left_out, printed, .. } = report;
    printed.end()?;
    writeln!(io::stdout(), "{added} entities taken over, {existing} were there already, {left_out} left out")?;
    writeln!(io::stdout(), "the writing consumed {units:.1} capacity units")?;
    writeln!(io::stdout(), "differences, listed above: {lines}")?;
    Ok(lines == 0)
}
