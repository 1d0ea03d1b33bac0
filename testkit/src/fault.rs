//! Faults that a proxy injects.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use tokio::sync::Notify;

/// A fault, and the calls that it applies to.
#[derive(Debug)]
pub struct Fault {
    operation: &'static str,
    when: When,
    pub(crate) effect: Effect,
}

/// A status and a body that a proxy answers instead of the engine's.
type Error = (u16, &'static str);

/// What a proxy does with a call.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Effect {
    /// Answers with an error instead of forwarding the call.
    Answer(u16, &'static str),
    /// Forwards the call, and answers with an error.
    AnswerAfter(u16, &'static str),
    /// Answers with an error, and forwards the call after this time.
    AnswerBefore(Error, Duration),
    /// Closes the connection without forwarding the call.
    DropCall,
    /// Forwards the call, and closes the connection without an answer.
    DropAnswer,
    /// Forwards the call, and closes the connection in the middle of the answer.
    Truncate,
    /// Forwards the call, and replaces one text of the answer by another.
    Corrupt(&'static str, &'static str),
    /// Forwards half of a batch, and answers that the rest is unprocessed.
    LeaveHalf,
    /// Closes the connection, and keeps the call for [`crate::Proxy::release`].
    Hold,
    /// Closes the connection, and forwards the call after this time.
    Delay(Duration),
    /// Forwards the call, and answers after this time.
    DelayAnswer(Duration),
    /// Neither forwards the call nor answers.
    KeepSilent,
}

impl Effect {
    /// Returns `true` if the engine answers the call before the store gets an answer or an error.
    pub(crate) fn reaches_engine(self) -> bool {
        match self {
            Self::AnswerAfter(..)
            | Self::DropAnswer
            | Self::Truncate
            | Self::Corrupt(..)
            | Self::LeaveHalf
            | Self::DelayAnswer(_) => true,
            Self::Answer(..)
            | Self::AnswerBefore(..)
            | Self::DropCall
            | Self::Hold
            | Self::Delay(_)
            | Self::KeepSilent => false,
        }
    }
}

#[derive(Debug)]
enum When {
    Next(AtomicI64),
    After(AtomicI64),
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
    /// Waits until the fault applies to a call.
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
    pub const CONFLICT: Error = (
        400,
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"Transaction cancelled",
            "CancellationReasons":[{"Code":"None"},{"Code":"TransactionConflict"}]}"#,
    );

    /// The condition of a transaction's second write does not hold.
    pub const SECOND_REFUSED: Error = (
        400,
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"Transaction cancelled",
            "CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed"}]}"#,
    );

    /// A transaction is throttled.
    pub const TRANSACTION_THROTTLED: Error = (
        400,
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"Transaction cancelled",
            "CancellationReasons":[{"Code":"ThrottlingError"},{"Code":"None"}]}"#,
    );

    /// A transaction needs more than the table's provisioned capacity.
    pub const TRANSACTION_OVER_CAPACITY: Error = (
        400,
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"Transaction cancelled",
            "CancellationReasons":[{"Code":"None"},{"Code":"ProvisionedThroughputExceeded"}]}"#,
    );

    /// A transaction with the same token is still running.
    pub const IN_PROGRESS: Error =
        (400, r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionInProgressException","Message":"ongoing"}"#);

    /// A call needs more than the table's provisioned capacity.
    pub const THROTTLED: Error = (
        400,
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow down"}"#,
    );

    /// A call is throttled, though not because of the table's capacity.
    pub const THROTTLING: Error =
        (400, r#"{"__type":"com.amazon.coral.availability#ThrottlingException","message":"Rate exceeded"}"#);

    /// A call exceeds the account's limit.
    pub const REQUEST_LIMIT: Error =
        (400, r#"{"__type":"com.amazonaws.dynamodb.v20120810#RequestLimitExceeded","message":"slow down"}"#);

    /// The table does not exist. Not transient: a request fails at once.
    pub const NO_TABLE: Error = (400, r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}"#);

    /// DynamoDB fails.
    pub const SERVER_ERROR: Error =
        (500, r#"{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"oh"}"#);

    /// A load balancer answers instead of DynamoDB.
    pub const HTML_PAGE: Error = (503, "<html><body>Service Unavailable</body></html>");

    /// A success without a body.
    pub const EMPTY_SUCCESS: Error = (200, "");

    fn new(operation: &'static str, when: When) -> Self {
        Self { operation, when, effect: Effect::DropCall }
    }

    /// Applies to the next `times` calls of an operation.
    #[must_use]
    pub fn next(operation: &'static str, times: i64) -> Self {
        Self::new(operation, When::Next(AtomicI64::new(times)))
    }

    /// Applies to every call of an operation except the first `passed` ones.
    #[must_use]
    pub fn after(passed: i64, operation: &'static str) -> Self {
        Self::new(operation, When::After(AtomicI64::new(passed)))
    }

    /// Applies to every call of an operation.
    #[must_use]
    pub fn always(operation: &'static str) -> Self {
        Self::every(1, operation)
    }

    /// Applies to every `n`th call of an operation.
    #[must_use]
    pub fn every(n: i64, operation: &'static str) -> Self {
        Self::new(operation, When::Every(n, AtomicI64::new(0)))
    }

    /// Applies to each call of an operation with this probability, from 0 to 1. The same seed selects the
    /// same calls, if they arrive in the same order.
    #[must_use]
    pub fn sometimes(probability: f64, seed: u64, operation: &'static str) -> Self {
        Self::new(operation, When::Sometimes(probability, Mutex::new(Rng::with_seed(seed))))
    }

    /// Applies to the calls of an operation until the gate opens.
    #[must_use]
    pub fn until(gate: &Arc<Gate>, operation: &'static str) -> Self {
        Self::new(operation, When::Until(Arc::clone(gate)))
    }

    /// Answers with an error instead of forwarding the call.
    #[must_use]
    pub fn answers(self, (status, body): Error) -> Self {
        Self { effect: Effect::Answer(status, body), ..self }
    }

    /// Forwards the call, and answers with an error after the engine has carried it out.
    #[must_use]
    pub fn answers_after(self, (status, body): Error) -> Self {
        Self { effect: Effect::AnswerAfter(status, body), ..self }
    }

    /// Answers with an error, and forwards the call after this time, as [`Self::delays_the_call`] does.
    #[must_use]
    pub fn answers_before(self, error: Error, delay: Duration) -> Self {
        Self { effect: Effect::AnswerBefore(error, delay), ..self }
    }

    /// Closes the connection without forwarding the call.
    #[must_use]
    pub fn drops_the_call(self) -> Self {
        Self { effect: Effect::DropCall, ..self }
    }

    /// Forwards the call, and closes the connection without an answer.
    #[must_use]
    pub fn drops_the_answer(self) -> Self {
        Self { effect: Effect::DropAnswer, ..self }
    }

    /// Forwards the call, and closes the connection in the middle of the answer.
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

    /// Forwards half of a `BatchGetItem` or `BatchWriteItem`, rounded up, and answers that the rest is unprocessed.
    #[must_use]
    pub fn leaves_half_unprocessed(self) -> Self {
        Self { effect: Effect::LeaveHalf, ..self }
    }

    /// Closes the connection, and keeps the call until [`crate::Proxy::release`]: it reaches the engine
    /// after everything that is written until then.
    #[must_use]
    pub fn holds_the_call(self) -> Self {
        Self { effect: Effect::Hold, ..self }
    }

    /// Closes the connection, and forwards the call after this time, whatever is written until then.
    /// [`crate::Proxy::wait_for_delayed_calls`] waits for it.
    #[must_use]
    pub fn delays_the_call(self, delay: Duration) -> Self {
        Self { effect: Effect::Delay(delay), ..self }
    }

    /// Forwards the call, and answers after this time.
    #[must_use]
    pub fn delays_the_answer(self, delay: Duration) -> Self {
        Self { effect: Effect::DelayAnswer(delay), ..self }
    }

    /// Neither forwards the call nor answers.
    #[must_use]
    pub fn keeps_silent(self) -> Self {
        Self { effect: Effect::KeepSilent, ..self }
    }

    pub(crate) fn applies_to(&self, operation: &str) -> bool {
        operation == self.operation
            && match &self.when {
                When::Next(left) => left.fetch_sub(1, Ordering::SeqCst) > 0,
                When::After(passed) => passed.fetch_sub(1, Ordering::SeqCst) <= 0,
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
