//! The network between the functions and DynamoDB, inside the process: it delays, loses, repeats and refuses calls.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::engine::{Reply, TRANSACTION};
use super::environment::{Environment, TableCall};
use super::faults::{Delivery, WireFault};
use super::recording::{Attempt, AttemptId, Severity};

tokio::task_local! {
    /// The request that a task carries out.
    pub(super) static REQUEST: Arc<RequestTrace>;
}

/// The calls of one request, and their faults.
#[derive(Debug)]
pub(super) struct RequestTrace {
    pub(super) id: AttemptId,
    calls: AtomicU64,
    last_call_at: AtomicU64,
    worst_fault: Mutex<Option<Severity>>,
    refused_when_uncertain: AtomicBool,
}

impl RequestTrace {
    pub(super) fn new(id: AttemptId) -> Self {
        Self {
            id,
            calls: AtomicU64::default(),
            last_call_at: AtomicU64::default(),
            worst_fault: Mutex::default(),
            refused_when_uncertain: AtomicBool::default(),
        }
    }

    /// Records what happened to its calls.
    pub(super) fn report(&self, attempt: &mut Attempt) {
        attempt.worst_fault = self.worst_fault();
        attempt.last_call_at = self.last_call_at.load(Ordering::Relaxed);
        attempt.refused_when_uncertain = self.refused_when_uncertain.load(Ordering::Relaxed);
    }

    fn worst_fault(&self) -> Option<Severity> {
        *self.worst_fault.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that DynamoDB refused a call.
    fn refused(&self) {
        // Only transactions have such faults, and only they are refused.
        if self.worst_fault() >= Some(Severity::Uncertain) {
            self.refused_when_uncertain.store(true, Ordering::Relaxed);
        }
    }

    fn add_fault(&self, severity: Severity) {
        let mut worst = self.worst_fault.lock().unwrap_or_else(PoisonError::into_inner);
        *worst = (*worst).max(Some(severity));
    }
}

/// Connects the SDK's clients of one thread to the history that runs there.
#[derive(Debug, Clone, Default)]
pub(super) struct Wire(Arc<Mutex<Option<Arc<Environment>>>>);

impl Wire {
    /// Connects the clients to another history.
    pub(super) fn connect(&self, environment: &Arc<Environment>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(environment));
    }

    fn environment(&self) -> Arc<Environment> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone().expect("a history")
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let environment = self.environment();
        let trace = REQUEST.with(Arc::clone);
        let (operation, body) = operation_and_body(&request);
        let number = trace.calls.fetch_add(1, Ordering::Relaxed);
        trace.last_call_at.store(environment.millis(), Ordering::Relaxed);
        let delivery = environment.faults.delivery(trace.id, number, operation == TRANSACTION, environment.millis());
        if let Some(fault) = delivery.fault {
            trace.add_fault(fault.severity(operation == TRANSACTION));
        }
        let (answer, answered) = oneshot::channel();
        let call = TableCall { by: trace.id, operation, body };
        // A task of its own: a call that was sent arrives even if its sender is gone.
        tokio::spawn(async move { deliver(&environment, &trace, call, delivery, answer).await });
        HttpConnectorFuture::new(async { answered.await.unwrap_or_else(|_| Err(closed())) })
    }
}

type ReplySender = oneshot::Sender<Result<HttpResponse, ConnectorError>>;

async fn deliver(
    environment: &Environment,
    trace: &RequestTrace,
    call: TableCall,
    delivery: Delivery,
    answer: ReplySender,
) {
    let back = delivery.response_latency;
    sleep(delivery.request_latency).await;
    match delivery.fault {
        None => {
            let done = environment.carry_out(&call);
            sleep(back).await;
            acknowledge(environment, trace, done, answer);
        }
        Some(WireFault::CallLost) => reply(answer, Err(closed())),
        Some(WireFault::CallSilent) => keep_silent(answer).await,
        Some(WireFault::AnswerLost) => {
            environment.carry_out(&call);
            sleep(back).await;
            reply(answer, Err(closed()));
        }
        Some(WireFault::AnswerSilent) => {
            environment.carry_out(&call);
            keep_silent(answer).await;
        }
        Some(WireFault::AnswerCut) => {
            let mut done = response(environment.carry_out(&call).0);
            sleep(back).await;
            let half = done.body().bytes().map(|bytes| bytes[..bytes.len() / 2].to_vec()).unwrap_or_default();
            *done.body_mut() = SdkBody::from(half);
            reply(answer, Ok(done));
        }
        Some(WireFault::Twice(again)) => {
            environment.carry_out(&call);
            sleep(again).await;
            let done = environment.carry_out(&call);
            sleep(back).await;
            acknowledge(environment, trace, done, answer);
        }
        Some(WireFault::Late(delay)) => {
            reply(answer, Err(closed()));
            sleep(delay).await;
            environment.carry_out(&call);
        }
        Some(WireFault::ErrorInstead(error)) => reply(answer, Ok(response(refusal(error)))),
        Some(WireFault::ErrorAfter(error)) => {
            environment.carry_out(&call);
            sleep(back).await;
            reply(answer, Ok(response(refusal(error))));
        }
        Some(WireFault::ErrorBefore(error, delay)) => {
            reply(answer, Ok(response(refusal(error))));
            sleep(delay).await;
            environment.carry_out(&call);
        }
    }
}

/// Answers a call as DynamoDB did, and records that its sender knows the answer now, unless the sender has given up.
fn acknowledge(
    environment: &Environment,
    trace: &RequestTrace,
    (done, commit): (Reply, Option<usize>),
    answer: ReplySender,
) {
    if answer.is_closed() {
        return;
    }
    match commit {
        Some(commit) => environment.acknowledge(commit),
        None if done.status != 200 => trace.refused(),
        None => {}
    }
    reply(answer, Ok(response(done)));
}

/// Answers a call. Its sender may be gone: nobody reads the answer then.
fn reply(answer: ReplySender, result: Result<HttpResponse, ConnectorError>) {
    let _ = answer.send(result);
}

/// Keeps the connection open until the sender has long given up.
async fn keep_silent(answer: ReplySender) {
    sleep(Duration::from_mins(1)).await;
    drop(answer);
}

fn refusal((status, body): (u16, &str)) -> Reply {
    Reply { status, body: body.to_owned() }
}

/// Returns the name and the body of a call.
pub(crate) fn operation_and_body(request: &HttpRequest) -> (String, String) {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    (operation, String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned())
}

fn closed() -> ConnectorError {
    ConnectorError::io("connection closed".into())
}

pub(crate) fn response(Reply { status, body }: Reply) -> HttpResponse {
    let checksum = crc32fast::hash(body.as_bytes()).to_string();
    let status = StatusCode::try_from(status).expect("a status");
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    response.headers_mut().insert("x-amz-crc32", checksum);
    response
}
