//! Callers of a crowd.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use testkit::AnyError;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep, sleep_until, timeout_at};

use crate::endurance::ensure;
use crate::endurance::http::{Call, Caller};
use crate::endurance::latency::Latencies;
use crate::endurance::register::nom;

/// Bytes that a slow reader takes each second.
const SLOW_READ: usize = 1000;

/// Longest time after which a caller leaves, in milliseconds.
const LONGEST_STAY: u64 = 3000;

/// A request for a whole list, for connections without an HTTP client.
const LIST: &[u8] = b"GET /clients/all HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// A caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guest {
    /// Reads whole lists, one after the other.
    List,
    /// Reads and renames single clients.
    Small,
    /// Asks for a whole list, and reads a thousand bytes a second.
    Slow,
    /// Asks for whole lists, and leaves in the middle.
    Leaver,
    /// Connects, and sends nothing.
    Idle,
}

/// The register that the guests visit.
#[derive(Debug)]
pub(super) struct Register {
    pub(super) url: String,
    /// Identifiers, in the order of their codes, which start at 1.
    pub(super) clients: Vec<String>,
    /// Size of the list of all clients, in bytes.
    pub(super) list_size: usize,
}

/// What guests have seen.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) lists: Latencies,
    pub(super) small: Latencies,
    /// Lists that ended with a `next` link, because their time was up.
    pub(super) partial: u64,
    /// Requests whose callers left.
    pub(super) left: u64,
    /// Lists that had not been answered completely when the visit ended, and whose callers left then.
    pub(super) waiting: u64,
    /// Bytes that slow readers have read.
    pub(super) slow_bytes: usize,
}

impl Outcome {
    /// Adds what another guest has seen.
    pub(super) fn add(&mut self, other: Self) {
        self.lists.extend(other.lists);
        self.small.extend(other.small);
        self.partial += other.partial;
        self.left += other.left;
        self.waiting += other.waiting;
        self.slow_bytes += other.slow_bytes;
    }
}

impl Guest {
    /// Returns the guest with a number: of twenty, thirteen read whole lists, and three send small requests.
    pub(super) fn of_crowd(number: usize) -> Self {
        match number % 20 {
            ..3 => Self::Small,
            3 => Self::Slow,
            4..6 => Self::Leaver,
            6 => Self::Idle,
            _ => Self::List,
        }
    }

    /// Sends requests until a moment.
    ///
    /// # Errors
    /// Returns an error if a request is not answered with success.
    pub(super) async fn visit(
        self,
        register: Arc<Register>,
        random: fastrand::Rng,
        end: Instant,
    ) -> Result<Outcome, AnyError> {
        let mut outcome = Outcome::default();
        match self {
            Self::List => outcome = lists(&register, end).await?,
            Self::Small => outcome.small = small(&register, random, end).await?,
            Self::Slow => outcome.slow_bytes = read_slowly(&register.url, end).await?,
            Self::Leaver => outcome.left = leave(&register.url, random, end).await?,
            Self::Idle => {
                let _connection = connect(&register.url).await?;
                sleep_until(end.into()).await;
            }
        }
        Ok(outcome)
    }
}

async fn lists(register: &Register, end: Instant) -> Result<Outcome, AnyError> {
    let (caller, mut outcome) = (Caller::new(&register.url)?, Outcome::default());
    loop {
        let sent = Instant::now();
        let Ok(list) = timeout_at(end.into(), caller.read("/clients/all")).await else {
            outcome.waiting += 1;
            return Ok(outcome);
        };
        let list = list?;
        ensure(list.status == 200 && (list.has_next || list.size == register.list_size), || {
            format!("a list was answered {} with {} bytes, not {}", list.status, list.size, register.list_size)
        })?;
        outcome.partial += u64::from(list.has_next);
        outcome.lists.push(sent.elapsed());
    }
}

async fn small(register: &Register, mut random: fastrand::Rng, end: Instant) -> Result<Latencies, AnyError> {
    let (caller, mut times) = (Caller::new(&register.url)?, Latencies::default());
    while Instant::now() < end {
        let at = random.usize(..register.clients.len());
        let (client, code) = (&register.clients[at], at + 1);
        let call = if random.u8(..4) == 0 {
            // As long as the name that it was registered with, so that lists keep their size.
            let body = json!({ "client_id": client, "nom": nom("Renomm", code), "code": code });
            Call::put("/clients/update", body)
        } else {
            Call::get(format!("/clients/{client}/infos"))
        };
        let sent = Instant::now();
        caller.ask(&call).await?;
        times.push(sent.elapsed());
        sleep(Duration::from_millis(random.u64(..100))).await;
    }
    Ok(times)
}

async fn read_slowly(url: &str, end: Instant) -> Result<usize, AnyError> {
    let mut connection = connect(url).await?;
    connection.write_all(LIST).await?;
    let (mut read, mut buffer) = (0, [0; SLOW_READ]);
    while Instant::now() < end {
        let Ok(received) = timeout_at(end.into(), connection.read(&mut buffer)).await else { break };
        match received? {
            0 => return Err("parc closed the connection of a slow reader".into()),
            received => read += received,
        }
        sleep(Duration::from_secs(1)).await;
    }
    Ok(read)
}

async fn leave(url: &str, mut random: fastrand::Rng, end: Instant) -> Result<u64, AnyError> {
    let mut left = 0;
    while Instant::now() < end {
        let mut connection = connect(url).await?;
        connection.write_all(LIST).await?;
        sleep(Duration::from_millis(random.u64(..LONGEST_STAY))).await;
        left += 1;
    }
    Ok(left)
}

/// Connects with a small buffer, so that the kernel does not read ahead of a slow reader.
async fn connect(url: &str) -> Result<TcpStream, AnyError> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(4096)?;
    Ok(socket.connect(url.strip_prefix("http://").unwrap_or(url).parse()?).await?)
}
