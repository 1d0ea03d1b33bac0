//! `parc import`: carries out the operations of a file, one on each line, as `POST /lot` does. A folder is an export.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde_json::Value;
use shared::store::Database;

use crate::batches::{Batches, Outcome};
use crate::progress::overwrite;
use crate::table::TableArgs;
use crate::{AnyError, backup};

/// Options of `parc import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// A file with one operation of POST /lot on each line, such as
    /// {"op": "register", "kind": "client", "ref": "c1", "body": {"nom": "Morin", "code": 12}};
    /// or a folder that `export` wrote, whose items are restored into an empty table
    #[arg(value_name = "PATH")]
    file: PathBuf,
    /// Decide each operation and write nothing, for a file that fits into one batch; or check a folder and the table
    #[arg(long)]
    dry_run: bool,
    /// Write the lines of a file that are refused to this one, so that they can be corrected and imported
    #[arg(long, value_name = "FILE")]
    refused: Option<PathBuf>,
}

/// Carries out each line, and prints those that are refused. Succeeds if none is.
pub(crate) async fn run(table: &TableArgs, args: &ImportArgs) -> Result<ExitCode, AnyError> {
    if args.file.is_dir() {
        if args.refused.is_some() {
            let problem = "is a folder: its items are restored as they are, and none is refused";
            return Err(format!("{} {problem}; omit --refused", args.file.display()).into());
        }
        return backup::import(table, &args.file, args.dry_run).await;
    }
    let operations = Operations::open(&args.file)?;
    let mut report = Report::new(args)?;
    let open = table.open_to_import().await?;
    let imported = import(&open.app.database, operations, args, &mut report).await;
    open.close().await?;
    report.end(args.dry_run)?;
    imported?;
    Ok(if report.refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn import(
    database: &Database,
    operations: Operations,
    args: &ImportArgs,
    report: &mut Report,
) -> Result<(), AnyError> {
    let name = args.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // A dry run must not find what an earlier import has done.
    let name = Some(name.as_str()).filter(|_| !args.dry_run);
    let mut batches = Batches::new(database, name, args.dry_run);
    for operation in operations {
        let (number, operation) = operation?;
        if let Some(done) = batches.add(number, operation).await? {
            report.add(done)?;
            overwrite(&format!("{} operations carried out", report.carried_out));
        }
    }
    report.add(batches.finish().await?)?;
    Ok(())
}

/// Operations of a file, with the numbers of their lines.
struct Operations {
    path: PathBuf,
    lines: io::Lines<BufReader<File>>,
    number: u64,
}

impl Operations {
    fn open(path: &Path) -> Result<Self, AnyError> {
        let file = File::open(path).map_err(|error| cannot("read", path, &error))?;
        Ok(Self { path: path.to_owned(), lines: BufReader::new(file).lines(), number: 0 })
    }

    fn parse(&self, line: io::Result<String>) -> Result<Value, AnyError> {
        let number = self.number;
        let line = line.map_err(|error| format!("line {number}: {}", cannot("read", &self.path, &error)))?;
        // Some editors write a byte order mark.
        let text = if number == 1 { line.trim_start_matches('\u{feff}') } else { &line };
        let parsed = serde_json::from_str(text);
        Ok(parsed.map_err(|error| format!("line {number} is not JSON: {}", on_one_line(&error)))?)
    }
}

impl Iterator for Operations {
    type Item = Result<(u64, Value), AnyError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = self.lines.next()?;
            self.number += 1;
            if !line.as_ref().is_ok_and(|line| line.trim().is_empty()) {
                return Some(self.parse(line).map(|operation| (self.number, operation)));
            }
        }
    }
}

/// Describes an error of a text that is one line: its position is a column.
fn on_one_line(error: &serde_json::Error) -> String {
    error.to_string().replace(" at line 1 column", " at column")
}

/// Describes an error of a file or a folder.
pub(crate) fn cannot(action: &str, path: &Path, error: &io::Error) -> String {
    format!("cannot {action} {}: {error}", path.display())
}

/// What became of the operations.
struct Report {
    carried_out: u64,
    refused: u64,
    file: Option<BufWriter<File>>,
}

impl Report {
    fn new(ImportArgs { file, refused, .. }: &ImportArgs) -> Result<Self, AnyError> {
        let Some(path) = refused else { return Ok(Self { carried_out: 0, refused: 0, file: None }) };
        if fs::canonicalize(path).is_ok_and(|path| fs::canonicalize(file).is_ok_and(|file| file == path)) {
            return Err(format!("--refused is {}, the file to import; name another file", file.display()).into());
        }
        let created = File::create(path).map_err(|error| cannot("write", path, &error))?;
        Ok(Self { carried_out: 0, refused: 0, file: Some(BufWriter::new(created)) })
    }

    fn add(&mut self, outcomes: Vec<Outcome>) -> io::Result<()> {
        for Outcome { line, operation, refusal } in outcomes {
            let Some(reason) = refusal else {
                self.carried_out += 1;
                continue;
            };
            self.refused += 1;
            writeln!(io::stdout(), "line {line}: {reason}")?;
            if let Some(file) = &mut self.file {
                writeln!(file, "{operation}")?;
            }
        }
        Ok(())
    }

    fn end(&mut self, dry_run: bool) -> io::Result<()> {
        let Self { carried_out, refused, file } = self;
        let would_be = if dry_run { " would be" } else { "" };
        writeln!(io::stdout(), "{carried_out} operations{would_be} carried out, {refused}{would_be} refused")?;
        file.as_mut().map_or(Ok(()), Write::flush)
    }
}
