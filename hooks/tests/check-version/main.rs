//! The deployed hook over the Lambda Runtime API, with a CodeDeploy and a Lambda that stand in for AWS's. The versions that
//! it invokes are the deployed functions, on an embedded DynamoDB emulator.

#![allow(clippy::expect_used, clippy::panic, reason = "a panic fails the test")]

mod aws;
mod broken;
mod working;

use std::path::{Path, PathBuf};
use std::time::Duration;

use aws::{Aws, Code};
use lambda_simulator::InvocationStatus;
use serde_json::json;
use testkit::function::{Function, command};

/// Stack of the functions.
const STACK: &str = "parc-prod";

/// Outcome of one execution of the hook.
struct Outcome {
    /// Whether the hook itself succeeded, which is not whether the version works.
    ended: InvocationStatus,
    /// What the hook reported to CodeDeploy.
    reports: Vec<String>,
    log: String,
}

/// Returns the name that CloudFormation gives a function.
fn name_of(resource: &str) -> String {
    format!("{STACK}-{resource}-1A2B3C4D5E6F")
}

/// Deploys this code as version 8 of a function, and returns the outcome of the hook.
async fn deploy(function: &str, code: Code) -> Outcome {
    run_hook(&Aws::start(function, code).await, [("", ""); 0], Duration::from_mins(1)).await
}

/// Runs the hook with this environment and time limit.
async fn run_hook<const N: usize>(aws: &Aws, environment: [(&str, &str); N], time_limit: Duration) -> Outcome {
    let mut hook = command(Path::new(env!("CARGO_BIN_EXE_check-version")), "");
    hook.env("PARC_STACK", STACK).env("AWS_ENDPOINT_URL", &aws.url).envs(environment);
    let hook = Function::start(hook).await;
    let event = json!({ "DeploymentId": aws::DEPLOYMENT, "LifecycleEventHookExecutionId": aws::EXECUTION });
    let ended = hook.invoke(event, time_limit).await.status;
    Outcome { ended, reports: aws.reports(), log: hook.log().await }
}

/// Starts the binary of a function, with the table behind `endpoint`.
async fn start(binary: &str, endpoint: &str) -> Code {
    start_with(binary, endpoint, "parc").await
}

/// Like [`start`], with a table of this name.
async fn start_with(binary: &str, endpoint: &str, table: &str) -> Code {
    let mut version = command(&binary_of(binary), endpoint);
    version.env("PARC_TABLE", table);
    Code::Binary(Box::new(Function::start(version).await))
}

/// Returns the path of a function's binary. Cargo builds those of another package only if it is tested or built too.
fn binary_of(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_check-version")).with_file_name(name);
    assert!(path.is_file(), "{} is missing: run `cargo test -p functions -p hooks`", path.display());
    path
}
