//! Something between the API and its engine that answers some of the calls itself.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::support::Api;

/// What DynamoDB says when a transaction of two writes meets another one.
pub(crate) const CONFLICT: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    "Message":"Transaction cancelled","CancellationReasons":[{"Code":"None"},{"Code":"TransactionConflict"}]}"#;

/// What it says when a single write meets a transaction.
pub(crate) const ITEM_CONFLICT: &str =
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionConflictException","message":"ongoing"}"#;

/// What it says when too much is asked of a partition.
pub(crate) const THROTTLE: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
    "message":"slow down"}"#;

/// What it says when it has lost itself.
pub(crate) const BROKEN: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"oh"}"#;

/// One way of stumbling.
pub(crate) struct Fault {
    operation: &'static str,
    answer: &'static str,
    times: Times,
    /// Whether the engine does what was asked before the answer is lost.
    done: bool,
}

enum Times {
    Next(AtomicI64),
    Every(i64, AtomicI64),
    Until(Arc<Gate>),
}

/// Holds calls up until it is opened.
#[derive(Default)]
pub(crate) struct Gate {
    met: Notify,
    open: AtomicBool,
}

impl Gate {
    /// Waits until a call is held up.
    pub(crate) async fn met(&self) {
        self.met.notified().await;
    }

    pub(crate) fn open(&self) {
        self.open.store(true, Ordering::SeqCst);
    }
}

impl Fault {
    /// Answers the next `times` calls of an operation.
    pub(crate) fn next(operation: &'static str, answer: &'static str, times: i64) -> Self {
        Self { operation, answer, times: Times::Next(AtomicI64::new(times)), done: false }
    }

    /// Answers every `n`th call of an operation.
    pub(crate) fn every(n: i64, operation: &'static str, answer: &'static str) -> Self {
        Self { operation, answer, times: Times::Every(n, AtomicI64::new(0)), done: false }
    }

    /// Answers the calls of an operation until the gate is opened.
    pub(crate) fn until(gate: &Arc<Gate>, operation: &'static str, answer: &'static str) -> Self {
        Self { operation, answer, times: Times::Until(Arc::clone(gate)), done: false }
    }

    /// The same, but the call is carried out: only its answer is lost.
    pub(crate) fn after_it_was_done(self) -> Self {
        Self { done: true, ..self }
    }

    fn strikes(&self, operation: &str) -> bool {
        operation.ends_with(self.operation)
            && match &self.times {
                Times::Next(left) => left.fetch_sub(1, Ordering::SeqCst) > 0,
                Times::Every(n, count) => (count.fetch_add(1, Ordering::SeqCst) + 1) % n == 0,
                Times::Until(gate) => {
                    gate.met.notify_one();
                    !gate.open.load(Ordering::SeqCst)
                }
            }
    }

    fn answer(&self) -> Response {
        let status = if self.answer == BROKEN { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::BAD_REQUEST };
        (status, [("content-type", "application/x-amz-json-1.0")], self.answer).into_response()
    }
}

struct Stumble {
    engine: String,
    faults: Vec<Fault>,
    http: reqwest::Client,
}

async fn stumble(State(state): State<Arc<Stumble>>, headers: HeaderMap, call: Bytes) -> Response {
    let operation = headers["x-amz-target"].to_str().expect("text").to_owned();
    let fault = state.faults.iter().find(|fault| fault.strikes(&operation));
    if let Some(fault) = fault.filter(|fault| !fault.done) {
        return fault.answer();
    }
    let answer = state.http.post(&state.engine).headers(headers).body(call).send().await.expect("an answer");
    let (status, body) = (answer.status(), answer.bytes().await.expect("a body"));
    fault.map_or_else(|| (status, body).into_response(), Fault::answer)
}

/// A second API over the engine of the first, which meets these faults on its way there.
pub(crate) async fn stumbling(api: &Api, faults: Vec<Fault>) -> Api {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let state = Stumble { engine: api.endpoint().to_owned(), faults, http: reqwest::Client::new() };
    let app = axum::Router::new().fallback(stumble).with_state(Arc::new(state));
    tokio::spawn(axum::serve(listener, app).into_future());
    api.through(&endpoint).await
}
