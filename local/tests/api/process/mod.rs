//! The program that `cargo run` starts.

mod errors;
mod import;
mod start;
mod stop;
mod tables;

use std::path::Path;
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// Time after which a command that should end hangs.
const END_TIME_LIMIT: Duration = Duration::from_mins(2);

/// A running program.
struct Parc {
    process: Child,
    output: Lines<BufReader<ChildStdout>>,
    url: String,
}

/// How a program ended.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Returns the program with these options, whose output is not a terminal.
pub(crate) fn command(options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parc"));
    command.args(options).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

impl Parc {
    /// Starts the program on a free port, and waits until it listens.
    async fn start(options: &[&str]) -> Self {
        let mut process = command(options).args(["--port", "0"]).spawn().expect("a process");
        let mut output = BufReader::new(process.stdout.take().expect("its output")).lines();
        let line = output.next_line().await.expect("a line").expect("a start");
        let url = line.strip_prefix("parc listens on ").unwrap_or_else(|| panic!("{line}")).to_owned();
        Self { process, output, url }
    }

    async fn in_folder(folder: &Path) -> Self {
        Self::start(&["--data", text(folder)]).await
    }

    /// Returns the next line of its output.
    async fn line(&mut self) -> String {
        self.output.next_line().await.expect("text").expect("a line")
    }

    /// Registers a client. Returns its code if the answer is a success.
    async fn register(&self, code: i64) -> Option<i64> {
        let request = reqwest::Client::new().post(format!("{}/clients/register", self.url));
        let request = request.header("content-type", "application/json");
        let answer = request.body(json!({ "nom": "x", "code": code }).to_string()).send().await.ok()?;
        (answer.status() == 200 && answer.bytes().await.is_ok()).then_some(code)
    }

    async fn codes(&self) -> Vec<i64> {
        let answer = reqwest::get(format!("{}/clients/all", self.url)).await.expect("an answer");
        let clients: Value = serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON");
        let code = |client: &Value| client["code"].as_i64().expect("a code");
        let mut codes: Vec<_> = clients.as_array().expect("a list").iter().map(code).collect();
        codes.sort_unstable();
        codes
    }

    /// Sends a signal, such as `INT`, which Ctrl-C sends.
    async fn signal(&self, name: &str) {
        let pid = self.process.id().expect("a process");
        let killed = Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status().await.expect("a shell");
        assert!(killed.success());
    }

    /// Waits for the end of the program.
    async fn ended(mut self) -> Ended {
        let mut stdout = String::new();
        while let Some(line) = self.output.next_line().await.expect("text") {
            stdout.push_str(&line);
            stdout.push('\n');
        }
        Ended { stdout, ..Ended::of(self.process.wait_with_output().await.expect("an end")) }
    }

    /// Interrupts the program, which must succeed. Returns the rest of its output.
    async fn interrupt(self) -> String {
        self.signal("INT").await;
        let ended = self.ended().await;
        assert!(ended.status.success());
        ended.stdout
    }
}

impl Ended {
    pub(crate) fn of(Output { status, stdout, stderr }: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Self { status, stdout: text(stdout), stderr: text(stderr) }
    }

    pub(crate) fn assert_success(&self) {
        assert!(self.status.success(), "{}{}", self.stdout, self.stderr);
    }

    pub(crate) fn assert_prints(&self, line: &str) {
        assert!(self.stdout.lines().any(|printed| printed == line), "{line:?} is not in {}", self.stdout);
    }

    /// Returns the error of a run that must have failed.
    pub(crate) fn error(&self) -> &str {
        assert_eq!(self.status.code(), Some(1), "{}{}", self.stdout, self.stderr);
        let error = self.stderr.lines().last().and_then(|line| line.strip_prefix("error: "));
        error.unwrap_or_else(|| panic!("{}", self.stderr))
    }
}

/// Runs a command to its end.
pub(crate) async fn run(options: &[&str]) -> Ended {
    let ended = timeout(END_TIME_LIMIT, command(options).output()).await.expect("it does not end");
    Ended::of(ended.expect("an end"))
}

/// Runs a command that must fail. Returns its only line on the standard error, after `error: `.
pub(crate) async fn failure(options: &[&str]) -> String {
    let Ended { status, stderr, .. } = run(options).await;
    assert_eq!(status.code(), Some(1), "{stderr}");
    let line = stderr.strip_suffix('\n').and_then(|line| line.strip_prefix("error: "));
    line.filter(|line| !line.contains('\n')).unwrap_or_else(|| panic!("{stderr}")).to_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("text")
}
