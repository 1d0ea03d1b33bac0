//! Makes the items of one table equal to those of another one. A restore to a point in time creates a new table; this
//! copies its items back to the stack's.
//!
//! It keeps the keys of the target and a digest of each item in memory, about 270 MB per million items. It writes
//! only what differs, so a run that was interrupted can be repeated, and skips what is already equal.

mod contents;
mod maintenance;

use std::iter;

use futures_util::stream::{self, StreamExt};
use thiserror::Error;

use super::rows::{EXPIRES_AT, Item, Key};
use super::table::{BatchOp, MAX_BATCH_WRITE, ResourcePolicy};
use super::{Database, StoreError, TableError};
pub(super) use contents::Scan;
use contents::{Contents, Found};
use maintenance::denies_writes;

/// Number of batches that are written at the same time.
const CONCURRENCY: usize = 8;

/// Why a copy is refused, or failed.
#[derive(Debug, Error)]
pub enum CopyError {
    /// The source has no items: everything in the target would be deleted.
    #[error("table {from} has no items, and a copy would delete every item of table {to}; check --from")]
    NothingToCopy {
        /// Name of the source.
        from: String,
        /// Name of the target.
        to: String,
    },
    /// The functions may write to the target.
    #[error(
        "table {0} accepts writes from the functions: its policy does not deny them. Set Maintenance=true \
         on its stack (deploy/set), wait a minute, and run this command again"
    )]
    TakesWrites(String),
    /// The endpoint does not know policies of tables.
    #[error(
        "cannot check that nothing writes to table {0}: this endpoint has no resource-based policies. Stop everything that \
         writes to it, and pass --target-is-idle"
    )]
    Unchecked(String),
    /// One of the tables cannot be used.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A call failed. What was written stays, and the copy can be repeated.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A step of a copy, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyStep {
    /// Reads the target before the copy.
    ReadTarget,
    /// Reads the source and writes what differs.
    Copy,
    /// Deletes what the source lacks.
    Delete,
    /// Reads the target after the copy.
    ReadCopy,
    /// Reads the source again and compares.
    Compare,
}

/// Result of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Copied {
    /// Number of items of the source.
    pub source: u64,
    /// Number of items of the target before the copy.
    pub target_before: u64,
    /// Number of items that were equal already.
    pub unchanged: u64,
    /// Number of items that were written.
    pub written: u64,
    /// Number of items that were deleted.
    pub deleted: u64,
    /// Consumed read capacity units.
    pub read_units: f64,
    /// Consumed write capacity units.
    pub write_units: f64,
}

/// Result of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Number of items of the target.
    pub target: u64,
    /// Description of each difference, with the key of the item only.
    pub differences: Vec<String>,
    /// Consumed read capacity units.
    pub read_units: f64,
}

impl Database {
    /// Checks that this table is not empty and that the policy of `target` denies writes. Writes nothing.
    ///
    /// If `target_is_idle`, the policy is not checked: the operator guarantees that nothing writes.
    ///
    /// # Errors
    /// Returns [`CopyError::NothingToCopy`] if this table is empty, [`CopyError::TakesWrites`] if the policy does not deny
    /// writes, [`CopyError::Unchecked`] if the endpoint has no such policies.
    pub async fn check_copy(&self, target: &Self, target_is_idle: bool) -> Result<(), CopyError> {
        let first = self.for_command().table.scan_consistently(None).await?;
        if first.items.iter().all(|item| item.key() == Key::layout()) {
            return Err(CopyError::NothingToCopy { from: self.connection.name(), to: target.connection.name() });
        }
        if target_is_idle {
            return Ok(());
        }
        let name = target.connection.name();
        match target.connection.resource_policy().await? {
            ResourcePolicy::Text(policy) if denies_writes(&policy) => Ok(()),
            ResourcePolicy::Text(_) | ResourcePolicy::Absent => Err(CopyError::TakesWrites(name)),
            ResourcePolicy::Unsupported => Err(CopyError::Unchecked(name)),
        }
    }

    /// Writes every item of this table that `target` lacks or has differently, and deletes what this table lacks.
    /// Reports the number of items after each page of a scan.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub async fn copy_to(&self, target: &Self, mut report: impl FnMut(CopyStep, u64)) -> Result<Copied, StoreError> {
        let mut existing = Contents::read(target, |items| report(CopyStep::ReadTarget, items)).await?;
        let mut copied = Copied { target_before: existing.items, ..Copied::default() };
        let mut scan = Scan::of(self);
        while let Some(items) = scan.next().await? {
            let puts: Vec<_> = items.into_iter().filter(|item| existing.take(item) != Found::Equal).collect();
            copied.written += puts.len() as u64;
            copied.write_units += target.write(puts.into_iter().map(BatchOp::Put)).await?;
            report(CopyStep::Copy, scan.items);
        }
        copied.source = scan.items;
        copied.unchanged = copied.source - copied.written;
        copied.read_units = existing.units + scan.units;

        copied.deleted = existing.len();
        copied.write_units += target.write(existing.into_keys().map(BatchOp::Delete)).await?;
        report(CopyStep::Delete, copied.deleted);
        Ok(copied)
    }

    /// Compares every item of this table with `target`. An item that expired and is missing from the target is
    /// not a difference: DynamoDB deletes it there.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub async fn compare_to(
        &self,
        target: &Self,
        mut report: impl FnMut(CopyStep, u64),
    ) -> Result<Comparison, StoreError> {
        let mut copies = Contents::read(target, |items| report(CopyStep::ReadCopy, items)).await?;
        let mut differences = Vec::new();
        let mut scan = Scan::of(self);
        while let Some(items) = scan.next().await? {
            let now = self.for_command().table.request().now.timestamp();
            for item in items {
                let problem = match copies.take(&item) {
                    Found::Equal => continue,
                    Found::Missing if has_expired(&item, now) => continue,
                    Found::Missing => "is missing",
                    Found::Different => "differs",
                };
                differences.push(format!("item {}: {problem}", item.key()));
            }
            report(CopyStep::Compare, scan.items);
        }
        let (items, read_units) = (copies.items, copies.units + scan.units);
        differences.extend(copies.into_keys().map(|key| format!("item {key}: was added")));
        Ok(Comparison { target: items, differences, read_units })
    }

    /// Carries out writes of different items, in no order. Returns the consumed units.
    async fn write(&self, ops: impl Iterator<Item = BatchOp>) -> Result<f64, StoreError> {
        let mut ops = ops;
        let batches = iter::from_fn(|| Some(ops.by_ref().take(MAX_BATCH_WRITE).collect::<Vec<_>>()));
        let writes = batches.take_while(|batch| !batch.is_empty()).map(async |batch| {
            let table = self.for_command().table;
            table.batch_write(batch).await?;
            Ok::<_, StoreError>(table.usage().units())
        });
        let mut writes = stream::iter(writes).buffer_unordered(CONCURRENCY);
        let mut units = 0.0;
        while let Some(consumed) = writes.next().await {
            units += consumed?;
        }
        Ok(units)
    }
}

/// Returns `true` if DynamoDB may have deleted the item, as it does after the instant in `expires_at`.
fn has_expired(item: &Item, now: i64) -> bool {
    item.get(EXPIRES_AT).is_ok_and(|expires_at| expires_at <= now)
}
