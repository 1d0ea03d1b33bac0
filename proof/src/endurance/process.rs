//! The program `parc` in a process of its own, and what the kernel knows about it. Linux only.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use testkit::AnyError;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::timeout;

/// Time in which the program must listen or stop.
const TIME_LIMIT: Duration = Duration::from_mins(5);

/// Time in which a command must end. `verify` takes about 2 ms of CPU time for each item.
const COMMAND_TIME_LIMIT: Duration = Duration::from_mins(30);

/// Number of warnings and errors that are kept of the log.
const KEPT_LINES: usize = 200;

/// How `parc` is started.
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
    /// A command and its options that run before it and become it, such as `prlimit --nofile=256`.
    wrapper: Vec<String>,
}

/// A running `parc`. It is killed when it is dropped.
#[derive(Debug)]
pub struct Parc {
    process: Child,
    /// The URL that it listens on.
    pub url: String,
    /// Time until it listened.
    pub start_time: Duration,
    log: Log,
}

/// The last warnings and errors of a running program's log.
#[derive(Debug, Clone, Default)]
pub struct Log(Arc<Mutex<VecDeque<String>>>);

/// Resources of a process at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// Resident memory, in bytes.
    pub memory: u64,
    /// Peak of the resident memory, in bytes.
    pub peak_memory: u64,
    /// Open file descriptors.
    pub descriptors: usize,
}

impl Program {
    /// Names the program.
    ///
    /// # Errors
    /// Returns an error if there is no such file.
    pub fn new(path: &Path) -> Result<Self, AnyError> {
        let path = fs::canonicalize(path).map_err(|error| {
            format!("cannot find {}: {error}; build it with `cargo build`, or name it with --program", path.display())
        })?;
        Ok(Self { path, wrapper: Vec::new() })
    }

    /// Runs the program through another command, such as `prlimit --nofile=256`.
    #[must_use]
    pub fn through(&self, wrapper: &[&str]) -> Self {
        Self { wrapper: wrapper.iter().map(|&part| part.to_owned()).collect(), ..self.clone() }
    }

    fn command(&self, options: &[&str], folder: &Path) -> Command {
        let mut command = match self.wrapper.split_first() {
            Some((wrapper, arguments)) => {
                let mut command = Command::new(wrapper);
                command.args(arguments).arg(&self.path);
                command
            }
            None => Command::new(&self.path),
        };
        command.args(options).arg("--data").arg(folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Starts the server on a folder, without waiting for it.
    ///
    /// # Errors
    /// Returns an error if the program cannot be run.
    pub fn spawn(&self, folder: &Path) -> Result<Child, AnyError> {
        Ok(self.command(&["--port", "0"], folder).spawn()?)
    }

    /// Starts the server on a folder, and waits until it listens.
    ///
    /// # Errors
    /// Returns an error if it ends before.
    pub async fn start(&self, folder: &Path) -> Result<Parc, AnyError> {
        let started = Instant::now();
        let mut process = self.spawn(folder)?;
        let log = Log::default();
        let stderr = process.stderr.take().ok_or("no standard error")?;
        tokio::spawn(log.clone().read(stderr));
        let mut output = BufReader::new(process.stdout.take().ok_or("no standard output")?).lines();
        let line = timeout(TIME_LIMIT, output.next_line()).await.map_err(|_| "parc does not start")??;
        let Some(url) = line.as_deref().and_then(|line| line.strip_prefix("parc listens on ")) else {
            let status = process.wait().await?;
            return Err(format!("parc did not start ({status}): {}", log.last()).into());
        };
        // The rest of its output must be read, or the pipe would be closed.
        tokio::spawn(async move { while let Ok(Some(_)) = output.next_line().await {} });
        Ok(Parc { url: url.to_owned(), start_time: started.elapsed(), process, log })
    }

    /// Runs a command, such as `verify`, on a folder to its end.
    ///
    /// # Errors
    /// Returns an error if it cannot be run or does not end.
    pub async fn run(&self, options: &[&str], folder: &Path) -> Result<Output, AnyError> {
        let ended = timeout(COMMAND_TIME_LIMIT, self.command(options, folder).output()).await;
        Ok(ended.map_err(|_| format!("parc {} does not end", options.join(" ")))??)
    }

    /// Runs `parc verify` on a folder that no process uses. Returns the number of items.
    ///
    /// # Errors
    /// Returns its findings if the table is not consistent.
    pub async fn verify(&self, folder: &Path) -> Result<u64, AnyError> {
        let output = self.run(&["verify"], folder).await?;
        let printed = String::from_utf8_lossy(&output.stdout);
        let items = printed.trim_end().strip_suffix(" items: 0 wrong, 0 repaired, 0 not checked");
        match items.map(str::parse) {
            Some(Ok(items)) if output.status.success() => Ok(items),
            _ => Err(format!("parc verify: {printed}{}", String::from_utf8_lossy(&output.stderr)).into()),
        }
    }
}

impl Parc {
    /// Ends the program with SIGKILL.
    ///
    /// # Errors
    /// Returns an error if it ended by itself before.
    pub async fn kill(mut self) -> Result<(), AnyError> {
        if let Some(status) = self.process.try_wait()? {
            return Err(format!("parc ended by itself ({status}): {}", self.log.last()).into());
        }
        Ok(self.process.kill().await?)
    }

    /// Ends the program with SIGTERM, as a supervisor does.
    ///
    /// # Errors
    /// Returns an error if it does not end, or not with success.
    pub async fn stop(mut self) -> Result<(), AnyError> {
        let pid = self.pid()?.to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().await?;
        let ended = timeout(TIME_LIMIT, self.process.wait()).await.map_err(|_| "parc does not stop")??;
        if sent.success() && ended.success() {
            return Ok(());
        }
        Err(format!("parc did not stop with success ({ended}): {}", self.log.last()).into())
    }

    /// Returns its process identifier.
    ///
    /// # Errors
    /// Returns an error if it has ended.
    pub fn pid(&self) -> Result<u32, AnyError> {
        self.process.id().ok_or_else(|| format!("parc has ended: {}", self.log.last()).into())
    }

    /// Returns the resources that it uses.
    ///
    /// # Errors
    /// Returns an error if it has ended.
    pub fn usage(&self) -> Result<Usage, AnyError> {
        let pid = self.pid()?;
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let bytes = |name: &str| -> Result<u64, AnyError> {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let value = line.ok_or_else(|| format!("parc has ended: {}", self.log.last()))?;
            Ok(value.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
        };
        let descriptors = fs::read_dir(format!("/proc/{pid}/fd"))?.count();
        Ok(Usage { memory: bytes("VmRSS:")?, peak_memory: bytes("VmHWM:")?, descriptors })
    }

    /// Returns its CPU time so far.
    ///
    /// # Errors
    /// Returns an error if it has ended.
    pub fn cpu_time(&self) -> Result<Duration, AnyError> {
        let statistics = fs::read_to_string(format!("/proc/{}/stat", self.pid()?))?;
        // Source: proc_pid_stat(5). The name before the parenthesis may contain spaces; utime and stime are fields 14
        // and 15, in ticks of 10 ms.
        let fields = statistics.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
        let mut ticks = 0;
        for field in fields {
            ticks += field.parse::<u64>()?;
        }
        Ok(Duration::from_millis(ticks * 10))
    }

    /// Returns the warnings and errors of its log.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }
}

impl Log {
    async fn read(self, stderr: ChildStderr) {
        let mut lines = BufReader::new(stderr).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if !line.contains(" INFO ") {
                let mut kept = self.lines();
                if kept.len() == KEPT_LINES {
                    kept.pop_front();
                }
                kept.push_back(line);
            }
        }
    }

    fn lines(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the last line.
    #[must_use]
    pub fn last(&self) -> String {
        self.lines().back().cloned().unwrap_or_default()
    }

    /// Returns the last line that contains a text.
    #[must_use]
    pub fn last_with(&self, text: &str) -> Option<String> {
        self.lines().iter().rev().find(|line| line.contains(text)).cloned()
    }
}

/// Returns the size of the files of a folder, in bytes.
///
/// # Errors
/// Returns an error if the folder cannot be read.
pub fn folder_size(folder: &Path) -> Result<u64, AnyError> {
    let mut size = 0;
    for file in fs::read_dir(folder)? {
        size += file?.metadata()?.len();
    }
    Ok(size)
}
