//! One process, from its start to its last answer.

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use serde_json::Value;
use tokio::runtime::Handle;

use crate::AnyError;
use crate::lambda::{Moment, RuntimeApi};
use crate::process::{Process, cpu_time, peak_memory, wrapped};
use crate::quota::Quota;
use crate::subjects::Subject;

/// Measurements of one process.
#[derive(Debug, Clone)]
pub struct Run {
    /// From the start of the process until it asks for an event.
    pub init: Duration,
    /// From the first event until its answer.
    pub first: Duration,
    /// Time of each later request.
    pub warm: Vec<Duration>,
    /// CPU time of the start and the first request.
    pub cold_cpu: Duration,
    /// CPU time of one later request, on average.
    pub warm_cpu: Duration,
    /// Peak of the memory, in bytes.
    pub memory: u64,
}

impl Run {
    /// Returns the time from the start of the process until its first answer.
    #[must_use]
    pub fn cold(&self) -> Duration {
        self.init + self.first
    }
}

/// Starts a subject, sends it one event and then `warm` more, and kills it.
///
/// # Errors
/// Returns an error if the process cannot be started, fails, or answers another status than 200 or 307.
pub fn run(servers: &Handle, subject: &Subject, warm: usize, quota: Option<&Quota>) -> Result<Run, AnyError> {
    let api = RuntimeApi::start(servers, &subject.event)?;
    api.allow(1);
    let (mut process, started) = start(subject.command(&api), quota)?;
    let pid = process.id();
    let asked = moment(&api, &mut process)?;
    let (first, body) = answer(&api, &mut process)?;
    check(&body)?;
    moment(&api, &mut process)?;
    let cold_cpu = cpu_time(pid)?;
    let mut times = Vec::with_capacity(warm);
    for _ in 0..warm {
        api.allow(1);
        times.push(answer(&api, &mut process)?.0);
        moment(&api, &mut process)?;
    }
    let warm_cpu = (cpu_time(pid)?.saturating_sub(cold_cpu)) / u32::try_from(warm.max(1))?;
    Ok(Run { init: asked - started, first, warm: times, cold_cpu, warm_cpu, memory: peak_memory(pid)? })
}

/// Returns the instant at which the process asked for an event.
fn moment(api: &RuntimeApi, process: &mut Child) -> Result<Instant, AnyError> {
    match api.next(process)? {
        Moment::Asked(at) => Ok(at),
        other @ (Moment::Invoked(_) | Moment::Answered(..) | Moment::Failed(_)) => {
            Err(format!("expected a request for an event, not {other:?}").into())
        }
    }
}

/// Returns the time from an event until its answer, and the answer.
fn answer(api: &RuntimeApi, process: &mut Child) -> Result<(Duration, Bytes), AnyError> {
    match (api.next(process)?, api.next(process)?) {
        (Moment::Invoked(invoked), Moment::Answered(answered, body)) => Ok((answered - invoked, body)),
        other => Err(format!("expected an answer, not {other:?}").into()),
    }
}

/// Checks that an answer is a success, so that nothing else is measured.
///
/// # Errors
/// Returns the answer if it is not.
pub fn check(body: &[u8]) -> Result<(), AnyError> {
    let answer: Value = serde_json::from_slice(body)?;
    match answer["statusCode"].as_u64() {
        Some(200 | 307) => Ok(()),
        _ => Err(format!("the function answered {answer}").into()),
    }
}

/// Starts a process, in the quota's control group if there is one.
///
/// A shell enters the group, waits for a whole period and for the line that starts the measured program.
fn start(mut command: Command, quota: Option<&Quota>) -> Result<(Process, Instant), AnyError> {
    let Some(quota) = quota else {
        let started = Instant::now();
        return Ok((Process(command.spawn()?), started));
    };
    let mut shell = Command::new("sh");
    shell.args(["-c", r#"echo $$ > "$0"; read -r line; exec "$@" < /dev/null"#]).arg(quota.members());
    let mut process = Process(wrapped(shell, &command).stdin(Stdio::piped()).spawn()?);
    std::thread::sleep(crate::quota::PERIOD * 3);
    let mut line = process.stdin.take().ok_or("no input")?;
    let started = Instant::now();
    line.write_all(b"start\n")?;
    Ok((process, started))
}
