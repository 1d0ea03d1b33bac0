//! Folders of what `bench/run` builds.

use std::fs;
use std::path::{Path, PathBuf};

use crate::AnyError;

/// Folders of what is built.
#[derive(Debug, Clone)]
pub struct Paths {
    /// The repository.
    pub root: PathBuf,
    /// One folder per function, with its `bootstrap`.
    pub functions: PathBuf,
    /// One folder per peer.
    pub peers: PathBuf,
    /// The Python of the peers.
    pub python: PathBuf,
    /// Files of one run.
    pub scratch: PathBuf,
}

impl Paths {
    /// Returns the folders, and creates the one for files of a run.
    ///
    /// # Errors
    /// Returns an error if the folder cannot be created.
    pub fn new() -> Result<Self, AnyError> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("no repository")?.to_owned();
        let target = root.join("target/bench");
        let scratch = target.join("scratch");
        fs::create_dir_all(&scratch)?;
        let peers = target.join("peers");
        Ok(Self { functions: target.join("functions"), python: peers.join("venv/bin/python"), peers, root, scratch })
    }
}
