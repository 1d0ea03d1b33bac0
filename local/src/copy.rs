//! `parc copy`: makes the items of a table equal to those of a restored one.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Args;
use shared::store::{Comparison, Copied, CopyStep, Database};

use crate::progress::overwrite;
use crate::table::TableArgs;
use crate::{AnyError, verify};

/// Options of `parc copy`.
#[derive(Debug, Args)]
pub(crate) struct CopyArgs {
    /// The table whose items are copied, such as a restored one
    #[arg(long, value_name = "TABLE", requires = "endpoint", conflicts_with_all = ["table", "data", "memory"])]
    from: String,
    /// The table whose items are replaced or deleted, such as the stack's
    #[arg(long, value_name = "TABLE")]
    to: String,
    /// Do not check that the target is in maintenance: you vouch that nothing writes to it
    #[arg(long)]
    target_is_idle: bool,
}

/// Copies the items, compares the tables and checks the target. Succeeds if they are equal and nothing is wrong.
pub(crate) async fn run(table: &TableArgs, args: &CopyArgs) -> Result<ExitCode, AnyError> {
    let CopyArgs { from, to, target_is_idle } = args;
    if from == to {
        return Err(format!("--from and --to are the same table, {from}; name two tables").into());
    }
    let source = table.open_named(from, "--from").await?;
    let target = table.open_named(to, "--to").await?;
    source.check_copy(&target, *target_is_idle).await?;

    writeln!(io::stdout(), "checking {from}")?;
    if !verify::check(&source, false).await? {
        let advice = format!("run `verify --repair --table {from}` with the same --endpoint first");
        return Err(format!("table {from} has findings; nothing was copied: {advice}").into());
    }
    let mut out = io::stdout();
    let Copied { source: items, target_before, unchanged, written, deleted, read_units, write_units } =
        copy(&source, &target).await?;
    writeln!(out, "before the copy: {items} items in {from}, {target_before} items in {to}")?;
    writeln!(out, "{unchanged} items were equal, {written} written, {deleted} deleted")?;
    writeln!(out, "the copy consumed {read_units:.1} read units and {write_units:.1} write units")?;

    let Comparison { target: copies, differences, read_units } = source.compare_to(&target, print_step).await?;
    writeln!(out, "after the copy: {copies} items in {to}; the comparison consumed {read_units:.1} read units")?;
    for difference in &differences {
        writeln!(out, "{to}: {difference}")?;
    }
    writeln!(out, "checking {to}")?;
    let is_right = verify::check(&target, false).await?;
    if !differences.is_empty() {
        let cause = "the target was written to during the copy; stop what writes to it, and run this command again";
        return Err(format!("{} items of table {to} differ: {cause}", differences.len()).into());
    }
    Ok(if is_right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn copy(source: &Database, target: &Database) -> Result<Copied, AnyError> {
    let copied = source.copy_to(target, print_step).await;
    let advice = "what was copied stays; run the same command again to continue";
    copied.map_err(|error| format!("the copy stopped: {error}; {advice}").into())
}

/// Prints the progress of a copy, or of an import.
pub(crate) fn print_step(step: CopyStep, items: u64) {
    let done = match step {
        CopyStep::ReadTarget => "items of the target read",
        CopyStep::Copy => "items of the source compared and copied",
        CopyStep::Delete => "items of the target deleted",
        CopyStep::ReadCopy => "items of the target read again",
        CopyStep::Compare => "items of the source compared again",
    };
    overwrite(&format!("{items} {done}"));
}
