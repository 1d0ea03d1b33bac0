//! What a function does where something is wrong.

use std::io::Read;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use flate2::read::GzDecoder;
use futures_util::future::join_all;
use serde_json::{Value, json};
use testkit::{fresh, inputs};
use tokio::net::TcpListener;

use crate::support::{Function, Table, body, command, event};

async fn ends_in_an_error(function: &Function, event: Value) {
    let state = function.invoke(event, Duration::from_secs(10)).await;
    assert!(state.error.is_some(), "{:?}", state.response);
}

#[tokio::test]
async fn a_malformed_event_ends_in_an_error_and_the_next_one_is_answered() {
    let table = Table::new().await;
    let function = Function::start("clients-all", table.url()).await;
    for malformed in [json!({}), json!(null), json!([1]), json!({ "version": "2.0", "requestContext": 1 })] {
        ends_in_an_error(&function, malformed).await;
    }
    assert_eq!(function.answer(event("clients-all")).await["statusCode"], 200);
}

#[tokio::test]
async fn a_panic_ends_in_an_error_and_the_next_event_is_answered() {
    let table = Table::new().await;
    let function = Function::start("clients-all", table.url()).await;
    // A host that is none makes lambda_http panic when it builds the request's address.
    let mut event_with_bad_host = event("clients-all");
    event_with_bad_host["headers"]["host"] = json!("]");
    ends_in_an_error(&function, event_with_bad_host).await;
    assert_eq!(function.answer(event("clients-all")).await["statusCode"], 200);
}

#[tokio::test]
async fn a_table_that_does_not_answer_is_unavailable_before_the_deadline() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let endpoint = format!("http://{}", silent.local_addr().expect("an address"));
    let function = Function::start("clients-register", &endpoint).await;
    let state = function.invoke(event("clients-register"), Duration::from_secs(4)).await;
    let answer = state.response.expect("an answer").payload;
    assert_eq!(answer["statusCode"], 503);
    assert_eq!(answer["headers"]["retry-after"], "1");
    assert_eq!(body(&answer), json!({ "detail": "Service momentanément indisponible" }));
}

#[tokio::test]
async fn every_function_answers_before_its_deadline() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let endpoint = format!("http://{}", silent.local_addr().expect("an address"));
    let routes = functions::routes(functions::docs::Access::Token);
    let late = routes.iter().filter(|route| route.operation.is_some()).map(async |route| {
        let function = Function::start(route.name, &endpoint).await;
        // The second has less time left than the margin.
        for patience in [Duration::from_millis(1500), Duration::from_millis(400)] {
            let mut event = event(route.name);
            event["headers"]["idempotency-key"] = json!("one");
            let state = function.invoke(event, patience).await;
            let answer = state.response.unwrap_or_else(|| panic!("{}: {:?}", route.name, state.error)).payload;
            assert_eq!(answer["statusCode"], 503, "{}", route.name);
        }
    });
    join_all(late).await;
}

#[tokio::test]
async fn a_body_in_base64_is_taken_out_of_it() {
    let table = Table::new().await;
    let function = Function::start("clients-register", table.url()).await;
    let mut encoded = event("clients-register");
    encoded["body"] = json!("eyJub20iOiLDqSIsImNvZGUiOjF9");
    encoded["isBase64Encoded"] = json!(true);
    assert_eq!(body(&function.answer(encoded).await)["nom"], "é");
}

#[tokio::test]
async fn a_log_line_names_the_request_and_the_fault_and_nothing_that_was_sent() {
    let table = Table::new().await;
    for (endpoint, status) in [(table.url(), 200), ("http://127.0.0.1:1", 503)] {
        let function = Function::start("clients-register", endpoint).await;
        for _ in 0..2 {
            function.invoke(event("clients-register"), Duration::from_secs(2)).await;
        }
        let log = function.log().await;
        assert!(!log.contains("Boulangerie") && !log.contains("authorization"), "{log}");
        let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let (answered, failed): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line["message"] == "answered");
        assert_eq!((answered.len(), failed.len()), (2, if status == 503 { 2 } else { 0 }), "{log}");
        let first = answered[0];
        assert_eq!([&first["request_id"], &first["route"]], ["clients-register", "POST /clients/register"]);
        assert_eq!([&first["status"], &first["faults"]], [&json!(status), &json!(u8::from(status == 503))]);
        assert_eq!([&first["cold"], &answered[1]["cold"]], [&json!(1), &json!(0)], "{log}");
        for failure in failed {
            assert_eq!([&failure["level"], &failure["request_id"]], ["ERROR", "clients-register"]);
            assert!(failure["cause"].as_str().is_some_and(|cause| cause.contains("connection failed")), "{log}");
        }
        if status == 200 {
            assert_eq!([&first["capacity"], &first["retries"]], [&json!(8), &json!(0)], "{log}");
        } else {
            assert_eq!(first["capacity"], 0, "{log}");
            assert!(first["retries"].as_u64().is_some_and(|retries| retries > 2), "{log}");
        }
    }
}

#[tokio::test]
async fn a_log_line_is_what_cloudwatch_takes_the_metrics_from() {
    let table = Table::new().await;
    let mut command = command("clients-all", table.url());
    command.env("PARC_STACK", "parc-test");
    let function = Function::start_as(command).await;
    function.answer(event("clients-all")).await;
    let line: Value = serde_json::from_str(&function.log().await).expect("one line");
    let metrics = &line["_aws"]["CloudWatchMetrics"][0];
    assert_eq!([&metrics["Namespace"], &metrics["Dimensions"]], [&json!("parc-test"), &json!([["route"], []])]);
    let names: Vec<_> = metrics["Metrics"].as_array().expect("metrics").iter().map(|m| &m["Name"]).collect();
    assert_eq!(names, ["latency", "capacity", "conflicts", "retries", "faults"]);
    assert_eq!(metrics["Metrics"][0]["Unit"], "Milliseconds");
    for name in names {
        assert!(line[name.as_str().expect("text")].is_number(), "{line}");
    }
    assert!(line["_aws"]["Timestamp"].is_number());
}

#[tokio::test]
async fn a_large_answer_is_compressed_for_callers_who_take_it() {
    let table = Table::new().await;
    for code in 0..10 {
        fresh(table.store().register_client(inputs::client("Boulangerie Morin", code))).await;
    }
    let function = Function::start("clients-all", table.url()).await;
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
