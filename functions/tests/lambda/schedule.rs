//! A function that something other than a request triggers.

use std::time::Duration;

use lambda_simulator::InvocationStatus;
use serde_json::json;

use crate::support::{Function, Table, command};

/// Sends one event to the example function, and returns the outcome and the log.
async fn invoke(endpoint: &str) -> (InvocationStatus, String) {
    let function = Function::start(command("examples/check-table", endpoint)).await;
    let state = function.invoke(json!({ "source": "aws.scheduler" }), Duration::from_secs(20)).await;
    (state.status, function.log().await)
}

#[tokio::test]
async fn a_schedule_can_trigger_a_function() {
    let table = Table::new().await;
    assert_eq!(invoke(table.url()).await.0, InvocationStatus::Success);
}

#[tokio::test]
async fn a_failed_event_is_reported_to_lambda_and_logged() {
    let (status, log) = invoke("http://127.0.0.1:1").await;
    assert_eq!(status, InvocationStatus::Error);
    assert!(log.contains("the event failed") && log.contains("request_id"), "{log}");
}
