//! The server, when it stops.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::routing::{get, post};
use local::server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

/// A server that can be stopped.
struct Server {
    address: String,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Server {
    async fn start(router: Router) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(server::serve(listener, router, async { _ = stopped.await }));
        Self { address, stop, serving }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).await.expect("a connection")
    }
}

async fn send(connection: &mut TcpStream, text: &str) {
    connection.write_all(text.as_bytes()).await.expect("sent");
}

/// Reads until the end of a response whose body is `done`.
async fn read_response(connection: &mut TcpStream) {
    let mut response = Vec::new();
    while !response.ends_with(b"\r\n\r\ndone") {
        assert!(connection.read_buf(&mut response).await.expect("a response") > 0, "closed too early");
    }
}

#[tokio::test]
async fn connections_without_a_complete_request_are_closed_at_once() {
    let begun = Arc::new(Notify::new());
    let uploading = Arc::clone(&begun);
    let upload = post(async move |request: Request| {
        uploading.notify_one();
        axum::body::to_bytes(request.into_body(), 1000).await.map(|_: Bytes| "done").map_err(|_| "failed")
    });
    let server = Server::start(Router::new().route("/", get("done")).route("/upload", upload)).await;
    let _unused = server.connect().await;
    let mut half_a_head = server.connect().await;
    send(&mut half_a_head, "GET / HT").await;
    let mut kept_alive = server.connect().await;
    send(&mut kept_alive, "GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    read_response(&mut kept_alive).await;
    let mut second_head = server.connect().await;
    send(&mut second_head, "GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    read_response(&mut second_head).await;
    send(&mut second_head, "GET / HT").await;
    let mut half_a_body = server.connect().await;
    send(&mut half_a_body, "POST /upload HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf").await;
    begun.notified().await;
    let started = Instant::now();
    server.stop.send(()).expect("a server");
    server.serving.await.expect("an end");
    // The server's time limit is 10 s.
    assert!(started.elapsed() < Duration::from_secs(9), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_response_under_way_is_finished() {
    let (begun, released) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let notifies = (Arc::clone(&begun), Arc::clone(&released));
    let slow = post(async move |_: Bytes| {
        notifies.0.notify_one();
        notifies.1.notified().await;
        "done"
    });
    let server = Server::start(Router::new().route("/", slow)).await;
    let mut connection = server.connect().await;
    send(&mut connection, "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nbody").await;
    begun.notified().await;
    server.stop.send(()).expect("a server");
    // It accepts no more connections once it stops.
    while TcpStream::connect(&server.address).await.is_ok() {}
    released.notify_one();
    read_response(&mut connection).await;
    server.serving.await.expect("an end");
}
