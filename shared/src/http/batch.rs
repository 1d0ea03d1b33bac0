//! The answer to a batch: for each operation, the answer that its own route would give.

use std::collections::{BTreeMap, BTreeSet};

use lambda_http::Body;
use lambda_http::http::StatusCode;
use lambda_http::http::header::ETAG;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

use super::etag::versions;
use super::response::{fits_into_response, json_text, json_true, marked_as_replayed, tagged_entity};
use super::{Answer, Failure, Request, Response};
use crate::models::BatchOperation;
use crate::store::{BatchAnswer, BatchOptions, BatchOutcome, Store, StoreError};
use crate::telemetry::BatchLog;
use crate::validation::{Batch, BatchEntry, BatchParams, Model, Violations};

/// Response to a batch.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Lot")]
pub struct Batched {
    resultats: Vec<OperationResult>,
    bilan: Totals,
}

/// Result of one operation.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ResultatDeLot")]
struct OperationResult {
    /// Index of the operation.
    index: u16,
    /// Name that the caller gave to the operation.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// Status that its route would answer.
    status: u16,
    /// Entity tag that its route would answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    /// Body that its route would answer.
    #[schemars(with = "serde_json::Value")]
    body: Box<RawValue>,
}

/// Numbers of operations.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[schemars(rename = "BilanDeLot")]
struct Totals {
    /// Carried out.
    ok: usize,
    /// Refused, or failed.
    refus: usize,
    /// Without a result.
    restant: usize,
}

/// Results by index of the operation.
type Results = BTreeMap<u16, Result<BatchAnswer, Failure>>;

/// Responses of the operations' own routes, by index.
type Responses = BTreeMap<u16, Response>;

/// Carries out the batch that a request holds.
///
/// # Errors
/// Returns the errors of [`Request::query_and_body`] and of [`Store::run_batch`].
pub async fn batch(store: &Store, request: &Request) -> Answer {
    let (BatchParams { dry_run, atomic }, Batch { operations: entries }) = request.query_and_body()?;
    let mut results = Results::new();
    let mut operations = Vec::with_capacity(entries.len());
    for (index, entry) in (0..).zip(&entries) {
        match valid_operation(index, entry) {
            Ok(operation) => operations.push(operation),
            Err(failure) => {
                results.insert(index, Err(failure));
            }
        }
    }
    let mut replayed = BTreeSet::new();
    if results.is_empty() || !atomic {
        let outcome = store.run_batch(&operations, BatchOptions { dry_run, atomic }).await?;
        log_stop(request, &outcome, entries.len() - results.len());
        replayed = outcome.replayed;
        results.extend(outcome.results.into_iter().map(|(index, result)| (index, result.map_err(Failure::from))));
    }
    let mut responses = responses_to(&results);
    if dry_run {
        for (_, predicted) in responses.iter_mut().filter(|(index, _)| !replayed.contains(index)) {
            // A run may make another version.
            predicted.headers_mut().remove(ETAG);
        }
    }
    let log = log_of(&entries, &responses, |index| dry_run || replayed.contains(&index));
    log_faults(request, &results, &responses);
    let mut response = respond(&entries, results, responses)?;
    response.extensions_mut().insert(log);
    Ok(if replayed.is_empty() { response } else { marked_as_replayed(response) })
}

/// Returns the operation of an entry.
fn valid_operation(index: u16, entry: &BatchEntry) -> Result<BatchOperation, Failure> {
    let max = <() as Model>::MAX_SIZE;
    if entry.body_size > max {
        return Err(Failure::TooLarge(max));
    }
    let expected = entry.if_match.as_deref().map(versions).transpose();
    match (expected, entry.operation.clone()) {
        (Ok(expected), Ok(operation)) => Ok(BatchOperation { index, expected, operation }),
        (expected, operation) => {
            let expected = expected.err().map(|value| Violations::of_operation_if_match(index, &value));
            Err(Failure::Invalid(expected.into_iter().chain(operation.err()).collect()))
        }
    }
}

fn respond(entries: &[BatchEntry], results: Results, mut responses: Responses) -> Answer {
    let text = to_text(entries, &responses)?;
    if fits_into_response(text.as_bytes()) {
        return Ok(json_text(StatusCode::OK, text));
    }
    // Each violation may repeat the body of its operation.
    for (index, result) in results {
        if let Err(Failure::Invalid(violations)) = result {
            responses.insert(index, Failure::Invalid(violations.without_input()).response(""));
        }
    }
    Ok(json_text(StatusCode::OK, to_text(entries, &responses)?))
}

fn to_text(entries: &[BatchEntry], responses: &Responses) -> Result<String, Failure> {
    let resultats: Result<Vec<_>, _> = responses
        .iter()
        .map(|(index, response)| {
            let reference = entries.get(usize::from(*index)).and_then(|entry| entry.reference.clone());
            OperationResult::new(*index, reference, response)
        })
        .collect();
    let ok = responses.values().filter(|response| response.status().is_success()).count();
    let bilan = Totals { ok, refus: responses.len() - ok, restant: entries.len() - responses.len() };
    let text = resultats.and_then(|resultats| serde_json::to_string(&Batched { resultats, bilan }));
    text.map_err(|error| StoreError::Bug(error.to_string()).into())
}

/// Returns the response of each operation's own route.
fn responses_to(results: &Results) -> Responses {
    let response = |result: &Result<BatchAnswer, Failure>| match result {
        Ok(BatchAnswer::Entity { version, body }) => tagged_entity(*version, body.clone()),
        Ok(BatchAnswer::Done) => json_true(),
        Err(failure) => failure.response(""),
    };
    results.iter().map(|(index, result)| (*index, response(result))).collect()
}

impl OperationResult {
    fn new(index: u16, reference: Option<String>, response: &Response) -> serde_json::Result<Self> {
        let body = if let Body::Text(text) = response.body() { text.clone() } else { String::new() };
        let etag = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        Ok(Self { index, reference, status: response.status().as_u16(), etag, body: RawValue::from_string(body)? })
    }
}

/// Counts the operations. Those that `is_skipped` finds were not carried out by this request.
fn log_of(entries: &[BatchEntry], responses: &Responses, is_skipped: impl Fn(u16) -> bool) -> BatchLog {
    let mut log = BatchLog::default();
    for (index, entry) in (0..).zip(entries) {
        match responses.get(&index).map(Response::status) {
            Some(status) if status.is_success() && is_skipped(index) => {}
            Some(status) if status.is_success() => log.count(entry.action, entry.kind),
            Some(status) if status.is_server_error() => log.faults += 1,
            Some(_) => log.refused += 1,
            None => log.left += 1,
        }
    }
    log
}

/// Logs why a batch stopped early.
fn log_stop(request: &Request, outcome: &BatchOutcome, operations: usize) {
    if let Some(cause) = &outcome.stopped {
        let left = operations - outcome.results.len();
        tracing::error!(request_id = request.request_id(), left, %cause, "a batch stopped before its end");
    }
}

/// Logs the first operation that failed though its caller did nothing wrong, and how many did.
fn log_faults(request: &Request, results: &Results, responses: &Responses) {
    let is_fault = |index| responses.get(index).is_some_and(|response| response.status().is_server_error());
    let failures = results.iter().filter_map(|(index, result)| Some((index, result.as_ref().err()?)));
    let mut faults = failures.filter(|(index, _)| is_fault(index));
    if let Some((index, cause)) = faults.next() {
        let failed = faults.count() + 1;
        tracing::error!(request_id = request.request_id(), index, failed, %cause, "operations of a batch failed");
    }
}
