//! Instructions of a process, counted by callgrind: they repeat, however busy the machine is.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;

use crate::AnyError;
use crate::lambda::{Moment, RuntimeApi};
use crate::measure::check;
use crate::process::{Process, wrapped};
use crate::subjects::Subject;

/// Instructions of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instructions {
    /// From the start of the process until it has answered the first event and asks for the next one.
    pub cold: u64,
    /// Of one later request, on average.
    pub warm: u64,
}

/// Returns `true` if valgrind is installed.
#[must_use]
pub fn is_installed() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Counts the instructions of a start with one request, and of `warm` more requests.
///
/// # Errors
/// Returns an error if valgrind is not installed, or the subject fails.
pub fn count(servers: &Handle, subject: &Subject, folder: &Path, warm: usize) -> Result<Instructions, AnyError> {
    let cold = total(servers, subject, folder, 1)?;
    let all = total(servers, subject, folder, 1 + warm)?;
    Ok(Instructions { cold, warm: all.saturating_sub(cold) / u64::try_from(warm)? })
}

/// Counts the instructions of a start with this many requests.
fn total(servers: &Handle, subject: &Subject, folder: &Path, requests: usize) -> Result<u64, AnyError> {
    let api = RuntimeApi::start(servers, &subject.event)?;
    api.allow(requests);
    let output = folder.join(format!("callgrind.{}.{requests}", subject.file_name()));
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--quiet", "--tool=callgrind"]).arg(format!("--callgrind-out-file={}", output.display()));
    let mut process = Process(wrapped(valgrind, &subject.command(&api)).spawn()?);
    let (mut answers, mut asked) = (0, 0);
    while asked <= requests {
        match api.next(&mut process)? {
            Moment::Answered(_, body) => {
                check(&body)?;
                answers += 1;
            }
            Moment::Asked(_) => asked += 1,
            Moment::Invoked(_) | Moment::Failed(_) => {}
        }
    }
    if answers != requests {
        return Err(format!("{answers} answers to {requests} events").into());
    }
    // Unlike SIGKILL, SIGTERM lets callgrind write its counts.
    Command::new("kill").args(["-TERM", &process.id().to_string()]).status()?;
    process.wait()?;
    let counts = fs::read_to_string(&output)?;
    let total =
        counts.lines().find_map(|line| line.strip_prefix("totals: ").or_else(|| line.strip_prefix("summary: ")));
    Ok(total.ok_or("callgrind wrote no total")?.trim().parse()?)
}
