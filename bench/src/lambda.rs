//! A Lambda Runtime API: hands events to one process, and records when it asks for them and answers.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Child;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Request, Response};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::AnyError;
use crate::http::{Reply, serve};

/// Time that each invocation has. No measured process needs it, even under callgrind.
const TIME_LIMIT: Duration = Duration::from_mins(10);

/// What a process did.
#[derive(Debug)]
pub enum Moment {
    /// It asked for an event.
    Asked(Instant),
    /// It received an event.
    Invoked(Instant),
    /// It answered.
    Answered(Instant, Bytes),
    /// It reported an error.
    Failed(String),
}

/// A Runtime API for one process.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    permits: Arc<Semaphore>,
    moments: Receiver<Moment>,
    serving: JoinHandle<()>,
}

#[derive(Clone)]
struct State {
    event: Bytes,
    permits: Arc<Semaphore>,
    moments: Sender<Moment>,
}

impl RuntimeApi {
    /// Listens on a free port. Each invocation has this event.
    ///
    /// # Errors
    /// Returns an error if no port is free.
    pub fn start(servers: &Handle, event: &str) -> Result<Self, AnyError> {
        let listener = servers.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let address = listener.local_addr()?;
        let (sender, moments) = channel();
        let permits = Arc::new(Semaphore::new(0));
        let state = State { event: event.to_owned().into(), permits: Arc::clone(&permits), moments: sender };
        let serving = servers.spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let state = state.clone();
                tokio::spawn(serve(connection, move |request| state.clone().answer(request)));
            }
        });
        Ok(Self { address, permits, moments, serving })
    }

    /// Returns the value of `AWS_LAMBDA_RUNTIME_API`.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Allows invocations, in addition to those that are allowed already.
    pub fn allow(&self, invocations: usize) {
        self.permits.add_permits(invocations);
    }

    /// Waits for the next moment of a process.
    ///
    /// # Errors
    /// Returns an error if the process ends, reports an error, or does nothing before the time limit.
    pub fn next(&self, process: &mut Child) -> Result<Moment, AnyError> {
        let patience = Instant::now() + TIME_LIMIT;
        loop {
            match self.moments.recv_timeout(Duration::from_millis(500)) {
                Ok(Moment::Failed(error)) => return Err(format!("the function failed: {error}").into()),
                Ok(moment) => return Ok(moment),
                Err(_) if Instant::now() > patience => return Err("the function does not answer".into()),
                Err(_) => {}
            }
            if let Some(status) = process.try_wait()? {
                return Err(format!("the process ended: {status}").into());
            }
        }
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl State {
    async fn answer(self, request: Request<Bytes>) -> Reply {
        let path = request.uri().path();
        // The receiver is gone once the measurement is over.
        let record = |moment| drop(self.moments.send(moment));
        if path.ends_with("/invocation/next") {
            record(Moment::Asked(Instant::now()));
            if let Ok(permit) = self.permits.acquire().await {
                permit.forget();
            }
            record(Moment::Invoked(Instant::now()));
            return invocation(self.event.clone());
        }
        let body = request.body().clone();
        if path.ends_with("/response") {
            record(Moment::Answered(Instant::now(), body));
        } else {
            record(Moment::Failed(String::from_utf8_lossy(&body).into_owned()));
        }
        let mut accepted = Response::new(Full::default());
        *accepted.status_mut() = hyper::StatusCode::ACCEPTED;
        accepted
    }
}

fn invocation(event: Bytes) -> Reply {
    let deadline = SystemTime::now() + TIME_LIMIT;
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis().to_string();
    let mut response = Response::new(Full::new(event));
    for (name, value) in [
        ("content-type", "application/json"),
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-3:123456789012:function:bench:live"),
        ("lambda-runtime-deadline-ms", &deadline),
    ] {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
