//! Target `batch`: the body of a batch. One that starts with a space is carried out atomically.

use lambda_http::http::{Method, Request};
use lambda_http::{Body, RequestExt};
use serde_json::Value;

use super::api::Api;

/// Statuses of a batch.
const STATUSES: [u16; 4] = [200, 400, 413, 422];

/// Statuses of its operations.
const RESULT_STATUSES: [u64; 6] = [200, 404, 409, 412, 413, 422];

const ROUTE: &str = "POST /lot";

/// Answer to a batch: its status, and the status of each operation by index.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    status: u16,
    results: Vec<(u64, u64)>,
}

/// Checks that a batch is answered with one result for each operation, and that a dry run predicts their statuses.
pub fn check(input: &[u8]) {
    Api::check(|api| {
        let body = api.with_ids(input);
        let is_atomic = body.starts_with(b" ");
        let predicted = run(api, &body, &format!("dry_run=true&atomique={is_atomic}"));
        let outcome = run(api, &body, &format!("atomique={is_atomic}"));
        assert_eq!(predicted, outcome, "the dry run and the run");
    });
}

fn run(api: &Api, body: &[u8], query: &str) -> Outcome {
    let request =
        Request::builder().method(Method::POST).uri(format!("/lot?{query}")).body(Body::Binary(body.to_vec()));
    let response = api.answer(ROUTE, request.expect("a request").with_raw_http_path("/lot"));
    let (status, answer) = (response.status().as_u16(), response.body());
    let answer: Value = serde_json::from_slice(answer).expect("JSON");
    assert!(STATUSES.contains(&status), "{status}: {answer}");
    let results = if status == 200 { results(body, &answer) } else { Vec::new() };
    Outcome { status, results }
}

fn results(body: &[u8], answer: &Value) -> Vec<(u64, u64)> {
    let results = answer["resultats"].as_array().expect("results");
    let results: Vec<_> = results.iter().map(|result| (number(&result["index"]), number(&result["status"]))).collect();
    for (_, status) in &results {
        assert!(RESULT_STATUSES.contains(status), "{answer}");
    }
    let totals = ["ok", "refus", "restant"].map(|name| number(&answer["bilan"][name]));
    assert_eq!(totals[0] + totals[1], results.len() as u64, "{answer}");
    if !body.starts_with(b" ") {
        assert_eq!(totals[2], 0, "{answer}");
        assert!(results.iter().map(|(index, _)| *index).eq(0..results.len() as u64), "{answer}");
    }
    // The other encodings and dialects of JSON are those of target `json`.
    if let Ok(Value::Object(members)) = serde_json::from_slice(body)
        && let Some(Value::Array(operations)) = members.get("operations")
    {
        assert_eq!(totals.iter().sum::<u64>(), operations.len() as u64, "{answer}");
    }
    results
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}
