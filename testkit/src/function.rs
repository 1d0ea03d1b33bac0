//! A deployed binary with its own Runtime API.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use lambda_simulator::{InvocationBuilder, InvocationState, Simulator};
use serde_json::Value;
use tokio::process::{Child, Command};

use crate::AMPLE_TIME;

/// A running function.
pub struct Function {
    runtime_api: Simulator,
    process: Child,
}

impl Function {
    /// Starts a process as Lambda does.
    pub async fn start(mut command: Command) -> Self {
        let runtime_api = Simulator::builder().build().await.expect("a Runtime API");
        let process = command.envs(runtime_api.lambda_env_vars()).spawn().expect("a process");
        Self { runtime_api, process }
    }

    /// Invokes the function, and waits for its answer or error, also after the time limit. The time starts
    /// at once, even if the process still starts.
    pub async fn invoke(&self, event: Value, time_limit: Duration) -> InvocationState {
        let timeout_ms = time_limit.as_millis().try_into().expect("milliseconds");
        let invocation = InvocationBuilder::new().payload(event).timeout_ms(timeout_ms).build().expect("an invocation");
        let id = self.runtime_api.enqueue(invocation).await;
        self.runtime_api.wait_for_invocation_complete(&id, AMPLE_TIME).await.expect("an answer or an error")
    }

    /// Ends the process, and returns its log.
    pub async fn log(mut self) -> String {
        self.process.start_kill().expect("a running process");
        let output = self.process.wait_with_output().await.expect("its output");
        String::from_utf8([output.stdout, output.stderr].concat()).expect("text")
    }

    /// Returns the answer to an event.
    pub async fn answer(&self, event: Value) -> Value {
        let state = self.invoke(event, AMPLE_TIME).await;
        state.response.unwrap_or_else(|| panic!("{:?}", state.error)).payload
    }
}

/// Returns a binary with the environment of Lambda and the template, except for the Runtime API.
#[must_use]
pub fn command(binary: &Path, endpoint: &str) -> Command {
    let mut command = Command::new(binary);
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
