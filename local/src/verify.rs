//! `parc verify`: checks the table for inconsistencies.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use shared::store::{Finding, Outcome, Progress};

use crate::AnyError;
use crate::table::TableArgs;

/// Checks the table, and prints each finding and a total. Succeeds if nothing is left wrong.
pub(crate) async fn run(table: &TableArgs, repair: bool) -> Result<ExitCode, AnyError> {
    let open = table.open_existing().await?;
    let (mut items, mut wrong, mut repaired, mut unchecked) = (0, 0, 0, 0);
    let mut printed = Ok(());
    let verified = open.app.database.verify(repair, |progress| match progress {
        Progress::Items(checked) => {
            items = checked;
            // A terminal shows one line that is overwritten.
            let end = if io::stderr().is_terminal() { '\r' } else { '\n' };
            let _ = write!(io::stderr(), "{items} items checked{end}");
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
    open.close().await?;
    printed?;
    writeln!(io::stdout(), "{items} items: {wrong} wrong, {repaired} repaired, {unchecked} not checked")?;
    Ok(if wrong + unchecked == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
