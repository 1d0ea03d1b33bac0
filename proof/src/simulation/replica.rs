//! A copy of the table that follows it after some time, as indexes of DynamoDB do.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use super::engine::{Engine, Reply, TRANSACTION};

/// Answers reads that are eventually consistent.
pub(super) struct Replica {
    engine: Engine,
    lag: Duration,
    /// Transactions that it has not carried out yet, and when it does.
    due: Mutex<VecDeque<(Instant, String)>>,
}

impl Replica {
    pub(super) fn new(engine: Engine, lag: Duration) -> Self {
        Self { engine, lag, due: Mutex::default() }
    }

    /// Queues a transaction that the table has carried out.
    pub(super) fn follow(&self, transaction: &str) {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        due.push_back((Instant::now() + self.lag, transaction.to_owned()));
    }

    /// Deletes what has expired.
    pub(super) fn sweep(&self, now: DateTime<Utc>) {
        self.engine.sweep(now);
    }

    /// Carries out a read.
    pub(super) fn read(&self, operation: &str, body: &str) -> Reply {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((_, transaction)) = due.pop_front_if(|(at, _)| *at <= Instant::now()) {
            let reply = self.engine.call(TRANSACTION, &transaction);
            assert_eq!(reply.status, 200, "the copy carries out what the table did: {}", reply.body);
        }
        self.engine.call(operation, body)
    }
}

/// Returns `true` if a call may be answered with older items.
pub(super) fn is_eventual(operation: &str, body: &str) -> bool {
    ["GetItem", "Query", "BatchGetItem"].contains(&operation) && !body.contains(r#""ConsistentRead":true"#)
}
