//! The manifest of an export: which files it has, and what is in them.

use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use shared::store::{CURRENT_LAYOUT, Section};

use super::{MANIFEST, file_name};
use crate::AnyError;
use crate::import::cannot;

/// Number of the format of an export. Raise it if this version of parc could not read the exports of the last one.
const FORMAT: u64 = 1;

/// It holds nothing that differs between exports of equal tables, such as a time.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    format: u64,
    /// Number of the layout of the items.
    layout: u32,
    /// The files, in the order of [`Section::ALL`].
    pub(super) files: Vec<Summary>,
}

/// Summary of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Summary {
    pub(super) name: String,
    pub(super) lines: u64,
    pub(super) bytes: u64,
    /// SHA-256 of the file, in hexadecimal.
    pub(super) sha256: String,
}

/// What a [`Summary`] is made from.
#[derive(Debug, Default)]
pub(super) struct Summing {
    pub(super) lines: u64,
    bytes: u64,
    sha256: Sha256,
}

impl Summing {
    /// Adds a line with its line break.
    pub(super) fn add(&mut self, line: &[u8]) {
        self.lines += 1;
        self.bytes += line.len() as u64;
        self.sha256.update(line);
    }

    pub(super) fn finish(self, name: &str) -> Summary {
        let Self { lines, bytes, sha256 } = self;
        let mut digits = String::new();
        for byte in sha256.finalize() {
            // Writing to a text does not fail.
            let _ = write!(digits, "{byte:02x}");
        }
        Summary { name: name.to_owned(), lines, bytes, sha256: digits }
    }
}

impl Manifest {
    pub(super) fn of(files: Vec<Summary>) -> Self {
        Self { format: FORMAT, layout: CURRENT_LAYOUT, files }
    }

    pub(super) fn to_text(&self) -> Result<String, AnyError> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Reads the manifest of a folder.
    ///
    /// # Errors
    /// Returns an error if it is missing or damaged, or if this version of parc does not read its format or its layout.
    pub(super) fn read(folder: &Path) -> Result<Self, AnyError> {
        let file = folder.join(MANIFEST);
        let (folder, path) = (folder.display(), file.display());
        let text = fs::read(&file).map_err(|error| {
            if error.kind() == ErrorKind::NotFound {
                format!("{folder} has no {MANIFEST}: it is not an export, or one that did not finish; export again")
            } else {
                cannot("read", &file, &error)
            }
        })?;
        let damaged = |error: serde_json::Error| format!("{path} is damaged: {error}; use another copy of the export");
        let json: Value = serde_json::from_slice(&text).map_err(damaged)?;
        if json["format"] != FORMAT {
            let found = &json["format"];
            return Err(format!("{path} has format {found}; this version of parc reads format {FORMAT} only").into());
        }
        // Not from the value, so that an error names its line.
        let manifest: Self = serde_json::from_slice(&text).map_err(damaged)?;
        if manifest.layout != CURRENT_LAYOUT {
            let advice = "use the version of parc that exported it";
            let found = manifest.layout;
            return Err(format!("{path} has layout {found}, and this version needs {CURRENT_LAYOUT}; {advice}").into());
        }
        let names = Section::ALL.map(file_name);
        if manifest.files.iter().map(|file| file.name.as_str()).ne(names) {
            return Err(format!("{path} is damaged: its files are not {}", names.join(", ")).into());
        }
        Ok(manifest)
    }
}
