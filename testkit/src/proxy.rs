use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{CONTENT_LENGTH, HOST, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::Fault;
use crate::fault::Effect;

/// Something between a store and its engine: it records each call, and makes faults.
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
    /// What was sent.
    pub request: Value,
    /// What the engine answered; null if the call did not reach it.
    pub answer: Value,
    /// When the call came.
    pub started: Instant,
    /// When it was answered.
    pub ended: Instant,
}

#[derive(Debug)]
struct State {
    engine: String,
    faults: Mutex<Vec<Fault>>,
    calls: Mutex<Vec<Call>>,
    held: Mutex<Vec<(HeaderMap, Bytes)>>,
    late: Mutex<JoinSet<u16>>,
    delay: Mutex<Duration>,
    http: reqwest::Client,
}

/// An answer of the engine.
struct Answer {
    status: u16,
    crc: Option<HeaderValue>,
    body: Bytes,
}

type Body = BoxBody<Bytes, io::Error>;

/// The checksum of a body that DynamoDB sends with it.
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
            late: Mutex::default(),
            delay: Mutex::default(),
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

    /// Makes one more fault from now on.
    pub fn add(&self, fault: Fault) {
        lock(&self.state.faults).push(fault);
    }

    /// Answers every call so much later, so that calls that are made together overlap.
    pub fn delay(&self, delay: Duration) {
        *lock(&self.state.delay) = delay;
    }

    /// Returns the calls since the last time. Their answers list the consumed units by index.
    #[must_use]
    pub fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut lock(&self.state.calls))
    }

    /// Sends the calls that were held back to the engine, and returns the status of each.
    pub async fn release(&self) -> Vec<u16> {
        let held = std::mem::take(&mut *lock(&self.state.held));
        let mut statuses = Vec::new();
        for (headers, call) in held {
            statuses.push(self.state.forward(headers, call).await.status);
        }
        statuses
    }

    /// Waits until every call that arrives late has reached the engine, and returns the status of each
    /// in the order of their arrival.
    pub async fn wait_for_late_calls(&self) -> Vec<u16> {
        let late = std::mem::take(&mut *lock(&self.state.late));
        late.join_all().await
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(connection: TcpStream, state: Arc<State>) {
    let service = service_fn(|request| state.answer(request));
    // A fault is an error of the service: it closes the connection.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(connection), service).await;
}

impl State {
    async fn answer(self: &Arc<Self>, request: Request<Incoming>) -> io::Result<Response<Body>> {
        let started = Instant::now();
        let (parts, body) = request.into_parts();
        let call = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
        let operation = target.and_then(|target| target.rsplit('.').next()).unwrap_or_default().to_owned();
        let effect = lock(&self.faults).iter().find(|fault| fault.strikes(&operation)).map(|fault| fault.effect);
        let forwarded = match effect {
            Some(Effect::Answer(..) | Effect::Cut | Effect::Hold | Effect::Late(_)) => None,
            Some(Effect::LeaveKeys) => Some(self.forward_half(parts.headers.clone(), &call).await),
            _ => Some(self.forward(parts.headers.clone(), call.clone()).await),
        };
        let delay = *lock(&self.delay);
        sleep(delay).await;
        let answer = forwarded.as_ref().map(|answer| json(&answer.body)).unwrap_or_default();
        let call_record = Call { operation, request: json(&call), answer, started, ended: Instant::now() };
        lock(&self.calls).push(call_record);
        let closed = || Err(io::Error::other("closed"));
        match (effect, forwarded) {
            (Some(Effect::Answer(status, body) | Effect::AnswerAfter(status, body)), _) => {
                Ok(response(Answer { status, crc: None, body: Bytes::from_static(body.as_bytes()) }))
            }
            (Some(Effect::Truncate), Some(answer)) => Ok(truncated(answer.status, &answer.body)),
            (Some(Effect::Corrupt(from, to)), Some(answer)) => {
                let body = String::from_utf8_lossy(&answer.body).replacen(from, to, 1);
                Ok(response(Answer { body: body.into(), ..answer }))
            }
            (Some(Effect::Hold), _) => {
                lock(&self.held).push((parts.headers, call));
                closed()
            }
            (Some(Effect::Late(delay)), _) => {
                let state = Arc::clone(self);
                lock(&self.late).spawn(async move {
                    sleep(delay).await;
                    state.forward(parts.headers, call).await.status
                });
                closed()
            }
            (Some(Effect::LeaveKeys) | None, Some(answer)) => Ok(response(answer)),
            (
                Some(Effect::Cut | Effect::Lose | Effect::Truncate | Effect::Corrupt(..) | Effect::LeaveKeys) | None,
                _,
            ) => closed(),
        }
    }

    /// Sends a call to the engine, which tells the units of each index.
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

    /// Sends half of the keys of a `BatchGetItem` to the engine, and adds the others to its answer as
    /// unprocessed.
    async fn forward_half(&self, headers: HeaderMap, call: &Bytes) -> Answer {
        let mut call = json(call);
        let mut unprocessed = Map::new();
        for (table, request) in call["RequestItems"].as_object_mut().expect("tables") {
            let keys = request["Keys"].as_array_mut().expect("keys");
            let left = keys.split_off(keys.len().div_ceil(2));
            if !left.is_empty() {
                let mut request = request.clone();
                request["Keys"] = left.into();
                unprocessed.insert(table.clone(), request);
            }
        }
        let answer = self.forward(headers, call.to_string().into()).await;
        let mut body = json(&answer.body);
        body["UnprocessedKeys"] = unprocessed.into();
        Answer { status: answer.status, crc: None, body: body.to_string().into() }
    }
}

fn json(bytes: &Bytes) -> Value {
    serde_json::from_slice(bytes).unwrap_or_default()
}

fn response(Answer { status, crc, body }: Answer) -> Response<Body> {
    let mut response = Response::builder().status(status).header("content-type", "application/x-amz-json-1.0");
    if let Some(crc) = crc {
        response = response.header(CRC, crc);
    }
    response.body(Full::new(body).map_err(|never| match never {}).boxed()).expect("a response")
}

/// Returns a response whose connection closes half-way.
fn truncated(status: u16, body: &Bytes) -> Response<Body> {
    let half = body.slice(..body.len() / 2);
    let frames = [Ok(Frame::data(half)), Err(io::Error::other("closed"))];
    let stream = StreamBody::new(futures_util::stream::iter(frames));
    let response = Response::builder().status(status).header("content-type", "application/x-amz-json-1.0");
    response.header(CONTENT_LENGTH, body.len()).body(BodyExt::boxed(stream)).expect("a response")
}
