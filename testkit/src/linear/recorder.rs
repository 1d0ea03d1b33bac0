use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::{Operation, Outcome};

/// Records the history of concurrent callers.
#[derive(Debug)]
pub struct Recorder<C, R> {
    clock: AtomicU64,
    history: Mutex<Vec<Operation<C, R>>>,
}

impl<C, R> Default for Recorder<C, R> {
    fn default() -> Self {
        Self { clock: AtomicU64::new(0), history: Mutex::default() }
    }
}

impl<C, R> Recorder<C, R> {
    /// Sends a call, and records it with its reply; `None` is an unknown outcome.
    pub async fn record(&self, caller: usize, call: C, send: impl AsyncFnOnce(&C) -> Option<R>) {
        let invoked = self.now();
        let outcome = match send(&call).await {
            Some(reply) => Outcome::Answered { at: self.now(), reply },
            None => Outcome::Unknown,
        };
        let operation = Operation { caller, invoked, call, outcome };
        self.history.lock().unwrap_or_else(PoisonError::into_inner).push(operation);
    }

    /// Returns the operations in the order in which they ended.
    #[must_use]
    pub fn into_history(self) -> Vec<Operation<C, R>> {
        self.history.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::SeqCst)
    }
}
