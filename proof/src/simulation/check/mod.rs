//! The checks of one history.
//!
//! The engine carries out transactions one after the other, so a history has one order of changes. [`timeline`] repeats
//! them on a sequential model: each must be what its request asks for, once. Every answer must then be the right one at
//! some moment between the request and the answer. `items` compares the table with the model at the end.

mod answers;
mod batches;
mod claims;
mod headers;
mod items;
mod kept;
mod operations;
mod predictions;
mod reads;
mod results;
mod size;
mod timeline;
mod writes;

use std::fmt;

use super::History;
use super::recording::{Answer, Attempt, Recorded};
use timeline::Timeline;

/// Something that a history must not contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation(pub String);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Violation {}

/// Checks a history.
///
/// # Errors
/// Returns the first violation.
pub fn check(history: &History) -> Result<(), Violation> {
    let timeline = Timeline::of(history)?;
    for request in &history.requests {
        answers::check(&timeline, request)?;
    }
    headers::check(history)?;
    if let Some(finding) = history.findings.first() {
        return Err(Violation(format!("verify found: {finding}")));
    }
    items::check(&timeline, &history.items)
}

/// One sending that has an answer.
#[derive(Clone, Copy)]
struct Answered<'a> {
    request: &'a Recorded,
    number: usize,
    attempt: &'a Attempt,
    answer: &'a Answer,
}

impl<'a> Answered<'a> {
    /// Returns every sending of a request that has an answer.
    fn all(request: &'a Recorded) -> impl Iterator<Item = Self> {
        let sent = request.attempts.iter().enumerate();
        sent.filter_map(move |(number, attempt)| {
            Some(Self { request, number, attempt, answer: attempt.answer.as_ref()? })
        })
    }

    /// Returns a violation that names this answer.
    fn violation(&self, what: impl fmt::Display) -> Violation {
        let Self { request, attempt, answer, .. } = self;
        let Recorded { call, if_match, .. } = request;
        let (status, body) = (answer.status, &answer.body);
        Violation(format!("request {}: {what}: {status} {body} to {call:?}, if_match {if_match:?}", attempt.request_id))
    }
}
