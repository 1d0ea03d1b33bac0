//! Backups that a person can read: `parc export` writes every item of a table as a line of JSON, and `parc import` writes
//! them back, byte for byte.
//!
//! An export is a folder with one file for each [`Section`] and a manifest, which is written last: a folder without one
//! is an unfinished export. Equal tables have equal exports, whatever the order of a scan.

mod export;
mod files;
mod import;
mod manifest;
mod reader;
mod sort;

pub(crate) use export::{ExportArgs, run as export};
pub(crate) use import::run as import;

use std::io::{self, Write};

use shared::store::Section;

/// Maximum number of keys that an output names.
const MAX_NAMED: usize = 20;

/// Name of the file that describes the others.
const MANIFEST: &str = "manifest.json";

/// Extension of the other files.
const EXTENSION: &str = "jsonl";

/// Returns the name of the file of a section.
const fn file_name(section: Section) -> &'static str {
    match section {
        Section::Clients => "clients.jsonl",
        Section::Sites => "sites.jsonl",
        Section::Equipements => "equipements.jsonl",
        Section::History => "history.jsonl",
        Section::Others => "others.jsonl",
    }
}

/// Prints the first of some lines, and how many there are besides.
fn print_first(lines: &[String]) -> io::Result<()> {
    let mut out = io::stdout();
    for line in lines.iter().take(MAX_NAMED) {
        writeln!(out, "{line}")?;
    }
    match lines.len().saturating_sub(MAX_NAMED) {
        0 => Ok(()),
        more => writeln!(out, "and {more} more"),
    }
}
