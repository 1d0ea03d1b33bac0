//! Reads an export, and compares it with its manifest while it does.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::slice;

use shared::store::StoredItem;

use super::EXTENSION;
use super::manifest::{Manifest, Summary, Summing};
use crate::AnyError;
use crate::import::cannot;

/// Advice about a damaged export.
const ADVICE: &str = "use another copy of the export";

/// A folder whose manifest lists its files. Their lines were not read yet.
pub(super) struct Backup {
    folder: PathBuf,
    files: Vec<Summary>,
}

impl Backup {
    /// Reads the manifest of a folder.
    ///
    /// # Errors
    /// Returns an error if the manifest is damaged, or if files are missing or not listed.
    pub(super) fn open(folder: &Path) -> Result<Self, AnyError> {
        let files = Manifest::read(folder)?.files;
        for entry in fs::read_dir(folder).map_err(|error| cannot("read", folder, &error))? {
            let path = entry.map_err(|error| cannot("read", folder, &error))?.path();
            let is_listed = files.iter().any(|file| path.ends_with(&file.name));
            if path.extension().is_some_and(|extension| extension == EXTENSION) && !is_listed {
                return Err(format!("{} is not a file of the export; move it to another folder", path.display()).into());
            }
        }
        Ok(Self { folder: folder.to_owned(), files })
    }

    /// Returns the number of items, according to the manifest.
    pub(super) fn len(&self) -> u64 {
        self.files.iter().map(|file| file.lines).sum()
    }

    /// Reads the items. Ends with an error at the first difference from the manifest.
    pub(super) fn items(&self) -> Items<'_> {
        Items { folder: &self.folder, files: self.files.iter(), reading: None }
    }
}

/// The items of an export.
pub(super) struct Items<'a> {
    folder: &'a Path,
    files: slice::Iter<'a, Summary>,
    reading: Option<Reading<'a>>,
}

/// A file that is being read.
struct Reading<'a> {
    expected: &'a Summary,
    path: PathBuf,
    lines: BufReader<File>,
    summing: Summing,
}

impl Items<'_> {
    /// Returns the file and the line of the last item.
    pub(super) fn place(&self) -> String {
        self.reading.as_ref().map_or_else(String::new, Reading::place)
    }

    fn read(&mut self) -> Result<Option<StoredItem>, AnyError> {
        loop {
            if let Some(reading) = &mut self.reading
                && let Some(item) = reading.read()?
            {
                return Ok(Some(item));
            }
            if let Some(reading) = self.reading.take() {
                reading.finish()?;
            }
            let Some(expected) = self.files.next() else { return Ok(None) };
            self.reading = Some(Reading::open(self.folder, expected)?);
        }
    }
}

impl Iterator for Items<'_> {
    type Item = Result<StoredItem, AnyError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

impl<'a> Reading<'a> {
    fn open(folder: &Path, expected: &'a Summary) -> Result<Self, AnyError> {
        let path = folder.join(&expected.name);
        let file = File::open(&path).map_err(|error| {
            if error.kind() == ErrorKind::NotFound {
                format!("{} is missing; {ADVICE}", path.display())
            } else {
                cannot("read", &path, &error)
            }
        })?;
        Ok(Self { expected, path, lines: BufReader::new(file), summing: Summing::default() })
    }

    fn place(&self) -> String {
        format!("{} line {}", self.path.display(), self.summing.lines)
    }

    /// Reads the next line; `None` after the last one.
    fn read(&mut self) -> Result<Option<StoredItem>, AnyError> {
        let mut line = Vec::new();
        self.lines.read_until(b'\n', &mut line).map_err(|error| cannot("read", &self.path, &error))?;
        if line.is_empty() {
            return Ok(None);
        }
        self.summing.add(&line);
        let damaged = |problem: String| format!("{} {problem}; {ADVICE}", self.place());
        let text = line.strip_suffix(b"\n").ok_or_else(|| damaged("is cut off: it has no line break".to_owned()))?;
        let text = str::from_utf8(text).map_err(|error| damaged(format!("is not UTF-8: {error}")))?;
        let item = StoredItem::from_line(text).map_err(|error| damaged(error.to_string()))?;
        item.is_layout().map_err(|error| damaged(error.to_string()))?;
        Ok(Some(item))
    }

    /// Compares the whole file with the manifest.
    fn finish(self) -> Result<(), AnyError> {
        let Self { expected, path, lines: _, summing } = self;
        let found = summing.finish(&expected.name);
        if found == *expected {
            return Ok(());
        }
        let path = path.display();
        if found.lines == expected.lines {
            let problem = "has a line that was edited: its SHA-256 is not that of the manifest";
            return Err(format!("{path} {problem}; {ADVICE}").into());
        }
        let (found, lines) = (found.lines, expected.lines);
        Err(format!("{path} ends after line {found}, but has {lines} lines in the manifest; {ADVICE}").into())
    }
}
