//! One deployed binary with its own Runtime API.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use lambda_simulator::{InvocationBuilder, InvocationState, Simulator};
use serde_json::Value;
use testkit::AMPLE_TIME;
pub(crate) use testkit::{TestTable as Table, event};
use tokio::process::{Child, Command};

/// A running function.
pub(crate) struct Function {
    runtime_api: Simulator,
    process: Child,
}

impl Function {
    /// Starts a binary as Lambda does, with the table behind `endpoint`.
    pub(crate) async fn start(name: &str, endpoint: &str) -> Self {
        Self::start_as(command(name, endpoint)).await
    }

    /// Starts a process as Lambda does.
    pub(crate) async fn start_as(mut command: Command) -> Self {
        let runtime_api = Simulator::builder().build().await.expect("a Runtime API");
        let process = command.envs(runtime_api.lambda_env_vars()).spawn().expect("a process");
        Self { runtime_api, process }
    }

    /// Invokes the function, and waits for its answer or error, also after the time limit. The time starts
    /// at once, even if the process still starts.
    pub(crate) async fn invoke(&self, event: Value, time_limit: Duration) -> InvocationState {
        let timeout_ms = time_limit.as_millis().try_into().expect("milliseconds");
        let invocation = InvocationBuilder::new().payload(event).timeout_ms(timeout_ms).build().expect("an invocation");
        let id = self.runtime_api.enqueue(invocation).await;
        self.runtime_api.wait_for_invocation_complete(&id, AMPLE_TIME).await.expect("an answer or an error")
    }

    /// Ends the process, and returns its log.
    pub(crate) async fn log(mut self) -> String {
        self.process.start_kill().expect("a running process");
        let output = self.process.wait_with_output().await.expect("its output");
        String::from_utf8([output.stdout, output.stderr].concat()).expect("text")
    }

    /// Returns the answer to an event.
    pub(crate) async fn answer(&self, event: Value) -> Value {
        let state = self.invoke(event, AMPLE_TIME).await;
        state.response.unwrap_or_else(|| panic!("{:?}", state.error)).payload
    }
}

/// Returns a binary with the environment of Lambda and the template, except for the Runtime API.
pub(crate) fn command(name: &str, endpoint: &str) -> Command {
    let mut command = Command::new(binaries().join(name));
    command
        .env_clear()
        .env("PARC_TABLE", "parc")
        .env("PARC_CURSOR_KEY", "key of a test")
        .env("AWS_REGION", "eu-west-3")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_ENDPOINT_URL_DYNAMODB", endpoint)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

pub(crate) fn binaries() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_clients-all")).parent().expect("a folder").to_owned()
}

/// Returns the root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a root").to_owned()
}

/// Returns the JSON body of an answer as API Gateway passes it on.
pub(crate) fn body(answer: &Value) -> Value {
    assert_eq!(answer["headers"]["content-type"], "application/json");
    assert_eq!(answer["isBase64Encoded"], false);
    serde_json::from_str(answer["body"].as_str().expect("text")).expect("JSON")
}
