//! `parc import` of an export: writes its items to an empty table, or continues an import that was interrupted.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use shared::store::{Comparison, Contents, Imported, Target};

use super::print_first;
use super::reader::Backup;
use crate::AnyError;
use crate::copy::print_step;
use crate::progress::overwrite;
use crate::table::{OpenTable, TableArgs};

/// Number of lines after which progress is printed.
const PROGRESS: u64 = 100_000;

/// Checks the files and the table, writes what is missing, and compares. Succeeds if the table is equal to the export. A
/// dry run only checks.
pub(crate) async fn run(table: &TableArgs, folder: &Path, dry_run: bool) -> Result<ExitCode, AnyError> {
    table.refuse_memory()?;
    let checked = Backup::open(folder).and_then(|backup| check(&backup).map(|contents| (backup, contents)));
    let (backup, contents) = checked.map_err(|error| format!("{error}. Nothing was written"))?;
    let items = backup.len();
    writeln!(io::stdout(), "{items} items in {}, as its manifest lists them", folder.display())?;
    if !dry_run {
        let open = table.open_to_import().await?;
        let imported = import(&open, &backup, contents).await;
        open.close().await?;
        return imported;
    }
    let Some(open) = table.open_to_check().await? else {
        writeln!(io::stdout(), "the table does not exist: it would be created, and {items} items written")?;
        return Ok(ExitCode::SUCCESS);
    };
    let checked = check_target(&open, contents).await;
    open.close().await?;
    let missing = checked?.missing.len();
    writeln!(io::stdout(), "{} items are equal, {missing} would be written", items - missing)?;
    Ok(ExitCode::SUCCESS)
}

/// Reads every line, and returns the digests of the items.
fn check(backup: &Backup) -> Result<Contents, AnyError> {
    let mut contents = Contents::default();
    let mut items = backup.items();
    let mut has_layout = false;
    while let Some(item) = items.next().transpose()? {
        has_layout |= item.is_layout()?;
        if !contents.add(&item) {
            return Err(format!("{} repeats item {}; use another copy of the export", items.place(), item.key()).into());
        }
        if contents.len() % PROGRESS == 0 {
            overwrite(&format!("{} lines checked", contents.len()));
        }
    }
    if has_layout { Ok(contents) } else { Err("the export has no layout item; export again".into()) }
}

/// What a table lacks.
struct Checked {
    missing: Contents,
    read_units: f64,
}

/// Checks that a table holds nothing but items of the export.
async fn check_target(open: &OpenTable, mut contents: Contents) -> Result<Checked, AnyError> {
    let Target { others, read_units } = open.app.database.check_import(&mut contents, print_step).await?;
    if others.is_empty() {
        return Ok(Checked { missing: contents, read_units });
    }
    let lines: Vec<_> = others.iter().map(|key| format!("item {key}: is not that of the export")).collect();
    print_first(&lines)?;
    let advice = "import into an empty table: another --data folder or another --table name";
    let (count, description) = (others.len(), &open.description);
    Err(format!("{count} items are not those of the export in {description}; nothing was written: {advice}").into())
}

async fn import(open: &OpenTable, backup: &Backup, contents: Contents) -> Result<ExitCode, AnyError> {
    let database = &open.app.database;
    let Checked { missing, read_units } = check_target(open, contents).await?;
    let equal = backup.len() - missing.len();
    let imported = database.import(backup.items(), missing, print_step).await;
    let advice = "what was written stays; run the same command again to continue";
    let Imported { written, write_units } =
        imported.map_err(|error: AnyError| format!("the import stopped: {error}; {advice}"))?;
    let mut out = io::stdout();
    writeln!(out, "{equal} items were equal, {written} written")?;
    writeln!(out, "the import consumed {read_units:.1} read units and {write_units:.1} write units")?;

    let compared = database.compare_with(backup.items(), print_step).await;
    let Comparison { target, differences, read_units } =
        compared.map_err(|error: AnyError| format!("the comparison stopped: {error}; {advice}"))?;
    let description = &open.description;
    writeln!(
        out,
        "after the import: {target} items in {description}; the comparison consumed {read_units:.1} read units"
    )?;
    print_first(&differences)?;
    if !differences.is_empty() {
        let cause = "something wrote to the table, or changed the files, during the import; stop it, and import into an empty table";
        return Err(format!("{} items of the table differ from the export: {cause}", differences.len()).into());
    }
    writeln!(out, "the table is equal to the export; `verify` checks whether the exported table was consistent")?;
    Ok(ExitCode::SUCCESS)
}
