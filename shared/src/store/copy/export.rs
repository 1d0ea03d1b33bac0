//! Reads a whole table, and finds what changed meanwhile: a scan is not a snapshot.

use super::contents::{Compared, Contents};
use super::source::{Scan, Source};
use super::stored_item::StoredItem;
use crate::store::{Database, StoreError};

/// A scan of a whole table that remembers what it read.
#[derive(Debug)]
pub struct Export<'a> {
    database: &'a Database,
    scan: Scan<'a>,
    contents: Contents,
    changes: Vec<String>,
}

/// Result of reading a table a second time.
#[derive(Debug)]
pub struct Reread {
    /// Description of each change since the first time, in the order of the keys.
    pub changes: Vec<String>,
    /// Consumed read capacity units, those of the first time included.
    pub read_units: f64,
}

impl Database {
    /// Prepares to read the whole table.
    #[must_use]
    pub fn export(&self) -> Export<'_> {
        let contents = Contents::default();
        Export { database: self, scan: Scan::of(self), contents, changes: Vec::new() }
    }
}

impl Export<'_> {
    /// Reads the next page, up to 1 MB, strongly consistently; `None` after the last one.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub async fn next_page(&mut self) -> Result<Option<Vec<StoredItem>>, StoreError> {
        let Some(items) = self.scan.next().await? else { return Ok(None) };
        for item in &items {
            if !self.contents.insert(item) {
                self.changes.push(format!("item {}: was returned twice", item.key()));
            }
        }
        Ok(Some(items.into_iter().map(StoredItem).collect()))
    }

    /// Reads the table again and compares it with what was read before. Reports the number of items after each page.
    /// An item that expired and is missing is not a change: DynamoDB deletes it.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub async fn read_again(self, report: impl FnMut(u64)) -> Result<Reread, StoreError> {
        let Self { database, scan, mut contents, mut changes } = self;
        let mut again = Scan::of(database);
        let now = || database.now();
        let Compared { different, missing, others: _ } = contents.compare(&mut again, now, report).await?;
        changes.extend(different.iter().map(|key| format!("item {key}: was changed")));
        changes.extend(missing.iter().map(|key| format!("item {key}: was added")));
        changes.extend(contents.into_unexpired_keys(now()).map(|key| format!("item {key}: was deleted")));
        changes.sort_unstable();
        Ok(Reread { changes, read_units: scan.units + again.units })
    }
}
