//! What happened in one history: requests, answers and transactions, with their places in one order.

use std::fmt;

use chrono::DateTime;
use serde::Serialize;
use serde_json::Value;

use super::call::Call;
use super::if_match::IfMatch;
use super::{StepId, plain};

/// One sending of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct AttemptId {
    /// Number of the caller.
    pub caller: usize,
    /// Number of the caller's step.
    pub step: usize,
    /// Number of the sending, from 0.
    pub attempt: usize,
}

impl AttemptId {
    pub(super) fn step_id(self) -> StepId {
        let Self { caller, step, .. } = self;
        StepId { caller, step }
    }
}

/// A request, with every sending of it under one key.
#[derive(Debug, Clone, Serialize)]
pub struct Recorded {
    /// Number of the caller.
    pub caller: usize,
    /// Number of the caller's step.
    pub step: usize,
    /// What it asks for.
    pub call: Call,
    /// What the caller requires of the entity.
    pub if_match: Option<IfMatch>,
    /// `Idempotency-Key`, after the name of the caller.
    pub key: Option<String>,
    /// Its sendings.
    pub attempts: Vec<Attempt>,
}

impl Recorded {
    pub(super) fn step_id(&self) -> StepId {
        let Self { caller, step, .. } = *self;
        StepId { caller, step }
    }
}

/// One sending of a request.
#[derive(Debug, Clone, Serialize)]
pub struct Attempt {
    /// Identifier of the request.
    pub request_id: String,
    /// Place in the order of everything that happened.
    pub invoked: u64,
    /// Milliseconds from the start of the history.
    pub invoked_at: u64,
    /// `If-None-Match`.
    pub if_none_match: Option<String>,
    /// Time of day of the function.
    pub function_time: String,
    /// Time that the request has, in milliseconds.
    pub time_limit: u64,
    /// The worst fault of its calls, if there was one.
    pub worst_fault: Option<Severity>,
    /// When its last call was sent, in milliseconds from the start of the history.
    pub last_call_at: u64,
    /// Whether DynamoDB refused a transaction after a fault of which nobody knows what it wrote.
    pub refused_when_uncertain: bool,
    /// Its answer, if there is one.
    pub answer: Option<Answer>,
}

/// What a request must do about a fault of one of its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Send the call again, until the deadline: nothing was written.
    Retry,
    /// Send it again; if it is refused then, nobody knows whether it was written before.
    Uncertain,
    /// Give up: the error does not pass.
    GiveUp,
}

impl Attempt {
    /// Returns the end of its time, in milliseconds from the start of the history.
    pub(super) fn deadline(&self) -> u64 {
        self.invoked_at + self.time_limit
    }

    /// Returns `true` if DynamoDB acknowledged a transaction of this attempt before the deadline.
    pub(super) fn has_acknowledged(&self, commit: &Commit) -> bool {
        commit.acknowledged_at.is_some_and(|at| at < self.deadline())
    }

    /// Returns the time of day of the function, in seconds since 1970.
    pub(super) fn seconds(&self) -> i64 {
        DateTime::parse_from_rfc3339(&self.function_time).map_or(0, |time| time.timestamp())
    }

    /// Returns `true` if one of its calls had a fault.
    #[must_use]
    pub fn is_faulty(&self) -> bool {
        self.worst_fault.is_some()
    }
}

/// Answer of a function.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    /// Place in the order of everything that happened.
    pub at: u64,
    /// Milliseconds from the start of the history.
    pub answered_at: u64,
    /// HTTP status. For 304, status and body are those of the answer that the caller has.
    pub status: u16,
    /// Whether the status was 304.
    pub is_not_modified: bool,
    /// `X-Request-Id`.
    pub request_id: Option<String>,
    /// `Retry-After`.
    pub retry_after: Option<String>,
    /// Entity tag.
    pub etag: Option<String>,
    /// Version in the entity tag.
    pub version: Option<u64>,
    /// Whether it repeats a kept answer.
    pub is_replay: bool,
    /// Address of the next page.
    pub next: Option<String>,
    /// Its JSON.
    pub body: Value,
}

impl Answer {
    /// Returns the results of a batch; none if the answer is an error.
    pub(super) fn results(&self) -> &[Value] {
        self.body["resultats"].as_array().map_or(&[], Vec::as_slice)
    }
}

/// A transaction that wrote.
#[derive(Debug, Clone, Serialize)]
pub struct Commit {
    /// Place in the order of everything that happened.
    pub at: u64,
    /// Milliseconds from the start of the history.
    pub committed_at: u64,
    /// When its sender got its success first, in milliseconds from the start; `None` if it never did.
    pub acknowledged_at: Option<u64>,
    /// The request that sent it.
    pub by: AttemptId,
    /// New versions of entities, in the order of the transaction.
    pub entries: Vec<Entry>,
    /// The answer that it keeps.
    pub kept: Option<KeptAnswer>,
}

/// A kept answer, or the record of a part of a batch.
#[derive(Debug, Clone, Serialize)]
pub struct KeptAnswer {
    /// When it expires, in seconds since 1970.
    pub until: i64,
    /// The entity that was answered; for a batch the operations that were carried out: their index `i`, the identifier
    /// `id` of the entity, and its version `v` afterwards.
    pub body: Value,
}

/// A new version of an entity, as its history has it.
#[derive(Clone, Serialize)]
pub struct Entry {
    /// Partition key.
    pub partition: String,
    /// The version.
    pub version: u64,
    /// The history entry, as DynamoDB's JSON.
    pub item: Value,
    /// Client of a site that is registered: its history does not have it.
    pub client: Option<String>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, version, item, client: _ } = self;
        write!(f, "{partition} version {version}: {}", plain(&item["fields"]))
    }
}

/// Returns the index of the operation that a result of a batch is of.
pub(super) fn index_of(result: &Value) -> Option<usize> {
    usize::try_from(result["index"].as_u64()?).ok()
}
