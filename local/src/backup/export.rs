//! `parc export`: writes every item of a table to files.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use shared::store::{Database, Export, Reread, StoredItem};

use super::files::{self, Files, Unlisted};
use super::manifest::Summary;
use super::print_first;
use super::sort::{Record, Sorter};
use crate::AnyError;
use crate::import::cannot;
use crate::progress::overwrite;
use crate::table::TableArgs;

/// Number of bytes of lines that are sorted in memory. With their overhead, they take about twice as much.
const RUN_SIZE: usize = 64 << 20;

/// Number of lines after which progress is printed.
const PROGRESS: u64 = 100_000;

/// Options of `parc export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The folder to write to, which must be new or empty
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Writes every item to a folder. Succeeds if the table did not change meanwhile.
pub(crate) async fn run(table: &TableArgs, ExportArgs { folder }: &ExportArgs) -> Result<ExitCode, AnyError> {
    files::check_unused(folder)?;
    let open = table.open_existing().await?;
    let exported = export(&open.app.database, folder).await;
    let description = open.description.clone();
    open.close().await?;
    let Exported { summaries, read_units } = exported?;
    let mut out = io::stdout();
    for Summary { name, lines, .. } in &summaries {
        writeln!(out, "{lines} lines in {name}")?;
    }
    let items: u64 = summaries.iter().map(|summary| summary.lines).sum();
    writeln!(out, "{items} items exported to {} from {description}", folder.display())?;
    writeln!(out, "the export consumed {read_units:.1} read units")?;
    Ok(ExitCode::SUCCESS)
}

struct Exported {
    summaries: Vec<Summary>,
    read_units: f64,
}

async fn export(database: &Database, folder: &Path) -> Result<Exported, AnyError> {
    files::create(folder)?;
    let mut export = database.export();
    let sorter = read(&mut export, folder).await?;
    let files = write(sorter, folder)?;
    let Reread { changes, read_units } =
        export.read_again(|items| overwrite(&format!("{items} items read again"))).await?;
    if !changes.is_empty() {
        print_first(&changes)?;
        let advice = "stop what writes to the table and export to another folder, or export a table that was restored to a \
                      point in time (docs/restoring.md)";
        let (count, folder) = (changes.len(), folder.display());
        return Err(format!("{count} items changed during the export, and {folder} is no backup: {advice}").into());
    }
    let summaries = files.summaries.clone();
    files.list()?;
    Ok(Exported { summaries, read_units })
}

/// Reads the table.
async fn read<'a>(export: &mut Export<'_>, folder: &'a Path) -> Result<Sorter<'a>, AnyError> {
    let mut sorter = Sorter::new(folder, RUN_SIZE);
    let mut read = 0;
    while let Some(items) = export.next_page().await? {
        read += items.len();
        for item in items {
            sorter.add(record(&item)?).map_err(|error| cannot("write to", folder, &error))?;
        }
        overwrite(&format!("{read} items read"));
    }
    Ok(sorter)
}

fn record(item: &StoredItem) -> Result<Record, AnyError> {
    let advice = "correct or remove the attribute, and run this command again";
    let line = item.to_line().map_err(|error| format!("{error}; {advice}"))?;
    Ok(Record { section: item.section(), order: item.order(), line })
}

/// Writes the files, except the manifest.
fn write<'a>(sorter: Sorter<'_>, folder: &'a Path) -> Result<Unlisted<'a>, AnyError> {
    let mut files = Files::create(folder)?;
    let failed = |error| cannot("sort in", folder, &error);
    for (number, record) in (1_u64..).zip(sorter.merge().map_err(failed)?) {
        files.add(record.map_err(failed)?)?;
        if number % PROGRESS == 0 {
            overwrite(&format!("{number} lines written"));
        }
    }
    files.finish()
}
