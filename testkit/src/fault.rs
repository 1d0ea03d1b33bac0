use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use tokio::sync::Notify;

/// A fault that a proxy makes.
#[derive(Debug)]
pub struct Fault {
    operation: &'static str,
    when: When,
    pub(crate) effect: Effect,
}

/// What a proxy does with a call.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Effect {
    /// Answers with this error instead of the engine.
    Answer(u16, &'static str),
    /// Forwards the call, and answers with this error.
    AnswerAfter(u16, &'static str),
    /// Closes the connection; the call does not reach the engine.
    Cut,
    /// Forwards the call, and closes the connection without an answer.
    Lose,
    /// Forwards the call, and closes the connection in the middle of the answer.
    Truncate,
    /// Forwards the call, and answers with one text of the answer replaced by another.
    Corrupt(&'static str, &'static str),
    /// Forwards half of the keys of a `BatchGetItem`, and answers that the others are unprocessed.
    LeaveKeys,
    /// Closes the connection, and keeps the call for [`crate::Proxy::release`].
    Hold,
    /// Closes the connection, and forwards the call after this time.
    Late(Duration),
}

#[derive(Debug)]
enum When {
    Next(AtomicI64),
    Every(i64, AtomicI64),
    Sometimes(f64, Mutex<Rng>),
    Until(Arc<Gate>),
}

/// A switch that ends a fault.
#[derive(Debug, Default)]
pub struct Gate {
    reached: Notify,
    open: AtomicBool,
}

impl Gate {
    /// Waits until a call meets the fault.
    pub async fn reached(&self) {
        self.reached.notified().await;
    }

    /// Ends the fault.
    pub fn open(&self) {
        self.open.store(true, Ordering::SeqCst);
    }
}

impl Fault {
    /// Another transaction writes the same item.
    pub const CONFLICT: (u16, &'static str) = (
        400,
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"Transaction cancelled",
            "CancellationReasons":[{"Code":"None"},{"Code":"TransactionConflict"}]}"#,
    );

    /// The condition of a transaction's second write does not hold.
    pub const SECOND_REFUSED: (u16, &'static str) = (
        400,
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"Transaction cancelled",
            "CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed"}]}"#,
    );

    /// A transaction is throttled.
    pub const TRANSACTION_THROTTLED: (u16, &'static str) = (
        400,
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"Transaction cancelled",
            "CancellationReasons":[{"Code":"ThrottlingError"},{"Code":"None"}]}"#,
    );

    /// A transaction needs more than the table's provisioned capacity.
    pub const TRANSACTION_OVER_CAPACITY: (u16, &'static str) = (
        400,
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"Transaction cancelled",
            "CancellationReasons":[{"Code":"None"},{"Code":"ProvisionedThroughputExceeded"}]}"#,
    );

    /// A transaction with the same token is still running.
    pub const IN_PROGRESS: (u16, &'static str) =
        (400, r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionInProgressException","Message":"ongoing"}"#);

    /// A call needs more than the table's provisioned capacity.
    pub const THROTTLED: (u16, &'static str) = (
        400,
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow down"}"#,
    );

    /// A call is throttled for another reason than the table's capacity.
    pub const THROTTLING: (u16, &'static str) =
        (400, r#"{"__type":"com.amazon.coral.availability#ThrottlingException","message":"Rate exceeded"}"#);

    /// A call needs more than the account's limit.
    pub const REQUEST_LIMIT: (u16, &'static str) =
        (400, r#"{"__type":"com.amazonaws.dynamodb.v20120810#RequestLimitExceeded","message":"slow down"}"#);

    /// The table does not exist.
    pub const NO_TABLE: (u16, &'static str) =
        (400, r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}"#);

    /// DynamoDB has a fault.
    pub const BROKEN: (u16, &'static str) =
        (500, r#"{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"oh"}"#);

    /// A load balancer answers for DynamoDB.
    pub const HTML: (u16, &'static str) = (503, "<html><body>Service Unavailable</body></html>");

    /// A success without a body.
    pub const EMPTY: (u16, &'static str) = (200, "");

    fn new(operation: &'static str, when: When) -> Self {
        Self { operation, when, effect: Effect::Cut }
    }

    /// Strikes the next `times` calls of an operation.
    #[must_use]
    pub fn next(operation: &'static str, times: i64) -> Self {
        Self::new(operation, When::Next(AtomicI64::new(times)))
    }

    /// Strikes every `n`th call of an operation.
    #[must_use]
    pub fn every(n: i64, operation: &'static str) -> Self {
        Self::new(operation, When::Every(n, AtomicI64::new(0)))
    }

    /// Strikes each call of an operation with this probability, from 0 to 1. The same seed strikes the
    /// same calls, if they come in the same order.
    #[must_use]
    pub fn sometimes(probability: f64, seed: u64, operation: &'static str) -> Self {
        Self::new(operation, When::Sometimes(probability, Mutex::new(Rng::with_seed(seed))))
    }

    /// Strikes the calls of an operation until the gate opens.
    #[must_use]
    pub fn until(gate: &Arc<Gate>, operation: &'static str) -> Self {
        Self::new(operation, When::Until(Arc::clone(gate)))
    }

    /// Answers with an error instead of the engine.
    #[must_use]
    pub fn answers(self, (status, body): (u16, &'static str)) -> Self {
        Self { effect: Effect::Answer(status, body), ..self }
    }

    /// Answers with an error after the engine did what was asked.
    #[must_use]
    pub fn answers_after(self, (status, body): (u16, &'static str)) -> Self {
        Self { effect: Effect::AnswerAfter(status, body), ..self }
    }

    /// Closes the connection before the call reaches the engine.
    #[must_use]
    pub fn cuts(self) -> Self {
        Self { effect: Effect::Cut, ..self }
    }

    /// Closes the connection after the engine did what was asked.
    #[must_use]
    pub fn loses_the_answer(self) -> Self {
        Self { effect: Effect::Lose, ..self }
    }

    /// Closes the connection in the middle of the answer.
    #[must_use]
    pub fn truncates_the_answer(self) -> Self {
        Self { effect: Effect::Truncate, ..self }
    }

    /// Replaces the first `from` in the engine's answer by `to`. The header `x-amz-crc32` stays that of
    /// the engine's answer.
    #[must_use]
    pub fn corrupts_the_answer(self, from: &'static str, to: &'static str) -> Self {
        Self { effect: Effect::Corrupt(from, to), ..self }
    }

    /// Forwards half of the keys of a `BatchGetItem`, rounded up, and answers that the others are
    /// unprocessed.
    #[must_use]
    pub fn leaves_keys_unprocessed(self) -> Self {
        Self { effect: Effect::LeaveKeys, ..self }
    }

    /// Closes the connection, and keeps the call for [`crate::Proxy::release`]: it reaches the engine
    /// late, after whatever is written until then.
    #[must_use]
    pub fn holds(self) -> Self {
        Self { effect: Effect::Hold, ..self }
    }

    /// Closes the connection, and forwards the call after this time, whatever is written until then.
    /// [`crate::Proxy::wait_for_late_calls`] waits for it.
    #[must_use]
    pub fn arrives_late(self, delay: Duration) -> Self {
        Self { effect: Effect::Late(delay), ..self }
    }

    pub(crate) fn strikes(&self, operation: &str) -> bool {
        operation == self.operation
            && match &self.when {
                When::Next(left) => left.fetch_sub(1, Ordering::SeqCst) > 0,
                When::Every(n, count) => (count.fetch_add(1, Ordering::SeqCst) + 1) % n == 0,
                When::Sometimes(probability, rng) => {
                    rng.lock().unwrap_or_else(PoisonError::into_inner).f64() < *probability
                }
                When::Until(gate) => {
                    gate.reached.notify_one();
                    !gate.open.load(Ordering::SeqCst)
                }
            }
    }
}
