//! The program that `cargo run` starts.

use std::path::Path;
use std::process::{Output, Stdio};

use futures_util::StreamExt;
use futures_util::stream;
use serde_json::{Value, json};
use testkit::embedded::Embedded;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

struct Parc {
    process: Child,
    output: Lines<BufReader<ChildStdout>>,
    url: String,
}

fn command(options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parc"));
    command.args(options).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

impl Parc {
    async fn start(options: &[&str]) -> Self {
        let mut process = command(options).args(["--port", "0"]).spawn().expect("a process");
        let mut output = BufReader::new(process.stdout.take().expect("its output")).lines();
        let line = output.next_line().await.expect("a line").expect("a start");
        let url = line.strip_prefix("parc listens on ").unwrap_or_else(|| panic!("{line}")).to_owned();
        Self { process, output, url }
    }

    async fn in_folder(folder: &Path) -> Self {
        Self::start(&["--data", folder.to_str().expect("text")]).await
    }

    /// Registers a client, and gives its code where the answer says that it was done.
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

    /// What Ctrl-C does; gives the last line.
    async fn interrupt(mut self) -> String {
        let pid = self.process.id().expect("a process");
        let killed = Command::new("sh").args(["-c", &format!("kill -INT {pid}")]).status().await.expect("a shell");
        assert!(killed.success());
        assert!(self.process.wait().await.expect("an end").success());
        let mut last = String::new();
        while let Some(line) = self.output.next_line().await.expect("text") {
            last = line;
        }
        last
    }
}

/// The end of a program that cannot start, and what it says of it.
async fn refusal(options: &[&str]) -> String {
    let Output { status, stderr, .. } = command(options).output().await.expect("an end");
    assert!(!status.success());
    String::from_utf8(stderr).expect("text")
}

#[tokio::test]
async fn what_was_registered_is_there_after_ctrl_c() {
    let folder = tempfile::tempdir().expect("a folder");
    let parc = Parc::in_folder(folder.path()).await;
    assert_eq!(parc.register(12).await, Some(12));
    assert_eq!(parc.interrupt().await, "parc has stopped");
    assert_eq!(Parc::in_folder(folder.path()).await.codes().await, [12]);
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_kill() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut parc = Parc::in_folder(folder.path()).await;
    let mut answered = Vec::new();
    {
        let mut answers = stream::iter(0..).map(|code| parc.register(code)).buffer_unordered(8);
        while answered.len() < 50 {
            answered.extend(answers.next().await.flatten());
        }
    }
    parc.process.kill().await.expect("an end");
    let kept = Parc::in_folder(folder.path()).await.codes().await;
    answered.retain(|code| !kept.contains(code));
    assert_eq!(answered, [0; 0], "lost");
}

#[tokio::test]
async fn a_table_in_memory_is_forgotten() {
    let parc = Parc::start(&["--memory"]).await;
    assert_eq!(parc.register(12).await, Some(12));
    assert_eq!(Parc::start(&["--memory"]).await.codes().await, [0; 0]);
}

#[tokio::test]
async fn a_table_elsewhere_is_made_once() {
    let engine = Embedded::in_memory().await.expect("an engine");
    let parc = Parc::start(&["--endpoint", engine.url()]).await;
    assert_eq!(parc.register(12).await, Some(12));
    parc.interrupt().await;
    assert_eq!(Parc::start(&["--endpoint", engine.url()]).await.codes().await, [12]);
}

#[tokio::test]
async fn a_taken_port_is_reported() {
    let parc = Parc::start(&["--memory"]).await;
    let port = parc.url.rsplit(':').next().expect("a port");
    let said = refusal(&["--memory", "--port", port]).await;
    assert!(said.contains(&format!("cannot listen on 127.0.0.1:{port}: ")), "{said}");
}

#[tokio::test]
async fn a_folder_in_use_is_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let _parc = Parc::in_folder(folder.path()).await;
    let path = folder.path().to_str().expect("text");
    let said = refusal(&["--data", path, "--port", "0"]).await;
    assert!(said.contains(&format!("{path} is in use by another parc")), "{said}");
}

#[tokio::test]
async fn a_demo_fills_an_empty_table_once_and_leaves_it_right() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("text");
    let filled = command(&["demo", "--data", path]).output().await.expect("an end");
    assert!(filled.status.success());
    let said = String::from_utf8(filled.stdout).expect("text");
    assert!(said.ends_with("200 clients, 334 sites and 717 équipements\n"), "{said}");
    assert!(refusal(&["demo", "--data", path]).await.contains("the table is not empty"));
    let verified = command(&["verify", "--data", path]).output().await.expect("an end");
    assert!(verified.status.success());
    assert_eq!(String::from_utf8_lossy(&verified.stdout), "3832 items: 0 wrong, 0 repaired, 0 not checked\n");
}

#[tokio::test]
async fn an_invalid_endpoint_is_reported() {
    for (endpoint, why) in
        [("", "is not a URL"), ("127.0.0.1:1", "is not a URL"), ("http://127.0.0.1:1", "cannot reach DynamoDB")]
    {
        let said = refusal(&["--endpoint", endpoint, "--port", "0"]).await;
        assert!(said.contains(why), "{said}");
    }
}

#[tokio::test]
async fn a_public_address_needs_a_flag() {
    let said = refusal(&["--memory", "--port", "0", "--address", "0.0.0.0"]).await;
    assert!(said.contains("refusing to listen on 0.0.0.0") && said.contains("--open-to-anyone"), "{said}");
    let parc = Parc::start(&["--memory", "--address", "::1"]).await;
    assert_eq!(parc.register(12).await, Some(12));
    let parc = Parc::start(&["--memory", "--address", "0.0.0.0", "--open-to-anyone"]).await;
    assert!(parc.url.starts_with("http://0.0.0.0:"), "{}", parc.url);
}
