use super::group::Group;
use crate::store::StoreError;
use crate::store::change::Unexplained;
use crate::store::table::{Backoff, Table, TransactOp};

/// Refusals since the last transaction that was carried out.
pub(super) struct Refusals {
    backoff: Backoff,
    /// Maximum number of writing operations in the next transactions.
    pub(super) limit: usize,
    /// Writes of the groups.
    unexplained: Unexplained<Vec<TransactOp>>,
}

impl Refusals {
    pub(super) fn new(table: &Table) -> Self {
        Self { backoff: table.backoff(), limit: usize::MAX, unexplained: Unexplained::default() }
    }

    /// Counts the refusal of a group, halves the next ones, and waits. Returns an error for its operation if the same
    /// writes were refused too often, though all items were read again.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] at the deadline.
    pub(super) async fn add(&mut self, group: &Group) -> Result<Option<StoreError>, StoreError> {
        self.limit = (group.writers / 2).max(1);
        let ops: Vec<_> = group.members.iter().flat_map(|member| &member.writes.ops).cloned().collect();
        let first = ops.first().map(TransactOp::key);
        if self.unexplained.add(ops) {
            return Ok(first.map(|key| StoreError::unexplained(&key)));
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
