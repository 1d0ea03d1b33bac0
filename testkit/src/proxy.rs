//! A proxy between a store and its engine: records calls and injects faults.

use std::future::pending;
use std::io;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{CONTENT_LENGTH, HOST, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinSet, yield_now};
use tokio::time::{Instant, sleep};

use crate::Fault;
use crate::fault::Effect;

/// Turns of the runtime for which an answer waits if calls overlap; each turn polls all sockets. A call
/// that has to open its connection first needs fewer than ten.
const OVERLAP_TURNS: usize = 100;

/// A proxy between a store and its engine.
#[derive(Debug)]
pub struct Proxy {
    url: String,
    state: Arc<State>,
}

/// A call that reached the proxy.
#[derive(Debug, Clone)]
pub struct Call {
    /// Its operation, such as `GetItem`.
    pub operation: String,
    /// Body of the call.
    pub request: Value,
    /// Body of the engine's answer; null if the call did not reach the engine.
    pub answer: Value,
    /// Arrival of the call.
    pub started: Instant,
    /// Arrival of the engine's answer, or the moment of the fault.
    pub ended: Instant,
}

#[derive(Debug)]
struct State {
    engine: String,
    faults: Mutex<Vec<Fault>>,
    calls: Mutex<Vec<Call>>,
    held: Mutex<Vec<(HeaderMap, Bytes)>>,
    delayed: Mutex<JoinSet<u16>>,
    overlaps: AtomicBool,
    http: reqwest::Client,
}

/// An answer of the engine.
struct Answer {
    status: u16,
    crc: Option<HeaderValue>,
    body: Bytes,
}

type Body = BoxBody<Bytes, io::Error>;

/// Header with DynamoDB's checksum of the body.
const CRC: HeaderName = HeaderName::from_static("x-amz-crc32");

impl Proxy {
    /// Starts a proxy on a free port.
    pub async fn start(engine: &str, faults: Vec<Fault>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(State {
            engine: engine.to_owned(),
            faults: Mutex::new(faults),
            calls: Mutex::default(),
            held: Mutex::default(),
            delayed: Mutex::default(),
            overlaps: AtomicBool::new(false),
            http: reqwest::Client::new(),
        });
        let serving = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(serve(connection, Arc::clone(&serving)));
            }
        });
        Self { url, state }
    }

    /// Returns the URL that a store connects to.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Adds a fault, after those that exist.
    pub fn add(&self, fault: Fault) {
        lock(&self.state.faults).push(fault);
    }

    /// Makes calls that are sent together overlap, however slow the machine is. The store and the proxy
    /// must run on one thread, as in a `#[tokio::test]`.
    pub fn overlap_calls(&self) {
        self.state.overlaps.store(true, Ordering::SeqCst);
    }

    /// Returns the calls since the last time. Their answers list the consumed units by index.
    #[must_use]
    pub fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut lock(&self.state.calls))
    }

    /// Waits until the engine has answered this number of calls of an operation, and another one was dropped. Calls overlap:
    /// a later one may be dropped before an earlier one is answered.
    pub async fn wait_for_dropped_call(&self, operation: &str, after: usize) {
        let (mut answered, mut dropped) = (0, 0);
        while answered < after || dropped == 0 {
            sleep(Duration::from_millis(10)).await;
            for call in self.take_calls().iter().filter(|call| call.operation == operation) {
                *(if call.answer.is_null() { &mut dropped } else { &mut answered }) += 1;
            }
        }
    }

    /// Sends the held calls to the engine, and returns the status of each answer.
    pub async fn release(&self) -> Vec<u16> {
        let held = std::mem::take(&mut *lock(&self.state.held));
        let mut statuses = Vec::new();
        for (headers, call) in held {
            statuses.push(self.state.forward(headers, call).await.status);
        }
        statuses
    }

    /// Waits until the engine has answered every delayed call, and returns the status of each answer in
    /// the order of arrival.
    pub async fn wait_for_delayed_calls(&self) -> Vec<u16> {
        let delayed = std::mem::take(&mut *lock(&self.state.delayed));
        delayed.join_all().await
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(connection: TcpStream, state: Arc<State>) {
    let service = service_fn(|request| state.answer(request));
    // The service returns an error to close the connection.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(connection), service).await;
}

impl State {
    async fn answer(self: &Arc<Self>, request: Request<Incoming>) -> io::Result<Response<Body>> {
        let started = Instant::now();
        // A function opens its connection with a GET, which is not a call.
        if request.method() == Method::GET {
            return Ok(response(Answer { status: 200, crc: None, body: Bytes::from_static(b"healthy: ") }));
        }
        let (parts, body) = request.into_parts();
        let call = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
        let operation = target.and_then(|target| target.rsplit('.').next()).unwrap_or_default().to_owned();
        let effect = lock(&self.faults).iter().find(|fault| fault.applies_to(&operation)).map(|fault| fault.effect);
        let forwarded = match effect {
            Some(Effect::LeaveHalf) => Some(self.forward_half(&operation, parts.headers.clone(), &call).await),
            Some(effect) if !effect.reaches_engine() => None,
            _ => Some(self.forward(parts.headers.clone(), call.clone()).await),
        };
        if let Some(Effect::DelayAnswer(delay)) = effect {
            sleep(delay).await;
        }
        if self.overlaps.load(Ordering::SeqCst) {
            for _ in 0..OVERLAP_TURNS {
                yield_now().await;
            }
        }
        let answer = forwarded.as_ref().map(|answer| json(&answer.body)).unwrap_or_default();
        let call_record = Call { operation, request: json(&call), answer, started, ended: Instant::now() };
        lock(&self.calls).push(call_record);
        let closed = || Err(io::Error::other("closed"));
        match (effect, forwarded) {
            (Some(Effect::Answer(status, body) | Effect::AnswerAfter(status, body)), _) => Ok(error(status, body)),
            (Some(Effect::Truncate), Some(answer)) => Ok(truncated(answer.status, &answer.body)),
            (Some(Effect::Corrupt(from, to)), Some(answer)) => {
                let body = String::from_utf8_lossy(&answer.body).replacen(from, to, 1);
                Ok(response(Answer { body: body.into(), ..answer }))
            }
            (Some(Effect::Hold), _) => {
                lock(&self.held).push((parts.headers, call));
                closed()
            }
            (Some(Effect::Delay(delay)), _) => {
                self.forward_after(delay, parts.headers, call);
                closed()
            }
            (Some(Effect::AnswerBefore((status, body), delay)), _) => {
                self.forward_after(delay, parts.headers, call);
                Ok(error(status, body))
            }
            (Some(Effect::KeepSilent), _) => pending().await,
            (Some(Effect::LeaveHalf | Effect::DelayAnswer(_)) | None, Some(answer)) => Ok(response(answer)),
            (
                Some(
                    Effect::DropCall
                    | Effect::DropAnswer
                    | Effect::Truncate
                    | Effect::Corrupt(..)
                    | Effect::LeaveHalf
                    | Effect::DelayAnswer(_),
                )
                | None,
                _,
            ) => closed(),
        }
    }

    /// Sends a call to the engine after a delay, in a task of its own.
    fn forward_after(self: &Arc<Self>, delay: Duration, headers: HeaderMap, call: Bytes) {
        let state = Arc::clone(self);
        lock(&self.delayed).spawn(async move {
            sleep(delay).await;
            state.forward(headers, call).await.status
        });
    }

    /// Sends a call to the engine, and asks for the consumed units of each index.
    async fn forward(&self, mut headers: HeaderMap, call: Bytes) -> Answer {
        headers.remove(HOST);
        headers.remove(CONTENT_LENGTH);
        let total = r#""ReturnConsumedCapacity":"TOTAL""#;
        let by_index = r#""ReturnConsumedCapacity":"INDEXES""#;
        let call = String::from_utf8_lossy(&call).replace(total, by_index);
        let answer = self.http.post(&self.engine).headers(headers).body(call).send().await.expect("an answer");
        let (status, crc) = (answer.status().as_u16(), answer.headers().get(CRC).cloned());
        Answer { status, crc, body: answer.bytes().await.expect("a body") }
    }

    /// Sends half of a `BatchGetItem` or `BatchWriteItem` to the engine, and adds the rest to its answer as unprocessed.
    async fn forward_half(&self, operation: &str, headers: HeaderMap, call: &Bytes) -> Answer {
        // The batch of a table is a list of writes, or an object with a list of keys.
        let (field, list) = match operation {
            "BatchGetItem" => ("UnprocessedKeys", "/Keys"),
            _ => ("UnprocessedItems", ""),
        };
        let mut call = json(call);
        let mut unprocessed = Map::new();
        for (table, request) in call["RequestItems"].as_object_mut().expect("tables") {
            let kept = batch(request, list);
            let left = kept.split_off(kept.len().div_ceil(2));
            if !left.is_empty() {
                let mut rest = request.clone();
                *batch(&mut rest, list) = left;
                unprocessed.insert(table.clone(), rest);
            }
        }
        let answer = self.forward(headers, call.to_string().into()).await;
        let mut body = json(&answer.body);
        body[field] = unprocessed.into();
        Answer { status: answer.status, crc: None, body: body.to_string().into() }
    }
}

fn json(bytes: &Bytes) -> Value {
    serde_json::from_slice(bytes).unwrap_or_default()
}

fn error(status: u16, body: &'static str) -> Response<Body> {
    response(Answer { status, crc: None, body: Bytes::from_static(body.as_bytes()) })
}

fn response(Answer { status, crc, body }: Answer) -> Response<Body> {
    let mut response = Response::builder().status(status).header("content-type", "application/x-amz-json-1.0");
    if let Some(crc) = crc {
        response = response.header(CRC, crc);
    }
    response.body(Full::new(body).map_err(|never| match never {}).boxed()).expect("a response")
}

/// Returns a response whose connection closes in the middle of the body.
fn truncated(status: u16, body: &Bytes) -> Response<Body> {
    let half = body.slice(..body.len() / 2);
    let frames = [Ok(Frame::data(half)), Err(io::Error::other("closed"))];
    let stream = StreamBody::new(futures_util::stream::iter(frames));
    let response = Response::builder().status(status).header("content-type", "application/x-amz-json-1.0");
    response.header(CONTENT_LENGTH, body.len()).body(BodyExt::boxed(stream)).expect("a response")
}

/// Returns the list of a table's part of a batch.
fn batch<'a>(request: &'a mut Value, list: &str) -> &'a mut Vec<Value> {
    request.pointer_mut(list).and_then(Value::as_array_mut).expect("a batch")
}
