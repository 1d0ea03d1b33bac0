//! What the kernel knows about a process. Linux only.

use std::fs;
use std::ops::{Deref, DerefMut};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::AnyError;

/// A process that is killed when it is dropped.
#[derive(Debug)]
pub struct Process(pub Child);

impl Deref for Process {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl DerefMut for Process {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Adds a command to the arguments of another, which runs it with the same variables and in the same folder.
#[must_use]
pub fn wrapped(mut outer: Command, inner: &Command) -> Command {
    outer.arg(inner.get_program()).args(inner.get_args()).stdout(Stdio::null());
    outer.env_clear().envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(folder) = inner.get_current_dir() {
        outer.current_dir(folder);
    }
    outer
}

/// Returns the CPU time of the threads of a process so far, except for those that have ended.
///
/// # Errors
/// Returns an error if the process has ended.
pub fn cpu_time(pid: u32) -> Result<Duration, AnyError> {
    let mut nanoseconds = 0;
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        // Source: <https://docs.kernel.org/scheduler/sched-stats.html>; the first number is the time on a CPU.
        let Ok(statistics) = fs::read_to_string(thread?.path().join("schedstat")) else { continue };
        nanoseconds += statistics.split(' ').next().unwrap_or_default().parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// Returns the peak of the memory of a process, in bytes.
///
/// # Errors
/// Returns an error if the process has ended.
pub fn peak_memory(pid: u32) -> Result<u64, AnyError> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("the process has ended")?;
    Ok(peak.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}
