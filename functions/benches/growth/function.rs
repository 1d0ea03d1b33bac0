//! A deployed binary under the Lambda Runtime API, and what a request costs it.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use lambda_simulator::{InvocationBuilder, Simulator};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// A binary under a Runtime API, and its log.
pub(crate) struct Function {
    runtime_api: Simulator,
    process: Child,
    log: Lines<BufReader<ChildStdout>>,
}

/// Cost of one request, or of all the pages of a list.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    pub(crate) answers: usize,
    /// Time of the function, in milliseconds.
    pub(crate) ms: f64,
    /// Capacity units, reads and writes together.
    pub(crate) units: f64,
    /// Bytes of the responses, as Lambda counts them.
    pub(crate) bytes: usize,
}

impl Function {
    /// Starts a binary with the table behind `endpoint`.
    pub(crate) async fn start(binary: &str, endpoint: &str) -> Self {
        let runtime_api = Simulator::builder().build().await.expect("a Runtime API");
        let mut process = Command::new(binary)
            .envs(runtime_api.lambda_env_vars())
            .envs([("PARC_TABLE", "parc"), ("PARC_CURSOR_KEY", "bench"), ("AWS_REGION", "eu-west-3")])
            .envs([("AWS_ACCESS_KEY_ID", "bench"), ("AWS_SECRET_ACCESS_KEY", "bench")])
            .env("AWS_ENDPOINT_URL_DYNAMODB", endpoint)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a process");
        let log = BufReader::new(process.stdout.take().expect("its output")).lines();
        Self { runtime_api, process, log }
    }

    /// Sends an event, and then one for each following page if the event has no `limit`.
    pub(crate) async fn cost(&mut self, event: &Value) -> Cost {
        let mut cost = Cost::default();
        let mut next = Some(event.clone());
        while let Some(event) = next {
            let answer = self.answer(&event).await;
            assert_eq!(answer["statusCode"], 200, "{answer}");
            let line = self.log.next_line().await.expect("text").expect("a line");
            let line: Value = serde_json::from_str(&line).expect("JSON");
            cost.answers += 1;
            cost.ms += line["latency"].as_f64().expect("milliseconds");
            cost.units += line["capacity"].as_f64().expect("units");
            cost.bytes += answer.to_string().len();
            next = following(&event, &answer);
        }
        cost
    }

    async fn answer(&self, event: &Value) -> Value {
        let invocation = InvocationBuilder::new().payload(event.clone()).timeout_ms(60_000);
        let id = self.runtime_api.enqueue(invocation.build().expect("an invocation")).await;
        let state = self.runtime_api.wait_for_invocation_complete(&id, Duration::from_mins(1)).await;
        state.expect("an end").response.expect("an answer").payload
    }

    /// Returns the peak memory of the process, in MB.
    pub(crate) fn peak_memory(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id().expect("a process")));
        let status = status.expect("a status");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
        peak.trim().trim_end_matches(" kB").parse::<f64>().expect("kB") / 1000.0
    }
}

/// Returns the event of the page that the `Link` header of an answer names. A request with a limit is one page.
fn following(event: &Value, answer: &Value) -> Option<Value> {
    if event["rawQueryString"].as_str()?.contains("limit=") {
        return None;
    }
    let query = answer["headers"]["link"].as_str()?.split_once('?')?.1.split_once('>')?.0;
    let mut next = event.clone();
    next["rawQueryString"] = query.into();
    Some(next)
}
