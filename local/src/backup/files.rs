//! The folder of an export while it is written. It holds personal data: only its owner can read it.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use shared::store::Section;

use super::manifest::{Manifest, Summary, Summing};
use super::sort::Record;
use super::{MANIFEST, file_name};
use crate::AnyError;
use crate::import::cannot;

/// The files of an export.
pub(super) struct Files<'a> {
    folder: &'a Path,
    /// In the order of [`Section::ALL`].
    files: Vec<Writing>,
}

struct Writing {
    section: Section,
    path: PathBuf,
    file: BufWriter<File>,
    summing: Summing,
}

/// Checks that a folder does not exist or is empty.
///
/// # Errors
/// Returns an error if it is not.
pub(super) fn check_unused(folder: &Path) -> Result<(), AnyError> {
    let path = folder.display();
    match fs::read_dir(folder).map(|mut entries| entries.next().is_some()) {
        Ok(false) => Ok(()),
        Ok(true) => Err(format!("{path} is not empty; export to a new or an empty folder").into()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            Err(format!("{path} is a file; export to a new or an empty folder").into())
        }
        Err(error) => Err(cannot("read", folder, &error).into()),
    }
}

/// Creates the folder unless it exists, and closes it to others.
///
/// # Errors
/// Returns an error if that is not possible.
pub(super) fn create(folder: &Path) -> Result<(), AnyError> {
    let created = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    let closed = created.and_then(|()| fs::set_permissions(folder, Permissions::from_mode(0o700)));
    closed.map_err(|error| cannot("create", folder, &error).into())
}

impl<'a> Files<'a> {
    /// Creates the files.
    pub(super) fn create(folder: &'a Path) -> Result<Self, AnyError> {
        let create = |section| {
            let path = folder.join(file_name(section));
            let file = BufWriter::new(create_file(&path).map_err(|error| cannot("create", &path, &error))?);
            Ok(Writing { section, path, file, summing: Summing::default() })
        };
        let files: Result<_, AnyError> = Section::ALL.into_iter().map(create).collect();
        Ok(Self { folder, files: files? })
    }

    /// Adds a line to the file of its section.
    pub(super) fn add(&mut self, Record { section, mut line, order: _ }: Record) -> Result<(), AnyError> {
        line.push('\n');
        for writing in self.files.iter_mut().filter(|writing| writing.section == section) {
            writing.summing.add(line.as_bytes());
            let written = writing.file.write_all(line.as_bytes());
            written.map_err(|error| cannot("write", &writing.path, &error))?;
        }
        Ok(())
    }

    /// Ends the files, which are on disk then.
    pub(super) fn finish(self) -> Result<Unlisted<'a>, AnyError> {
        let finish = |Writing { section, path, file, summing }: Writing| {
            let file = file.into_inner().map_err(|error| cannot("write", &path, error.error()))?;
            file.sync_all().map_err(|error| cannot("write", &path, &error))?;
            Ok(summing.finish(file_name(section)))
        };
        let summaries: Result<_, AnyError> = self.files.into_iter().map(finish).collect();
        Ok(Unlisted { folder: self.folder, summaries: summaries? })
    }
}

/// Complete files that no manifest lists yet.
pub(super) struct Unlisted<'a> {
    folder: &'a Path,
    pub(super) summaries: Vec<Summary>,
}

impl Unlisted<'_> {
    /// Writes the manifest, which makes the folder an export. It appears under its name when it is on disk.
    pub(super) fn list(self) -> Result<(), AnyError> {
        let path = self.folder.join(MANIFEST);
        let text = Manifest::of(self.summaries).to_text()?;
        let write = || {
            let new = path.with_extension("new");
            let mut file = create_file(&new)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(new, &path)?;
            // The names of the files are on disk once the folder is.
            File::open(self.folder)?.sync_all()
        };
        write().map_err(|error| cannot("write", &path, &error).into())
    }
}

/// Creates a file that only its owner can read.
fn create_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}
