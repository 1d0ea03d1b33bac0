//! The network between the functions and DynamoDB, inside the process: it delays, loses, repeats and refuses calls.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use super::engine::{Engine, Reply, TRANSACTION};
use super::faults::{Delivery, Faults, WireFault};
use super::instance::EPOCH;
use super::partial::Partial;
use super::recording::{AttemptId, Commit, Entry, KeptAnswer, Severity};
use super::replica::{Replica, is_eventual};

tokio::task_local! {
    /// The request that a task carries out.
    pub(super) static REQUEST: Arc<RequestTrace>;
}

/// A request, as the wire sees it.
#[derive(Debug)]
pub(super) struct RequestTrace {
    pub(super) id: AttemptId,
    calls: AtomicU64,
    worst_fault: Mutex<Option<Severity>>,
}

impl RequestTrace {
    pub(super) fn new(id: AttemptId) -> Self {
        Self { id, calls: AtomicU64::new(0), worst_fault: Mutex::default() }
    }

    /// Returns the worst fault of its calls so far.
    pub(super) fn worst_fault(&self) -> Option<Severity> {
        *self.worst_fault.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add_fault(&self, severity: Severity) {
        let mut worst = self.worst_fault.lock().unwrap_or_else(PoisonError::into_inner);
        *worst = (*worst).max(Some(severity));
    }
}

/// The engine of one history, and everything that was written to it.
pub(super) struct Environment {
    pub(super) engine: Engine,
    pub(super) faults: Faults,
    replica: Option<Replica>,
    partial: Partial,
    started: Instant,
    events: AtomicU64,
    written: Mutex<Written>,
}

#[derive(Default)]
struct Written {
    commits: Vec<Commit>,
    tokens: HashSet<String>,
}

impl Environment {
    /// Starts a history now.
    pub(super) fn new(engine: Engine, replica: Option<Replica>, partial: Partial, faults: Faults) -> Self {
        let (started, events) = (Instant::now(), AtomicU64::new(0));
        Self { engine, faults, replica, partial, started, events, written: Mutex::default() }
    }

    /// Returns the next place in the order of everything that happens.
    pub(super) fn tick(&self) -> u64 {
        self.events.fetch_add(1, Ordering::Relaxed)
    }

    /// Returns the time since the start, in milliseconds.
    pub(super) fn millis(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Returns the transactions so far.
    pub(super) fn commits(&self) -> Vec<Commit> {
        self.lock().commits.clone()
    }

    /// Lets the engine delete what has expired.
    pub(super) fn sweep(&self) {
        let now = EPOCH + self.started.elapsed();
        self.engine.sweep(now);
        if let Some(replica) = &self.replica {
            replica.sweep(now);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the engine carry out a call, and records what it wrote.
    fn carry_out(&self, call: &TableCall) -> Reply {
        let TableCall { operation, body, .. } = call;
        if operation == TRANSACTION {
            let reply = self.engine.call(operation, body);
            if reply.status == 200 {
                self.record(call);
            }
            return reply;
        }
        self.partial.read(operation, body, |body| self.read(operation, body))
    }

    fn read(&self, operation: &str, body: &str) -> Reply {
        match self.replica.as_ref().filter(|_| is_eventual(operation, body)) {
            Some(replica) => replica.read(operation, body),
            None => self.engine.call(operation, body),
        }
    }

    fn record(&self, call: &TableCall) {
        let request: Value = serde_json::from_str(&call.body).expect("a request of the SDK");
        let mut written = self.lock();
        // The engine answers a token that it knows, and writes nothing.
        if let Some(token) = request["ClientRequestToken"].as_str()
            && !written.tokens.insert(token.to_owned())
        {
            return;
        }
        let puts = request["TransactItems"].as_array().into_iter().flatten().map(|item| &item["Put"]["Item"]);
        let sort = |item: &Value| item["SK"]["S"].as_str().unwrap_or_default().to_owned();
        let entries = puts.clone().filter_map(|item| {
            let version = sort(item).strip_prefix("VERSION#")?.parse().ok()?;
            let partition = item["PK"]["S"].as_str()?.to_owned();
            let pointer = puts.clone().find(|other| other["PK"] == item["PK"] && other["SK"]["S"] == "CLIENT");
            let client = pointer.and_then(|pointer| pointer["client_id"]["S"].as_str()).map(str::to_owned);
            Some(Entry { partition, version, item: item.clone(), client })
        });
        let commit = Commit {
            at: self.tick(),
            committed_at: self.millis(),
            by: call.by,
            entries: entries.collect(),
            kept: puts.clone().find_map(kept),
        };
        written.commits.push(commit);
        if let Some(replica) = &self.replica {
            replica.follow(&call.body);
        }
    }
}

/// Returns the answer that an item keeps.
fn kept(item: &Value) -> Option<KeptAnswer> {
    item["PK"]["S"].as_str()?.strip_prefix("RETRY#")?;
    let until = item["expires_at"]["N"].as_str()?.parse().ok()?;
    Some(KeptAnswer { until, body: serde_json::from_str(item["body"]["S"].as_str()?).ok()? })
}

/// A call on its way.
#[derive(Debug, Clone)]
struct TableCall {
    by: AttemptId,
    operation: String,
    body: String,
}

/// Connects the SDK's clients of one thread to the history that runs there.
#[derive(Debug, Clone, Default)]
pub(super) struct Wire(Arc<Mutex<Option<Arc<Environment>>>>);

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Environment")
    }
}

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
        let delivery = environment.faults.delivery(trace.id, number, operation == TRANSACTION, environment.millis());
        if let Some(fault) = delivery.fault {
            trace.add_fault(fault.severity(operation == TRANSACTION));
        }
        let (answer, answered) = oneshot::channel();
        let call = TableCall { by: trace.id, operation, body };
        // A task of its own: a call that was sent arrives even if its sender is gone.
        tokio::spawn(async move { deliver(&environment, call, delivery, answer).await });
        HttpConnectorFuture::new(async { answered.await.unwrap_or_else(|_| Err(closed())) })
    }
}

type ReplySender = oneshot::Sender<Result<HttpResponse, ConnectorError>>;

async fn deliver(environment: &Environment, call: TableCall, delivery: Delivery, answer: ReplySender) {
    let back = delivery.response_latency;
    sleep(delivery.request_latency).await;
    match delivery.fault {
        None => {
            let done = environment.carry_out(&call);
            sleep(back).await;
            reply(answer, Ok(response(done)));
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
            let mut done = response(environment.carry_out(&call));
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
            reply(answer, Ok(response(done)));
        }
        Some(WireFault::Late(delay)) => {
            reply(answer, Err(closed()));
            sleep(delay).await;
            environment.carry_out(&call);
        }
        Some(WireFault::Refused(error)) => reply(answer, Ok(response(refusal(error)))),
        Some(WireFault::RefusedAfter(error)) => {
            environment.carry_out(&call);
            sleep(back).await;
            reply(answer, Ok(response(refusal(error))));
        }
        Some(WireFault::RefusedBefore(error, delay)) => {
            reply(answer, Ok(response(refusal(error))));
            sleep(delay).await;
            environment.carry_out(&call);
        }
    }
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
