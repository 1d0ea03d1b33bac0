//! Digests of the items of a whole table, by key.

use std::collections::HashMap;

use super::StoredItem;
use super::source::{Scan, Source};
use crate::store::digest::Digest;
use crate::store::rows::{EXPIRES_AT, Item, Key};
use crate::store::{Database, StoreError};

/// Keys of items, with a digest of each: about 280 MB per million.
#[derive(Debug, Default)]
pub struct Contents(HashMap<Key, Summary>);

#[derive(Debug)]
struct Summary {
    digest: Digest,
    /// When DynamoDB may delete the item, in seconds since 1970.
    expires_at: i64,
}

/// Result of looking up an item of another table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Equal,
    Different,
    Missing,
}

/// Result of a comparison with other items.
#[derive(Debug, Default)]
pub(super) struct Compared {
    /// Keys that both have, with different items.
    pub(super) different: Vec<Key>,
    /// Keys that only the others have, except those of items that expired.
    pub(super) missing: Vec<Key>,
    /// Number of the other items.
    pub(super) others: u64,
}

impl Contents {
    /// Adds an item. Returns `false` if its key was added before.
    #[must_use]
    pub fn add(&mut self, StoredItem(item): &StoredItem) -> bool {
        self.insert(item)
    }

    /// Returns the number of keys.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.0.len() as u64
    }

    /// Returns `true` if there is no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn insert(&mut self, item: &Item) -> bool {
        let summary = Summary { digest: item.digest(), expires_at: expires_at(item) };
        self.0.insert(item.key(), summary).is_none()
    }

    /// Reads a table. Reports the number of items after each page. Returns the consumed units too.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub(super) async fn read(database: &Database, mut report: impl FnMut(u64)) -> Result<(Self, f64), StoreError> {
        let mut scan = Scan::of(database);
        let mut contents = Self::default();
        while let Some(items) = scan.next().await? {
            for item in &items {
                contents.insert(item);
            }
            report(contents.len());
        }
        Ok((contents, scan.units))
    }

    /// Compares an item with the one under its key.
    pub(super) fn find(&self, item: &Item) -> Found {
        match self.0.get(&item.key()) {
            Some(summary) if summary.digest == item.digest() => Found::Equal,
            Some(_) => Found::Different,
            None => Found::Missing,
        }
    }

    /// Forgets the key of an item.
    pub(super) fn forget(&mut self, item: &Item) {
        self.0.remove(&item.key());
    }

    /// Like [`Self::find`], but also forgets the key.
    pub(super) fn take(&mut self, item: &Item) -> Found {
        let found = self.find(item);
        self.forget(item);
        found
    }

    /// Compares with the items of a source, and forgets their keys. Reports the number of items after each page.
    ///
    /// # Errors
    /// Returns the errors of the source.
    pub(super) async fn compare<S: Source>(
        &mut self,
        source: &mut S,
        now: impl Fn() -> i64,
        mut report: impl FnMut(u64),
    ) -> Result<Compared, S::Error> {
        let mut compared = Compared::default();
        while let Some(items) = source.next().await? {
            let now = now();
            for item in &items {
                match self.take(item) {
                    Found::Missing if expires_at(item) > now => compared.missing.push(item.key()),
                    Found::Equal | Found::Missing => {}
                    Found::Different => compared.different.push(item.key()),
                }
            }
            compared.others += items.len() as u64;
            report(compared.others);
        }
        Ok(compared)
    }

    /// Returns the keys.
    pub(super) fn into_keys(self) -> impl Iterator<Item = Key> {
        self.0.into_keys()
    }

    /// Returns the keys of the items that have not expired at an instant, in seconds since 1970.
    pub(super) fn into_unexpired_keys(self, now: i64) -> impl Iterator<Item = Key> {
        self.0.into_iter().filter(move |(_, summary)| summary.expires_at > now).map(|(key, _)| key)
    }
}

/// Returns when DynamoDB may delete the item, as it does after the instant in `expires_at`.
fn expires_at(item: &Item) -> i64 {
    item.get(EXPIRES_AT).unwrap_or(i64::MAX)
}
