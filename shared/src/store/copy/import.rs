//! Writes the items of an export to a table that is empty, or that an interrupted import has left.

use super::contents::{Contents, Found};
use super::source::{Lines, Scan, Source};
use super::stored_item::StoredItem;
use super::transfer::Put;
use super::{Comparison, CopyStep};
use crate::store::rows::Key;
use crate::store::{Database, StoreError};

/// Result of comparing a table with an export before the import.
#[derive(Debug)]
pub struct Target {
    /// Keys of the items that are not those of the export, in their order.
    pub others: Vec<String>,
    /// Consumed read capacity units.
    pub read_units: f64,
}

/// Result of an import.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Imported {
    /// Number of items that were written.
    pub written: u64,
    /// Consumed write capacity units.
    pub write_units: f64,
}

impl Database {
    /// Compares this table with the items of an export, and removes those from `export` that are here already. Writes
    /// nothing. The layout item may differ: this version of parc writes one into every table that it opens.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub async fn check_import(
        &self,
        export: &mut Contents,
        mut report: impl FnMut(CopyStep, u64),
    ) -> Result<Target, StoreError> {
        let (mut read, mut others) = (0, Vec::new());
        let mut scan = Scan::of(self);
        while let Some(items) = scan.next().await? {
            for item in &items {
                match export.find(item) {
                    Found::Equal => export.forget(item),
                    Found::Different | Found::Missing if item.key() == Key::layout() => {}
                    Found::Different | Found::Missing => others.push(item.key().to_string()),
                }
            }
            read += items.len() as u64;
            report(CopyStep::ReadTarget, read);
        }
        others.sort_unstable();
        Ok(Target { others, read_units: scan.units })
    }

    /// Writes the items whose keys and digests are in `missing`. Reports the number of items that were read.
    ///
    /// # Errors
    /// Returns the errors of `items`, and [`StoreError::Unavailable`].
    pub async fn import<E: From<StoreError>>(
        &self,
        items: impl Iterator<Item = Result<StoredItem, E>>,
        mut missing: Contents,
        mut report: impl FnMut(CopyStep, u64),
    ) -> Result<Imported, E> {
        let is_missing = |item: &_| missing.take(item) == Found::Equal;
        let report = |items| report(CopyStep::Copy, items);
        let Put { written, write_units, read: _ } = self.put_from(&mut Lines(items), is_missing, report).await?;
        Ok(Imported { written, write_units })
    }

    /// Compares every item of an export with this table. An item that expired and is missing here is not a difference.
    ///
    /// # Errors
    /// Returns the errors of `items`, and [`StoreError::Unavailable`].
    pub async fn compare_with<E: From<StoreError>>(
        &self,
        items: impl Iterator<Item = Result<StoredItem, E>>,
        report: impl FnMut(CopyStep, u64),
    ) -> Result<Comparison, E> {
        self.compare_from(&mut Lines(items), report).await
    }
}
