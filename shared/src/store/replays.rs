//! Kept answers: a request that is repeated under its `Idempotency-Key` gets its first answer again.
//!
//! The answer is written in the transaction that it answers, on the condition that no answer is kept
//! under the key. It is looked up only if the decision or the transaction is refused, so that a first
//! attempt costs no further call.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::digest::Digest;
use super::error::StoreError;
use super::request::RetryKey;
use super::rows::{EXPIRES_AT, KeptAnswerRow, Key};
use super::table::{Condition, OnConditionFailed, Table, TransactOp};
use crate::models::Entity;

/// Time for which an answer is kept: 24 hours, and a minute because the clocks of functions differ.
const KEPT_FOR: TimeDelta = TimeDelta::minutes(24 * 60 + 1);

/// Returns when an answer that is kept now expires, in seconds since 1970.
pub(crate) fn expiry(now: DateTime<Utc>) -> i64 {
    (now + KEPT_FOR).timestamp()
}

/// Returns `true` if a kept answer counts as absent.
pub(crate) fn is_expired(row: &KeptAnswerRow, now: DateTime<Utc>) -> bool {
    row.expires_at <= now.timestamp()
}

/// Returns the write that keeps an answer, unless one is kept that has not expired.
pub(crate) fn keep(row: &KeptAnswerRow, now: DateTime<Utc>) -> TransactOp {
    // Must agree with [`is_expired`]: an expired answer is overwritten.
    let is_free = Condition::Absent.or(EXPIRES_AT.is_at_most(&now.timestamp()));
    TransactOp::put(row, is_free, OnConditionFailed::Answered)
}

/// Result of a write.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub enum Written<T> {
    /// The entity as this request left it.
    Fresh(T),
    /// The answer to an earlier request, which this one repeats.
    Replayed(KeptAnswer),
}

impl<T> Written<T> {
    /// Returns the entity that a request without a key wrote.
    ///
    /// # Errors
    /// Returns [`StoreError::Bug`] for a kept answer: only requests with a key have one.
    pub fn fresh(self) -> Result<T, StoreError> {
        match self {
            Self::Fresh(entity) => Ok(entity),
            Self::Replayed(_) => Err(StoreError::Bug("a kept answer without a key".to_owned())),
        }
    }
}

/// The entity in an answer that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// Version of the entity.
    pub version: u64,
    /// The entity as JSON text, byte for byte as it was answered.
    pub body: String,
}

/// Stored answer of a request with a key.
#[derive(Debug)]
pub(crate) struct Replay<'a> {
    table: &'a Table,
    key: &'a RetryKey,
    fingerprint: Digest,
}

impl<'a> Replay<'a> {
    /// Returns the replay of this request, or `None` if it has no key.
    ///
    /// `operation` and `input` identify the request, together with the version that the caller expects.
    pub(crate) fn of(table: &'a Table, operation: &str, input: &impl Serialize) -> Option<Self> {
        let request = table.request();
        let key = request.retry_key.as_ref()?;
        let fingerprint = Digest::of(&(operation, input, &request.expected));
        Some(Self { table, key, fingerprint })
    }

    /// Returns the write that keeps the answer.
    pub(crate) fn keep(&self, entity: &impl Entity) -> TransactOp {
        let now = self.table.request().now;
        let row = KeptAnswerRow {
            key: self.key.clone(),
            part: 0,
            fingerprint: self.fingerprint,
            version: entity.version(),
            body: entity.json(),
            expires_at: expiry(now),
        };
        keep(&row, now)
    }

    /// Returns the answer that was kept for this request.
    ///
    /// # Errors
    /// Returns [`StoreError::KeyReused`] if it was kept for another request.
    pub(crate) async fn find(&self) -> Result<Option<KeptAnswer>, StoreError> {
        let Some(row) = self.table.get::<KeptAnswerRow>(Key::kept_answer(self.key, 0)).await? else { return Ok(None) };
        if is_expired(&row, self.table.request().now) {
            Ok(None)
        } else if row.fingerprint == self.fingerprint {
            Ok(Some(KeptAnswer { version: row.version, body: row.body }))
        } else {
            Err(StoreError::KeyReused)
        }
    }
}
