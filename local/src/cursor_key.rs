//! The secret that signs cursors, kept beside the table so that a list continues after a restart.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use shared::validation::CursorKey;
use uuid::Uuid;

use crate::AnyError;

/// Name of the file in the folder of the table.
const FILE: &str = "cursor.key";

/// Length under which a file is not one that parc wrote (a UUID has 36 characters).
const MIN_LENGTH: usize = 32;

/// Returns a key that is not kept.
pub(crate) fn temporary() -> CursorKey {
    CursorKey::new(&new_secret())
}

/// Returns the key of a folder, and creates it if it is missing. The caller holds the lock of the folder.
pub(crate) fn of_folder(folder: &Path) -> Result<CursorKey, AnyError> {
    let file = folder.join(FILE);
    let path = file.display();
    let secret = match fs::read_to_string(&file) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let secret = new_secret();
            write(&file, &secret).map_err(|error| format!("cannot write {path}: {error}"))?;
            secret
        }
        read => read.map_err(|error| format!("cannot read {path}: {error}"))?,
    };
    let length = secret.trim().len();
    if length < MIN_LENGTH {
        let advice = "delete the file to get a new key; lists that callers are paging through must be started again";
        return Err(format!(
            "the key in {path} is too short: it has {length} characters, and {MIN_LENGTH} are needed; {advice}"
        )
        .into());
    }
    Ok(CursorKey::new(&secret))
}

fn new_secret() -> String {
    Uuid::new_v4().to_string()
}

/// Writes a file that only its owner can read. It appears under its name when it is complete and on disk.
fn write(file: &Path, secret: &str) -> io::Result<()> {
    let new = file.with_extension("new");
    let mut open = OpenOptions::new();
    // A crash may have left one.
    let mut written = open.write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    written.write_all(secret.as_bytes())?;
    written.sync_all()?;
    fs::rename(new, file)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_private_and_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        of_folder(folder.path()).expect("a key");
        let file = folder.path().join(FILE);
        let secret = fs::read_to_string(&file).expect("a key");
        assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
        of_folder(folder.path()).expect("a key");
        assert_eq!(fs::read_to_string(&file).expect("a key"), secret);
        let files = fs::read_dir(folder.path()).expect("a folder");
        assert_eq!(files.count(), 1, "the temporary file is left");
    }

    #[test]
    fn a_key_that_is_too_short_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join(FILE);
        for short in ["", "\n", "secret", &" ".repeat(40)] {
            fs::write(&file, short).expect("a file");
            let error = of_folder(folder.path()).expect_err("an error").to_string();
            assert!(error.contains(&file.display().to_string()) && error.contains("delete the file"), "{error}");
        }
    }
}
