//! How the program stops.

use std::sync::Arc;

use testkit::embedded::Embedded;
use testkit::{Fault, Gate, Proxy};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::Parc;

/// What the program logs if requests hold it up until its time limit.
const HELD_UP: &str = "did not end";

#[tokio::test]
async fn unused_connections_do_not_hold_it_up() {
    let parc = Parc::start(&["--memory"]).await;
    let address = parc.url.strip_prefix("http://").expect("a URL").to_owned();
    let _unused = TcpStream::connect(&address).await.expect("a connection");
    let mut slow = TcpStream::connect(&address).await.expect("a connection");
    slow.write_all(b"POST /clients/register HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{")
        .await
        .expect("sent");
    // Its connection stays open.
    let http = reqwest::Client::new();
    assert_eq!(http.get(format!("{}/clients/all", parc.url)).send().await.expect("an answer").status(), 200);
    parc.signal("TERM").await;
    let ended = parc.ended().await;
    assert!(ended.status.success() && ended.stdout.ends_with("parc has stopped\n"), "{}", ended.stderr);
    assert!(!ended.stderr.contains(HELD_UP), "{}", ended.stderr);
}

#[tokio::test]
async fn a_second_interrupt_ends_it_at_once() {
    let engine = Embedded::in_memory().expect("an engine");
    let proxy = Proxy::start(engine.url(), Vec::new()).await;
    let parc = Parc::start(&["--endpoint", proxy.url()]).await;
    // A request that is retried until its time limit.
    let gate = Arc::new(Gate::default());
    proxy.add(Fault::until(&gate, "Query").drops_the_call());
    let request = tokio::spawn(reqwest::get(format!("{}/clients/all", parc.url)));
    gate.reached().await;
    parc.signal("INT").await;
    while reqwest::get(&parc.url).await.is_ok() {}
    parc.signal("INT").await;
    let ended = parc.ended().await;
    assert_eq!(ended.status.code(), Some(130));
    assert!(!ended.stderr.contains(HELD_UP), "{}", ended.stderr);
    assert!(request.await.expect("an end").is_err());
}
