//! What copies and imports have in common: writing the items of a source, and comparing them.

use std::iter;

use futures_util::stream::{self, StreamExt};

use super::contents::{Compared, Contents};
use super::source::Source;
use super::{CONCURRENCY, Comparison, CopyStep};
use crate::store::rows::Item;
use crate::store::table::{BatchOp, MAX_BATCH_WRITE};
use crate::store::{Database, StoreError};

/// Result of writing items.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Put {
    /// Number of items of the source.
    pub(super) read: u64,
    pub(super) written: u64,
    pub(super) write_units: f64,
}

impl Database {
    /// Writes the items of a source that are wanted. Reports the number of items that were read.
    ///
    /// # Errors
    /// Returns the errors of the source, and [`StoreError::Unavailable`].
    pub(super) async fn put_from<S: Source>(
        &self,
        source: &mut S,
        mut is_wanted: impl FnMut(&Item) -> bool,
        mut report: impl FnMut(u64),
    ) -> Result<Put, S::Error> {
        let mut put = Put::default();
        while let Some(items) = source.next().await? {
            put.read += items.len() as u64;
            let wanted: Vec<_> = items.into_iter().filter(&mut is_wanted).collect();
            put.written += wanted.len() as u64;
            put.write_units += self.write(wanted.into_iter().map(BatchOp::Put)).await?;
            report(put.read);
        }
        Ok(put)
    }

    /// Compares this table with the items of a source. The units are those of reading this table.
    ///
    /// # Errors
    /// Returns the errors of the source, and [`StoreError::Unavailable`].
    pub(super) async fn compare_from<S: Source>(
        &self,
        source: &mut S,
        mut report: impl FnMut(CopyStep, u64),
    ) -> Result<Comparison, S::Error> {
        let (mut contents, read_units) = Contents::read(self, |items| report(CopyStep::ReadCopy, items)).await?;
        let target = contents.len();
        let report = |items| report(CopyStep::Compare, items);
        let Compared { different, missing, others: _ } = contents.compare(source, || self.now(), report).await?;
        let mut differences: Vec<_> = different.iter().map(|key| format!("item {key}: differs")).collect();
        differences.extend(missing.iter().map(|key| format!("item {key}: is missing")));
        differences.extend(contents.into_keys().map(|key| format!("item {key}: was added")));
        differences.sort_unstable();
        Ok(Comparison { target, differences, read_units })
    }

    /// Carries out writes of different items, in no order. Returns the consumed units.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub(super) async fn write(&self, ops: impl Iterator<Item = BatchOp>) -> Result<f64, StoreError> {
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

    /// Returns the time of day, in seconds since 1970.
    pub(super) fn now(&self) -> i64 {
        self.for_command().table.request().now.timestamp()
    }
}
