//! Responses of the gateway itself, and its limit of concurrent requests.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::{Method, Response};

use testkit::{Fault, Gate};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::support::Api;

/// Returns the headers that do not depend on the request.
fn headers(response: &Response) -> BTreeMap<String, String> {
    let mut headers: BTreeMap<_, _> = response
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().expect("text").to_owned()))
        .collect();
    for name in ["allow", "content-length", "date", "x-request-id"] {
        headers.remove(name);
    }
    headers
}

#[tokio::test]
async fn errors_of_the_gateway_have_the_headers_of_those_of_functions() {
    let api = Api::start().await;
    let unknown_client = api.get("/clients/x/infos").await;
    assert_eq!(unknown_client.status(), 404);
    assert_eq!(unknown_client.headers()["x-content-type-options"], "nosniff");
    let expected = headers(&unknown_client);
    let too_large = vec![b' '; 10 * 1024 * 1024 + 1];
    for (answer, status) in [
        (api.get("/nowhere").await, 404),
        (api.request(Method::PATCH, "/clients/all").send().await.expect("an answer"), 405),
        (api.post("/clients/register", too_large).await, 413),
    ] {
        assert_eq!(answer.status(), status);
        assert_eq!(headers(&answer), expected, "{status}");
    }
}

#[tokio::test]
async fn lists_queue_without_using_their_time_limit() {
    let api = Api::start().await;
    let (through, proxy) = api.behind(Vec::new()).await;
    // Sixteen groups of lists take 8 s, more than the time limit of each.
    let through = through.with_time_limit(Duration::from_secs(6)).await;
    proxy.add(Fault::every(1, "Query").delays_the_answer(Duration::from_millis(500)));
    let permits = available_parallelism().map_or(1, NonZero::get);
    let answers = join_all((0..16 * permits).map(|_| through.get("/clients/all"))).await;
    assert!(answers.iter().all(|answer| answer.status() == 200));
    let calls = proxy.take_calls();
    let overlapping = |at| calls.iter().filter(|call| call.started <= at && at < call.ended).count();
    let most = calls.iter().map(|call| overlapping(call.started)).max();
    assert!(most.is_some_and(|most| most <= permits), "{most:?} calls at a time, with {permits} permits");
}

#[tokio::test]
async fn a_host_that_is_not_a_url_is_ignored() {
    let api = Api::start().await;
    for host in ["1.2.3.999", "[::", "x:99999", "a@b", "x?y", ""] {
        let answer = api.request(Method::GET, "/clients/all").header("host", host).send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{host}");
    }
}

#[tokio::test]
async fn reads_do_not_wait_for_writes_that_are_retried() {
    let api = Api::start().await;
    let client = api.register("Boulangerie Morin", 0).await;
    let (through, proxy) = api.behind(Vec::new()).await;
    let through = Arc::new(through);
    // As on a full disk.
    let gate = Arc::new(Gate::default());
    proxy.add(Fault::until(&gate, "TransactWriteItems").answers(Fault::SERVER_ERROR));
    let permits = 16 * available_parallelism().map_or(1, NonZero::get);
    let mut writes = JoinSet::new();
    for code in (1..).take(2 * permits) {
        let through = Arc::clone(&through);
        writes.spawn(async move { through.register("Boulangerie Morin", code).await });
    }
    gate.reached().await;
    let infos = format!("/clients/{}/infos", client["client_id"].as_str().expect("an identifier"));
    for _ in 0..permits {
        let read = timeout(Duration::from_secs(30), through.get(&infos)).await;
        assert_eq!(read.expect("an answer while writes are tried again").status(), 200);
    }
    assert!(!writes.is_empty() && writes.try_join_next().is_none(), "the writes have ended");
    gate.open();
    assert_eq!(writes.join_all().await.len(), 2 * permits);
}
