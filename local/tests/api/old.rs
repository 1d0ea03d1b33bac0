//! An old service with fixed answers, on a free port.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the service does to a request instead of answering it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trouble {
    /// Answers with this status.
    Status(u16),
    /// Closes the connection in the middle of the answer.
    Cut,
}

/// A service that answers each path with a fixed body, and others with 404.
pub(crate) struct OldService {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    bodies: HashMap<String, String>,
    /// `Link` headers.
    links: HashMap<String, String>,
    /// Path, trouble and number of requests that it applies to.
    troubles: Vec<(String, Trouble, usize)>,
    /// Headers of each request.
    requests: Vec<String>,
}

impl OldService {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::<Mutex<State>>::default();
        let serving = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(serve(connection, Arc::clone(&serving)));
            }
        });
        Self { url, state }
    }

    /// Starts a service with lists of these entities.
    pub(crate) async fn with(clients: &[Value], sites: &[Value], equipements: &[Value]) -> Self {
        let old = Self::start().await;
        for (path, list) in [("/clients/all", clients), ("/sites/all", sites), ("/equipements/all", equipements)] {
            old.answers(path, &json!(list).to_string());
        }
        old
    }

    /// Sets the body of the answer to a path.
    pub(crate) fn answers(&self, path: &str, body: &str) {
        self.with_state(|state| state.bodies.insert(path.to_owned(), body.to_owned()));
    }

    /// Sets the `Link` header of the answer to a path.
    pub(crate) fn links(&self, path: &str, link: &str) {
        self.with_state(|state| state.links.insert(path.to_owned(), link.to_owned()));
    }

    /// Disturbs the next requests of a path.
    pub(crate) fn disturb(&self, path: &str, trouble: Trouble, count: usize) {
        self.with_state(|state| state.troubles.push((path.to_owned(), trouble, count)));
    }

    /// Returns the headers of each request so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.with_state(|state| state.requests.clone())
    }

    fn with_state<T>(&self, access: impl FnOnce(&mut State) -> T) -> T {
        access(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    /// Returns the bytes of the answer to a request.
    fn answer(&mut self, request: String) -> Vec<u8> {
        let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
        self.requests.push(request);
        let trouble = self.troubles.iter_mut().find(|(of, _, count)| *of == path && *count > 0);
        let trouble = trouble.map(|(_, trouble, count)| {
            *count -= 1;
            *trouble
        });
        let (status, body) = match (trouble, self.bodies.get(&path)) {
            (Some(Trouble::Status(status)), _) => (status, "{}"),
            (Some(Trouble::Cut) | None, Some(body)) => (200, body.as_str()),
            (Some(Trouble::Cut) | None, None) => (404, r#"{"detail":"Not Found"}"#),
        };
        let length = body.len();
        let link = self.links.get(&path).map_or_else(String::new, |link| format!("link: {link}\r\n"));
        let head =
            format!("HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{link}");
        let mut answer = format!("{head}connection: close\r\n\r\n{body}").into_bytes();
        if matches!(trouble, Some(Trouble::Cut)) {
            answer.truncate(answer.len() - length / 2 - 1);
        }
        answer
    }
}

async fn serve(mut connection: TcpStream, state: Arc<Mutex<State>>) {
    let (mut request, mut bytes) = (Vec::new(), [0; 4096]);
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match connection.read(&mut bytes).await {
            Ok(0) | Err(_) => return,
            Ok(count) => request.extend_from_slice(&bytes[..count]),
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let answer = state.lock().unwrap_or_else(PoisonError::into_inner).answer(request);
    let _ = connection.write_all(&answer).await;
    let _ = connection.shutdown().await;
}
