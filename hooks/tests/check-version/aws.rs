//! The calls of CodeDeploy and Lambda that the hook uses, for one deployment of one function.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use lambda_simulator::InvocationStatus;
use serde_json::{Value, json};
use testkit::function::Function;
use tokio::net::TcpListener;

pub(crate) const DEPLOYMENT: &str = "d-XIKV31XV8";
pub(crate) const EXECUTION: &str = "eyJlbmNyeXB0ZWREYXRhIjoiNEpM";
/// Time limit of the functions in the template.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// What a version of a function does when it is invoked.
pub(crate) enum Code {
    /// It is a deployed binary.
    Binary(Box<Function>),
    /// Lambda returns this payload.
    Payload(&'static str),
    /// Lambda reports that it crashed.
    Crash,
    /// Lambda refuses to invoke it, with these errors, and then returns this payload.
    Refusals(Vec<(u16, &'static str)>, &'static str),
}

struct Deployed {
    function: String,
    code: tokio::sync::Mutex<Code>,
    reports: Mutex<Vec<String>>,
}

/// A server that stands in for both services.
pub(crate) struct Aws {
    pub(crate) url: String,
    deployed: Arc<Deployed>,
}

impl Aws {
    /// Starts a server on which version 8 of this function is being deployed.
    pub(crate) async fn start(function: &str, code: Code) -> Self {
        let deployed =
            Arc::new(Deployed { function: function.to_owned(), code: code.into(), reports: Mutex::default() });
        let router = Router::new()
            .route("/", post(codedeploy))
            .route("/2015-03-31/functions/{version}/invocations", post(lambda))
            .with_state(deployed.clone());
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { url, deployed }
    }

    /// Returns the statuses that the hook reported.
    pub(crate) fn reports(&self) -> Vec<String> {
        self.deployed.reports.lock().expect("a lock").clone()
    }
}

/// Answers in CodeDeploy's shapes.
///
/// Source: <https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_BatchGetDeploymentTargets.html>.
async fn codedeploy(State(deployed): State<Arc<Deployed>>, headers: HeaderMap, body: String) -> Response {
    let request: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(request["deploymentId"], DEPLOYMENT);
    let function = &deployed.function;
    let target_id = format!("{function}:live");
    let operation = headers["x-amz-target"].to_str().expect("text").trim_start_matches("CodeDeploy_20141006.");
    let answer = match operation {
        "ListDeploymentTargets" => json!({ "targetIds": [target_id] }),
        "BatchGetDeploymentTargets" => {
            assert_eq!(request["targetIds"], json!([target_id]));
            let info = json!({
                "functionName": function,
                "functionAlias": "live",
                "currentVersion": "7",
                "targetVersion": "8",
                "targetVersionWeight": 0.0,
            });
            let target = json!({ "deploymentId": DEPLOYMENT, "targetId": target_id, "lambdaFunctionInfo": info });
            json!({ "deploymentTargets": [{ "deploymentTargetType": "LambdaTarget", "lambdaTarget": target }] })
        }
        "PutLifecycleEventHookExecutionStatus" => {
            assert_eq!(request["lifecycleEventHookExecutionId"], EXECUTION);
            let status = request["status"].as_str().expect("a status").to_owned();
            deployed.reports.lock().expect("a lock").push(status);
            json!({ "lifecycleEventHookExecutionId": EXECUTION })
        }
        other => panic!("the hook called {other}"),
    };
    ([("content-type", "application/x-amz-json-1.1")], answer.to_string()).into_response()
}

/// Answers `Invoke`.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>.
async fn lambda(State(deployed): State<Arc<Deployed>>, Path(version): Path<String>, body: String) -> Response {
    assert_eq!(version, format!("{}:8", deployed.function));
    let crash = ([("x-amz-function-error", "Unhandled")], r#"{"errorMessage": "boom"}"#);
    match &mut *deployed.code.lock().await {
        Code::Binary(function) => {
            let state = function.invoke(serde_json::from_str(&body).expect("an event"), TIME_LIMIT).await;
            match (state.status, state.response) {
                (InvocationStatus::Success, Some(response)) => response.payload.to_string().into_response(),
                _ => crash.into_response(),
            }
        }
        Code::Payload(payload) => payload.into_response(),
        Code::Crash => crash.into_response(),
        Code::Refusals(refusals, payload) => match refusals.pop() {
            Some((status, error)) => refusal(status, error),
            None => payload.into_response(),
        },
    }
}

fn refusal(status: u16, error: &'static str) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [("x-amzn-errortype", error)], "{}").into_response()
}
