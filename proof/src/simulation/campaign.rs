//! Many histories, on several threads, with a file from which an interrupted campaign continues.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{fmt, thread};

use serde::{Deserialize, Serialize};

use super::{History, Simulator};

/// Number of histories after which the progress is written.
const ROUND: u64 = 500;

/// What a campaign has done so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Seed of the first history.
    pub first: u64,
    /// Number of histories.
    pub histories: u64,
    /// Number of requests, each time that they were sent.
    pub requests: u64,
    /// Number of transactions that wrote.
    pub transactions: u64,
    /// Number of requests of which at least one call had a fault.
    pub faulty: u64,
    /// Number of answers by status; 0 is none.
    pub answers: BTreeMap<u16, u64>,
    /// Time that it took, in seconds.
    pub seconds: f64,
    /// Violations, by the seeds of their histories.
    pub violations: BTreeMap<u64, String>,
}

impl Progress {
    /// Reads the progress from a file, if it exists.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read.
    pub fn read(file: &Path) -> io::Result<Option<Self>> {
        match fs::read_to_string(file) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            text => Ok(serde_json::from_str(&text?)?),
        }
    }

    /// Replaces the file.
    ///
    /// # Errors
    /// Returns an error if that is not possible.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        let new = file.with_extension("new");
        let mut text = File::create(&new)?;
        serde_json::to_writer_pretty(&mut text, self)?;
        writeln!(text)?;
        text.sync_all()?;
        fs::rename(new, file)
    }

    fn add(&mut self, history: &History) {
        for attempt in history.requests.iter().flat_map(|request| &request.attempts) {
            self.requests += 1;
            self.faulty += u64::from(attempt.is_faulty());
            *self.answers.entry(attempt.answer.as_ref().map_or(0, |answer| answer.status)).or_default() += 1;
        }
        self.transactions += history.commits.len() as u64;
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, histories, requests, transactions, faulty, answers, seconds, violations } = self;
        let answers: Vec<_> =
            answers.iter().filter(|(status, _)| **status > 0).map(|(s, n)| format!("{n} × {s}")).collect();
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = *histories as f64 / seconds.max(0.001);
        write!(
            f,
            "{histories} histories from seed {first} in {seconds:.0} s ({rate:.0}/s): {requests} requests, {faulty} of them \
             with faults, {transactions} transactions; answers: {}; {} without an answer; {} violations",
            answers.join(", "),
            self.answers.get(&0).copied().unwrap_or_default(),
            violations.len(),
        )
    }
}

/// Runs histories until there are so many, or until the time is over. Stops at the first violation.
///
/// # Errors
/// Returns an error if the progress cannot be written.
pub fn run(
    mut progress: Progress,
    histories: u64,
    seconds: Option<f64>,
    threads: usize,
    mut written: impl FnMut(&Progress) -> io::Result<()>,
) -> io::Result<Progress> {
    while progress.histories < histories
        && progress.violations.is_empty()
        && seconds.is_none_or(|seconds| progress.seconds < seconds)
    {
        let started = Instant::now();
        let next = progress.first + progress.histories;
        let count = ROUND.min(histories - progress.histories);
        let before = progress.seconds;
        let end = seconds.map(|seconds| started + Duration::from_secs_f64(seconds - before));
        progress = round(progress, next..next + count, end, threads);
        progress.seconds = before + started.elapsed().as_secs_f64();
        written(&progress)?;
    }
    Ok(progress)
}

/// Runs the histories of some seeds, until one has a violation, or until the time is over.
fn round(progress: Progress, seeds: Range<u64>, end: Option<Instant>, threads: usize) -> Progress {
    let (next, all) = (AtomicU64::new(seeds.start), Mutex::new(progress));
    let work = || {
        let mut simulator = Simulator::default();
        while end.is_none_or(|end| Instant::now() < end) && lock(&all).violations.is_empty() {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if !seeds.contains(&seed) {
                return;
            }
            let (history, judged) = simulator.judge(seed, &[]);
            let mut all = lock(&all);
            all.histories += 1;
            if let Some(history) = history {
                all.add(&history);
            }
            all.violations.extend(judged.err().map(|violation| (seed, violation.to_string())));
        }
    };
    thread::scope(|scope| (0..threads).for_each(|_| _ = scope.spawn(work)));
    all.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn lock(progress: &Mutex<Progress>) -> MutexGuard<'_, Progress> {
    progress.lock().unwrap_or_else(PoisonError::into_inner)
}
