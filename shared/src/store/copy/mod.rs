//! Makes the items of one table equal to those of another one. A restore to a point in time creates a new table; this
//! copies its items back to the stack's. Also reads the items of an export, and writes those of an import.
//!
//! Each of these keeps the keys of one table and a digest of each item in memory, about 280 MB per million items. They
//! write only what differs, so a run that was interrupted can be repeated, and skips what is already equal.

mod contents;
mod export;
mod import;
mod maintenance;
mod source;
mod stored_item;
mod transfer;

use thiserror::Error;

use super::rows::Key;
use super::table::{BatchOp, ResourcePolicy};
use super::{Database, StoreError, TableError};
pub use contents::Contents;
use contents::Found;
pub use export::{Export, Reread};
pub use import::{Imported, Target};
use maintenance::denies_writes;
pub(super) use source::{Scan, Source};
pub use stored_item::{CURRENT_LAYOUT, NotExportable, OtherLayout, Section, StoredItem};
use transfer::Put;

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

/// A step of a copy or of an import, in this order.
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
        let (mut existing, units) = Contents::read(target, |items| report(CopyStep::ReadTarget, items)).await?;
        let target_before = existing.len();
        let mut scan = Scan::of(self);
        let differs = |item: &_| existing.take(item) != Found::Equal;
        let Put { read, written, write_units } =
            target.put_from(&mut scan, differs, |items| report(CopyStep::Copy, items)).await?;

        let deleted = existing.len();
        let deletions = target.write(existing.into_keys().map(BatchOp::Delete)).await?;
        report(CopyStep::Delete, deleted);
        Ok(Copied {
            source: read,
            target_before,
            unchanged: read - written,
            written,
            deleted,
            read_units: units + scan.units,
            write_units: write_units + deletions,
        })
    }

    /// Compares every item of this table with `target`. An item that expired and is missing from the target is
    /// not a difference: DynamoDB deletes it there.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub async fn compare_to(&self, target: &Self, report: impl FnMut(CopyStep, u64)) -> Result<Comparison, StoreError> {
        let mut scan = Scan::of(self);
        let compared = target.compare_from(&mut scan, report).await?;
        Ok(Comparison { read_units: compared.read_units + scan.units, ..compared })
    }
}
