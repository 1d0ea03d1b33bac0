//! `parc verify`: checks the table for inconsistencies.

use std::io::{self, Write};
use std::process::ExitCode;

use shared::store::{Database, Finding, Outcome, Progress};

use crate::AnyError;
use crate::progress::overwrite;
use crate::table::TableArgs;

/// Checks the table, and prints each finding and a total. Succeeds if nothing is left wrong.
pub(crate) async fn run(table: &TableArgs, repair: bool) -> Result<ExitCode, AnyError> {
    let open = table.open_existing().await?;
    let is_right = check(&open.app.database, repair).await;
    open.close().await?;
    Ok(if is_right? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Checks a table, and prints each finding and a total. Returns `true` if nothing is left wrong or unchecked.
pub(crate) async fn check(database: &Database, repair: bool) -> Result<bool, AnyError> {
    let (mut items, mut wrong, mut repaired, mut unchecked) = (0, 0, 0, 0);
    let mut printed = Ok(());
    let verified = database.verify(repair, |progress| match progress {
        Progress::Items(checked) => {
            items = checked;
            overwrite(&format!("{items} items checked"));
        }
        Progress::Found(Finding { description, outcome }) => {
            let (counter, note) = match outcome {
                Outcome::Wrong => (&mut wrong, ""),
                Outcome::Repaired => (&mut repaired, " (repaired)"),
                Outcome::Unchecked => (&mut unchecked, " (not checked)"),
            };
            *counter += 1;
            let line = writeln!(io::stdout(), "{description}{note}");
            printed = printed.as_ref().map_err(|_| io::Error::other("cannot print the findings")).and(line);
        }
    });
    verified.await?;
    printed?;
    writeln!(io::stdout(), "{items} items: {wrong} wrong, {repaired} repaired, {unchecked} not checked")?;
    Ok(wrong + unchecked == 0)
}
