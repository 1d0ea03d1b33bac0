//! Builds of the functions and the peers.

use std::env::consts::ARCH;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::fs;

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

    /// Builds functions with the profile as they are deployed, for this machine's architecture: all of them if `names`
    /// is empty.
    ///
    /// # Errors
    /// Returns an error if the build fails.
    pub fn build_functions(&self, profile: &str, names: &[String]) -> Result<(), AnyError> {
        let mut build = Command::new("cargo");
        build.args(["lambda", "build", "--locked", "--profile", profile, "--target", &musl(), "-p", "functions"]);
        build.args(names.iter().flat_map(|name| ["--bin", name]));
        run(build.arg("--lambda-dir").arg(&self.functions).current_dir(&self.root))
    }
}

/// Returns the target that the functions are deployed for, on this machine's architecture.
fn musl() -> String {
    format!("{ARCH}-unknown-linux-musl")
}

/// Runs a command to its end.
///
/// # Errors
/// Returns an error if it cannot be started or does not succeed.
fn run(command: &mut Command) -> Result<(), AnyError> {
    let status = command.stdin(Stdio::null()).status().map_err(|error| format!("{command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}").into()) }
}
