//! The items of a whole table: their pages, and their digests by key.

use std::collections::HashMap;

use crate::store::digest::Digest;
use crate::store::rows::{Item, Key};
use crate::store::{Database, StoreError};

/// A strongly consistent scan of a whole table.
pub(in crate::store) struct Scan<'a> {
    database: &'a Database,
    position: Position,
    /// Number of items read so far.
    pub(super) items: u64,
    /// Units consumed so far.
    pub(super) units: f64,
}

enum Position {
    Start,
    After(Item),
    End,
}

impl<'a> Scan<'a> {
    pub(in crate::store) fn of(database: &'a Database) -> Self {
        Self { database, position: Position::Start, items: 0, units: 0.0 }
    }

    /// Reads the next page, up to 1 MB; `None` after the last one.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub(in crate::store) async fn next(&mut self) -> Result<Option<Vec<Item>>, StoreError> {
        let start = match std::mem::replace(&mut self.position, Position::End) {
            Position::Start => None,
            Position::After(last) => Some(last),
            Position::End => return Ok(None),
        };
        let table = self.database.for_command().table;
        let page = table.scan_consistently(start).await?;
        self.position = page.next.map_or(Position::End, Position::After);
        self.items += page.items.len() as u64;
        self.units += table.usage().units();
        Ok(Some(page.items))
    }
}

/// The keys of a table, with a digest of each item.
pub(super) struct Contents {
    digests: HashMap<Key, Digest>,
    /// Number of items that were read.
    pub(super) items: u64,
    /// Units that reading them consumed.
    pub(super) units: f64,
}

/// Result of looking up an item of another table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Equal,
    Different,
    Missing,
}

impl Contents {
    /// Reads a table, and reports the number of items after each page.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub(super) async fn read(database: &Database, mut report: impl FnMut(u64)) -> Result<Self, StoreError> {
        let mut scan = Scan::of(database);
        let mut digests = HashMap::new();
        while let Some(items) = scan.next().await? {
            digests.extend(items.into_iter().map(|item| (item.key(), item.digest())));
            report(scan.items);
        }
        Ok(Self { digests, items: scan.items, units: scan.units })
    }

    /// Compares an item of another table with the one under its key, and forgets the key.
    pub(super) fn take(&mut self, item: &Item) -> Found {
        match self.digests.remove(&item.key()) {
            Some(digest) if digest == item.digest() => Found::Equal,
            Some(_) => Found::Different,
            None => Found::Missing,
        }
    }

    /// Returns the number of keys that are left.
    pub(super) fn len(&self) -> u64 {
        self.digests.len() as u64
    }

    /// Returns the keys that are left.
    pub(super) fn into_keys(self) -> impl Iterator<Item = Key> {
        self.digests.into_keys()
    }
}
