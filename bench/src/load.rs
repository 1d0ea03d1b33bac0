//! Requests of many connections to a server.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::AnyError;

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    path: String,
    registers: bool,
}

/// What a load measured.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Answered requests per second.
    pub per_second: f64,
    /// Median of their times, in milliseconds.
    pub p50: f64,
    /// 99th percentile of their times, in milliseconds.
    pub p99: f64,
}

impl Request {
    /// Creates a request for a path.
    #[must_use]
    pub fn get(path: String) -> Self {
        Self { path, registers: false }
    }

    /// Creates registrations of clients, each with another code.
    #[must_use]
    pub fn register() -> Self {
        Self { path: "/clients/register".to_owned(), registers: true }
    }

    fn build(&self) -> Result<hyper::Request<Full<Bytes>>, AnyError> {
        static CODE: AtomicU64 = AtomicU64::new(1);
        let builder = hyper::Request::builder().uri(&self.path).header("host", "localhost");
        if !self.registers {
            return Ok(builder.body(Full::default())?);
        }
        let code = CODE.fetch_add(1, Ordering::Relaxed);
        let body = format!(r#"{{"nom": "Boulangerie Morin et filles", "code": {code}}}"#);
        Ok(builder.method("POST").header("content-type", "application/json").body(Full::from(body))?)
    }
}

async fn connect(address: SocketAddr) -> Result<SendRequest<Full<Bytes>>, AnyError> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn send(sender: &mut SendRequest<Full<Bytes>>, request: &Request) -> Result<Bytes, AnyError> {
    sender.ready().await?;
    let response = sender.send_request(request.build()?).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    if status.is_success() { Ok(body) } else { Err(format!("the server answered {status}: {body:?}").into()) }
}

/// Sends one request, and returns the body of its answer.
///
/// # Errors
/// Returns an error if the server does not answer with success.
pub async fn body_of(address: SocketAddr, request: &Request) -> Result<Bytes, AnyError> {
    send(&mut connect(address).await?, request).await
}

/// Sends requests on each of the connections, one after the other, for some time.
///
/// # Errors
/// Returns an error if the server does not answer each request with success.
pub async fn run(address: SocketAddr, request: &Request, connections: usize, time: Duration) -> Result<Load, AnyError> {
    let mut tasks = JoinSet::new();
    let started = Instant::now();
    for _ in 0..connections {
        let request = request.clone();
        tasks.spawn(async move {
            let mut sender = connect(address).await?;
            let mut times = Vec::new();
            while started.elapsed() < time {
                let sent = Instant::now();
                send(&mut sender, &request).await?;
                times.push(sent.elapsed().as_secs_f64() * 1e3);
            }
            Ok::<_, AnyError>(times)
        });
    }
    let mut times = Vec::new();
    while let Some(task) = tasks.join_next().await {
        times.extend(task??);
    }
    let elapsed = started.elapsed().as_secs_f64();
    let count = f64::from(u32::try_from(times.len())?);
    times.sort_by(f64::total_cmp);
    let at = |hundredths: usize| times.get(times.len() * hundredths / 100).copied().unwrap_or(f64::NAN);
    Ok(Load { per_second: count / elapsed, p50: at(50), p99: at(99) })
}
