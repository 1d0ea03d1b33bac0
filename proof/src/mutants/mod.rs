//! Planted bugs: each is one replaced text of the store, and the simulation must find it.

mod list;

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use std::{fs, io};

use serde::{Deserialize, Serialize};

use crate::simulation::campaign::Progress;
pub use list::mutants;

/// A planted bug.
#[derive(Debug, Clone, Copy)]
pub struct Mutant {
    /// What it does wrong.
    pub name: &'static str,
    /// File of the workspace.
    pub file: &'static str,
    /// Text that occurs once in the file.
    pub from: &'static str,
    /// Text that replaces it.
    pub to: &'static str,
}

/// Whether the simulation found a planted bug.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MutantResult {
    /// What the bug does wrong.
    pub name: String,
    /// Seed of the history that showed it.
    pub seed: Option<u64>,
    /// The violation.
    pub violation: Option<String>,
    /// Number of histories until then, or until the simulation stopped without finding it.
    pub histories: u64,
    /// Time of these histories, in seconds.
    pub seconds: f64,
}

impl Mutant {
    /// Returns the file with the bug.
    ///
    /// # Errors
    /// Returns an error if the text does not occur exactly once: the file has changed, and the bug must follow it.
    pub fn applied_to(&self, text: &str) -> io::Result<String> {
        let Self { name, file, from, to } = self;
        match text.matches(from).count() {
            1 => Ok(text.replace(from, to)),
            count => Err(io::Error::other(format!("\"{name}\": {file} has its text {count} times: {from}"))),
        }
    }
}

/// The simulation, in the folder of compiled files.
const SIMULATE: &str = "release/simulate";

/// The simulation without a bug, in the copy of the workspace.
const UNCHANGED: &str = "simulate-unchanged";

/// A copy of the workspace, in which bugs are planted.
#[derive(Debug)]
pub struct Workspace<'a> {
    /// Folder of the copy.
    pub folder: &'a Path,
    /// Folder of compiled dependencies.
    pub target: &'a Path,
}

impl Workspace<'_> {
    /// Copies the files that git does not ignore, from the workspace in the current folder.
    ///
    /// # Errors
    /// Returns an error if that is not possible.
    pub fn copy(&self) -> io::Result<()> {
        let listed =
            checked(Command::new("git").args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        for file in listed.split('\0').filter(|file| !file.is_empty()) {
            let copy = self.folder.join(file);
            copy.parent().map_or(Ok(()), fs::create_dir_all)?;
            // Unchanged files keep their times, so that they are not compiled again.
            if fs::read(file)? != fs::read(&copy).unwrap_or_default() {
                fs::copy(file, &copy)?;
            }
        }
        Ok(())
    }

    /// Builds the simulation without a bug.
    ///
    /// # Errors
    /// Returns an error if that is not possible.
    pub fn build_unchanged(&self) -> io::Result<()> {
        self.build()?;
        fs::copy(self.target.join(SIMULATE), self.folder.join(UNCHANGED)).map(|_| ())
    }

    /// Plants a bug, runs histories until one shows it, and removes the bug.
    ///
    /// # Errors
    /// Returns an error if the bug does not compile, or if the history that shows it has a violation without it too.
    pub fn try_mutant(&self, mutant: &Mutant, first: u64, histories: u64) -> io::Result<MutantResult> {
        let file = self.folder.join(mutant.file);
        let text = fs::read_to_string(&file)?;
        fs::write(&file, mutant.applied_to(&text)?)?;
        let built = self.build().map_err(|error| io::Error::other(format!("\"{}\": {error}", mutant.name)));
        let result = built.and_then(|()| self.simulate(mutant, first, histories));
        fs::write(&file, text)?;
        result
    }

    fn build(&self) -> io::Result<()> {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--quiet", "--locked", "--profile", "bench", "-p", "proof", "--bin", "simulate"]);
        // The store is compiled for each bug: fast compilation matters more than fast code.
        for package in ["shared", "functions", "proof", "testkit"] {
            cargo.arg("--config").arg(format!("profile.bench.package.{package}.opt-level=0"));
        }
        cargo.env("CARGO_TARGET_DIR", self.target).current_dir(self.folder);
        checked(&mut cargo).map(|_| ())
    }

    fn simulate(&self, mutant: &Mutant, first: u64, histories: u64) -> io::Result<MutantResult> {
        let started = Instant::now();
        let progress = self.folder.join("progress.json");
        if progress.exists() {
            fs::remove_file(&progress)?;
        }
        let (from, count) = (first.to_string(), histories.to_string());
        let mut simulate = Command::new(self.target.join(SIMULATE));
        simulate.args(["run", "--first", &from, "--histories", &count, "--progress"]).arg(&progress).arg("--no-shrink");
        let output = simulate.output()?;
        let found = Progress::read(&progress)?.unwrap_or_default().violations.pop_first();
        if found.is_none() && !output.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        let (seed, violation) = found.unzip();
        if let Some(seed) = seed {
            let seed = seed.to_string();
            let mut unchanged = Command::new(self.folder.join(UNCHANGED));
            checked(unchanged.args(["run", "--histories", "1", "--no-shrink", "--first", &seed]))
                .map_err(|_| io::Error::other(format!("seed {seed} has a violation without a bug")))?;
        }
        let seconds = rounded(started.elapsed());
        Ok(MutantResult {
            name: mutant.name.to_owned(),
            seed,
            violation,
            histories: seed.map_or(histories, |seed| seed - first + 1),
            seconds,
        })
    }
}

fn rounded(time: Duration) -> f64 {
    (time.as_secs_f64() * 10.0).round() / 10.0
}

fn checked(command: &mut Command) -> io::Result<Output> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(output);
    }
    Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_planted_bug_still_replaces_one_text() {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for mutant in mutants() {
            let text = fs::read_to_string(workspace.join(mutant.file)).expect("a file");
            assert_ne!(mutant.applied_to(&text).expect("its text once"), text, "{}", mutant.name);
        }
    }
}
