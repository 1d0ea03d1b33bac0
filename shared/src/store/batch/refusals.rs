use crate::store::StoreError;
use crate::store::change::MAX_UNEXPLAINED_REFUSALS;
use crate::store::table::{Backoff, Table, TransactOp};

/// Refusals since the last transaction that was carried out.
pub(super) struct Refusals {
    backoff: Backoff,
    /// Maximum number of writing operations in the next transactions.
    pub(super) limit: usize,
    /// The last transaction that was refused, and how often in a row.
    last: Vec<TransactOp>,
    count: u32,
}

impl Refusals {
    pub(super) fn new(table: &Table) -> Self {
        Self { backoff: table.backoff(), limit: usize::MAX, last: Vec::new(), count: 0 }
    }

    /// Counts the refusal of a transaction of this many operations, halves the next ones, and waits. Returns an error
    /// for its operation if the same transaction was refused too often, though all items were read again.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] at the deadline.
    pub(super) async fn add(&mut self, writers: usize, ops: Vec<TransactOp>) -> Result<Option<StoreError>, StoreError> {
        self.limit = (writers / 2).max(1);
        self.count = if self.last == ops { self.count + 1 } else { 1 };
        self.last = ops;
        if self.count == MAX_UNEXPLAINED_REFUSALS {
            return Ok(self.last.first().map(|op| StoreError::unexplained(&op.key())));
        }
        self.wait().await.map(|()| None)
    }

    /// Waits before another attempt.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] at the deadline.
    pub(super) async fn wait(&mut self) -> Result<(), StoreError> {
        if self.backoff.wait().await {
            return Ok(());
        }
        Err(StoreError::Unavailable("the items of a batch kept changing until the deadline".to_owned()))
    }
}
