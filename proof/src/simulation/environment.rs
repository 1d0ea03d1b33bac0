//! The table of one history: it carries calls out, and records what they wrote.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::time::Instant;

use super::engine::{Engine, Reply, TRANSACTION};
use super::faults::Faults;
use super::instance::EPOCH;
use super::partial::Partial;
use super::recording::{AttemptId, Commit, Entry, KeptAnswer};
use super::replica::{Replica, is_eventual};

/// A call on its way.
#[derive(Debug, Clone)]
pub(super) struct TableCall {
    pub(super) by: AttemptId,
    pub(super) operation: String,
    pub(super) body: String,
}

/// The engine of one history, and everything that was written to it.
pub(super) struct Environment {
    pub(super) engine: Engine,
    pub(super) faults: Faults,
    replica: Option<Replica>,
    partial: Partial,
    started: Instant,
    events: AtomicU64,
    written: Mutex<Written>,
}

#[derive(Default)]
struct Written {
    commits: Vec<Commit>,
    /// Indexes of the transactions by their tokens.
    by_token: HashMap<String, usize>,
}

impl Environment {
    /// Starts a history now.
    pub(super) fn new(engine: Engine, replica: Option<Replica>, partial: Partial, faults: Faults) -> Self {
        let (started, events) = (Instant::now(), AtomicU64::new(0));
        Self { engine, faults, replica, partial, started, events, written: Mutex::default() }
    }

    /// Returns the next place in the order of everything that happens.
    pub(super) fn tick(&self) -> u64 {
        self.events.fetch_add(1, Ordering::Relaxed)
    }

    /// Returns the time since the start, in milliseconds.
    pub(super) fn millis(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Returns the transactions so far.
    pub(super) fn commits(&self) -> Vec<Commit> {
        self.lock().commits.clone()
    }

    /// Lets the engine delete what has expired.
    pub(super) fn sweep(&self) {
        let now = EPOCH + self.started.elapsed();
        self.engine.sweep(now);
        if let Some(replica) = &self.replica {
            replica.sweep(now);
        }
    }

    /// Records that the success of a transaction reaches its sender now.
    pub(super) fn acknowledge(&self, commit: usize) {
        let now = self.millis();
        self.lock().commits[commit].acknowledged_at.get_or_insert(now);
    }

    fn lock(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the engine carry out a call, and records what it wrote. Returns the index of the transaction too, if it was
    /// carried out now or before.
    pub(super) fn carry_out(&self, call: &TableCall) -> (Reply, Option<usize>) {
        let TableCall { operation, body, .. } = call;
        if operation == TRANSACTION {
            let reply = self.engine.call(operation, body);
            let commit = (reply.status == 200).then(|| self.record(call));
            return (reply, commit);
        }
        (self.partial.read(operation, body, |body| self.read(operation, body)), None)
    }

    fn read(&self, operation: &str, body: &str) -> Reply {
        match self.replica.as_ref().filter(|_| is_eventual(operation, body)) {
            Some(replica) => replica.read(operation, body),
            None => self.engine.call(operation, body),
        }
    }

    fn record(&self, call: &TableCall) -> usize {
        let request: Value = serde_json::from_str(&call.body).expect("a request of the SDK");
        let mut written = self.lock();
        let index = written.commits.len();
        if let Some(token) = request["ClientRequestToken"].as_str() {
            let known = *written.by_token.entry(token.to_owned()).or_insert(index);
            // The engine answers a token that it knows, and writes nothing.
            if known < index {
                return known;
            }
        }
        let puts = request["TransactItems"].as_array().into_iter().flatten().map(|item| &item["Put"]["Item"]);
        let sort = |item: &Value| item["SK"]["S"].as_str().unwrap_or_default().to_owned();
        let entries = puts.clone().filter_map(|item| {
            let version = sort(item).strip_prefix("VERSION#")?.parse().ok()?;
            let partition = item["PK"]["S"].as_str()?.to_owned();
            let pointer = puts.clone().find(|other| other["PK"] == item["PK"] && other["SK"]["S"] == "CLIENT");
            let client = pointer.and_then(|pointer| pointer["client_id"]["S"].as_str()).map(str::to_owned);
            Some(Entry { partition, version, item: item.clone(), client })
        });
        let commit = Commit {
            at: self.tick(),
            committed_at: self.millis(),
            acknowledged_at: None,
            by: call.by,
            entries: entries.collect(),
            kept: puts.clone().find_map(kept),
        };
        written.commits.push(commit);
        if let Some(replica) = &self.replica {
            replica.follow(&call.body);
        }
        index
    }
}

/// Returns the answer that an item keeps.
fn kept(item: &Value) -> Option<KeptAnswer> {
    item["PK"]["S"].as_str()?.strip_prefix("RETRY#")?;
    let until = item["expires_at"]["N"].as_str()?.parse().ok()?;
    Some(KeptAnswer { until, body: serde_json::from_str(item["body"]["S"].as_str()?).ok()? })
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Environment")
    }
}
