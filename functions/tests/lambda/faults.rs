//! Malformed events, a table that does not answer, and the log lines about them.

use std::fs;
use std::io::Read;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use testkit::{AMPLE_TIME, Fault, Proxy, fresh, inputs};
use tokio::net::TcpListener;

use crate::support::{Function, Table, body, command, event, root, start};

async fn assert_error(function: &Function, event: Value) {
    let state = function.invoke(event, AMPLE_TIME).await;
    assert!(state.error.is_some(), "{:?}", state.response);
}

#[tokio::test]
async fn a_function_continues_after_a_malformed_event() {
    let table = Table::new().await;
    let function = start("clients-all", table.url()).await;
    for malformed in [json!({}), json!(null), json!([1]), json!({ "version": "2.0", "requestContext": 1 })] {
        assert_error(&function, malformed).await;
    }
    assert_eq!(function.answer(event("clients-all")).await["statusCode"], 200);
}

#[tokio::test]
async fn an_event_that_is_not_http_is_answered_with_400() {
    let table = Table::new().await;
    // A route with a table and one without.
    for name in ["clients-all", "openapi"] {
        let function = start(name, table.url()).await;
        for (part, malformed) in [
            ("rawQueryString", json!("nom=a b")),
            ("rawQueryString", json!("a".repeat(1 << 16))),
            ("headers", json!({ "accept": "\n" })),
        ] {
            let mut event = event(name);
            event[part] = malformed;
            let answer = function.answer(event).await;
            assert_eq!(answer["statusCode"], 400, "{answer}");
            let expected = "Requête illisible : l’adresse, un en-tête ou l’encodage du corps n’est pas valide";
            assert_eq!(body(&answer), json!({ "detail": expected }));
            let headers =
                ["x-request-id", "cache-control", "x-content-type-options"].map(|name| &answer["headers"][name]);
            assert_eq!(headers, [name, "no-store", "nosniff"]);
        }
        assert_eq!(function.answer(event(name)).await["statusCode"], 200);
        let log = function.log().await;
        let line: Value = serde_json::from_str(log.lines().next().expect("a line")).expect("JSON");
        assert_eq!([&line["request_id"], &line["route"]], [&json!(name), &event(name)["routeKey"]]);
        assert_eq!([&line["status"], &line["cold"]], [&json!(400), &json!(1)]);
        assert_eq!(log.lines().count(), 4, "{log}");
    }
}

#[tokio::test]
async fn an_invalid_host_is_ignored() {
    let table = Table::new().await;
    let function = start("clients-all", table.url()).await;
    let mut event = event("clients-all");
    event["headers"]["host"] = json!("]");
    assert_eq!(function.answer(event).await["statusCode"], 200);
}

/// Returns a listener that accepts connections and never answers, and its URL.
async fn silent_endpoint() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    (listener, url)
}

#[tokio::test]
async fn a_silent_table_is_unavailable_at_the_deadline() {
    let (_listener, endpoint) = silent_endpoint().await;
    let function = start("clients-register", &endpoint).await;
    // More than one attempt.
    let state = function.invoke(event("clients-register"), Duration::from_secs(4)).await;
    let answer = state.response.expect("an answer").payload;
    assert_eq!(answer["statusCode"], 503);
    assert_eq!(answer["headers"]["retry-after"], "1");
    assert_eq!(body(&answer), json!({ "detail": "Service momentanément indisponible" }));
}

#[tokio::test]
async fn every_function_gives_up_at_its_deadline() {
    let (_listener, endpoint) = silent_endpoint().await;
    let routes = functions::routes(functions::docs::Access::Token);
    for route in routes.iter().filter(|route| route.operation.is_some()) {
        let function = start(route.name, &endpoint).await;
        // The second time limit is shorter than the margin.
        for time_limit in [Duration::from_millis(700), Duration::from_millis(400)] {
            let mut event = event(route.name);
            event["headers"]["idempotency-key"] = json!("one");
            let state = function.invoke(event, time_limit).await;
            let answer = state.response.unwrap_or_else(|| panic!("{}: {:?}", route.name, state.error)).payload;
            assert_eq!(answer["statusCode"], 503, "{}", route.name);
        }
    }
}

#[tokio::test]
async fn a_body_in_base64_is_decoded() {
    let table = Table::new().await;
    let function = start("clients-register", table.url()).await;
    let mut encoded = event("clients-register");
    encoded["body"] = json!("eyJub20iOiLDqSIsImNvZGUiOjF9");
    encoded["isBase64Encoded"] = json!(true);
    assert_eq!(body(&function.answer(encoded).await)["nom"], "é");
}

/// Returns the lines of a log.
fn lines(log: &str) -> Vec<Value> {
    log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Invokes `clients-register` twice, and returns the lines of its log with and without a latency.
async fn log_of_two_registrations(endpoint: &str, time_limit: Duration) -> [Vec<Value>; 2] {
    let function = start("clients-register", endpoint).await;
    for _ in 0..2 {
        function.invoke(event("clients-register"), time_limit).await;
    }
    let log = function.log().await;
    assert!(!log.contains("Boulangerie") && !log.contains("authorization"), "{log}");
    let (answered, others): (Vec<_>, Vec<_>) = lines(&log).into_iter().partition(|line| line["latency"].is_number());
    assert_eq!(answered.len(), 2, "{log}");
    assert_eq!([&answered[0]["request_id"], &answered[0]["route"]], ["clients-register", "POST /clients/register"]);
    assert_eq!([&answered[0]["cold"], &answered[1]["cold"]], [&json!(1), &Value::Null], "{log}");
    [answered, others]
}

/// Returns the causes in the log lines of failures.
fn causes(failures: &[Value]) -> Vec<&str> {
    for failure in failures {
        assert_eq!([&failure["level"], &failure["request_id"]], ["ERROR", "clients-register"]);
    }
    failures.iter().map(|failure| failure["cause"].as_str().expect("text")).collect()
}

#[tokio::test]
async fn a_log_line_describes_its_request_without_content() {
    let table = Table::new().await;
    let [answered, failures] = log_of_two_registrations(table.url(), AMPLE_TIME).await;
    assert!(failures.is_empty(), "{failures:?}");
    assert_eq!([&answered[0]["status"], &answered[0]["capacity"]], [&json!(200), &json!(8.0)]);
    // Counts that are zero are left out.
    assert_eq!(["faults", "conflicts", "retries", "_aws"].map(|name| &answered[0][name]), [&Value::Null; 4]);
}

#[tokio::test]
async fn a_failed_request_is_logged_with_its_cause() {
    let table = Table::new().await;
    let faults = vec![
        Fault::next("TransactWriteItems", 3).drops_the_call(),
        Fault::always("TransactWriteItems").answers(Fault::NO_TABLE),
    ];
    let proxy = Proxy::start(table.url(), faults).await;
    let [answered, failures] = log_of_two_registrations(proxy.url(), AMPLE_TIME).await;
    assert_eq!(["status", "faults", "retries"].map(|name| answered[0][name].clone()), [503, 1, 3].map(Value::from));
    assert_eq!(answered[0]["capacity"], 0.0);
    assert_eq!(causes(&failures), ["table unavailable: ResourceNotFoundException"; 2]);
    // The first time limit may end before the process has started.
    let [_, failures] = log_of_two_registrations("http://127.0.0.1:1", Duration::from_secs(2)).await;
    assert!(causes(&failures).iter().any(|cause| cause.contains("connection failed")), "{failures:?}");
}

#[tokio::test]
async fn a_batch_that_stops_before_its_end_is_logged_with_its_cause() {
    let table = Table::new().await;
    let faults = vec![Fault::after(1, "TransactWriteItems").answers(Fault::NO_TABLE)];
    let proxy = Proxy::start(table.url(), faults).await;
    let function = start("batch-run", proxy.url()).await;
    let client = |code| json!({ "op": "register", "kind": "client", "body": { "nom": "Morin", "code": code } });
    let mut event = event("batch-run");
    // More than one transaction.
    event["body"] = json!({ "operations": (1..=60).map(client).collect::<Vec<_>>() }).to_string().into();
    let totals = body(&function.answer(event).await)["bilan"].take();
    let lines = lines(&function.log().await);
    let stop = lines.iter().find(|line| line["message"] == "a batch stopped before its end").expect("a line");
    assert_eq!([&stop["request_id"], &stop["left"]], [&json!("batch-run"), &totals["restant"]]);
    assert_eq!(stop["cause"], "table unavailable: ResourceNotFoundException");
    assert!(totals["restant"].as_u64() > Some(0) && totals["ok"].as_u64() > Some(0), "{totals}");
}

#[tokio::test]
async fn a_log_line_contains_metrics_only_of_counts() {
    let table = Table::new().await;
    let faults = vec![Fault::next("Query", 1).drops_the_call()];
    let proxy = Proxy::start(table.url(), faults).await;
    let mut command = command("clients-all", proxy.url());
    command.env("PARC_STACK", "parc-test");
    let function = Function::start(command).await;
    for _ in 0..2 {
        function.answer(event("clients-all")).await;
    }
    let lines = lines(&function.log().await);
    let directive = &lines[0]["_aws"]["CloudWatchMetrics"][0];
    assert_eq!([&directive["Namespace"], &directive["Dimensions"]], [&json!("parc-test"), &json!([["route"], []])]);
    assert_eq!([&directive["Metrics"], &lines[0]["retries"]], [&json!([{ "Name": "retries" }]), &json!(1)]);
    assert!(lines[0]["_aws"]["Timestamp"].is_number());
    assert_eq!([&lines[1]["_aws"], &lines[1]["retries"]], [&Value::Null; 2]);
}

#[tokio::test]
async fn a_log_line_has_the_size_that_the_bill_assumes() {
    let table = Table::new().await;
    let function = start("clients-infos", table.url()).await;
    // As long as an identifier of API Gateway.
    let mut event = event("clients-infos");
    event["requestContext"]["requestId"] = json!("JKJaXmPLvHcESHA=");
    for _ in 0..2 {
        function.answer(event.clone()).await;
    }
    let workload = fs::read_to_string(root().join("bench/workload.json")).expect("the workload");
    let workload: Value = serde_json::from_str(&workload).expect("JSON");
    let assumed = workload["function_line_bytes"]["value"].as_u64().and_then(|bytes| usize::try_from(bytes).ok());
    let assumed = assumed.expect("bytes");
    let log = function.log().await;
    // The first line says that the process had just started. The latency has two to seven digits.
    let line = log.lines().nth(1).expect("a line");
    assert!((assumed - 5..=assumed + 5).contains(&line.len()), "{line}");
}

#[tokio::test]
async fn a_large_answer_is_compressed_if_accepted() {
    let table = Table::new().await;
    for code in 0..100 {
        fresh(table.store().register_client(inputs::client("Boulangerie Morin", code))).await;
    }
    let function = start("clients-all", table.url()).await;
    let plain = function.answer(event("clients-all")).await;
    assert_eq!(plain["headers"]["content-encoding"], Value::Null);
    let mut accepting = event("clients-all");
    accepting["headers"]["accept-encoding"] = json!("gzip, deflate, br");
    let compressed = function.answer(accepting).await;
    assert_eq!(
        [&compressed["headers"]["content-encoding"], &compressed["isBase64Encoded"]],
        [&json!("gzip"), &json!(true)]
    );
    let bytes = BASE64.decode(compressed["body"].as_str().expect("text")).expect("base64");
    let mut text = String::new();
    GzDecoder::new(&*bytes).read_to_string(&mut text).expect("gzip");
    assert_eq!(text, plain["body"].as_str().expect("text"));
    assert!(bytes.len() < text.len() / 3, "{} of {}", bytes.len(), text.len());
}
