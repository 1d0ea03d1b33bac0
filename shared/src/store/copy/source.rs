//! Where items come from: a scan of a table, or the lines of an export.

use super::StoredItem;
use crate::store::rows::Item;
use crate::store::{Database, StoreError};

/// Number of lines of a page.
const LINES: usize = 1000;

/// Items, in pages.
pub(in crate::store) trait Source {
    /// Why reading them fails.
    type Error: From<StoreError>;

    /// Returns the next page; `None` after the last one.
    async fn next(&mut self) -> Result<Option<Vec<Item>>, Self::Error>;
}

/// A strongly consistent scan of a whole table.
#[derive(Debug)]
pub(in crate::store) struct Scan<'a> {
    database: &'a Database,
    position: Position,
    /// Units consumed so far.
    pub(super) units: f64,
}

#[derive(Debug)]
enum Position {
    Start,
    After(Item),
    End,
}

impl<'a> Scan<'a> {
    pub(in crate::store) fn of(database: &'a Database) -> Self {
        Self { database, position: Position::Start, units: 0.0 }
    }
}

impl Source for Scan<'_> {
    type Error = StoreError;

    /// Reads up to 1 MB.
    async fn next(&mut self) -> Result<Option<Vec<Item>>, StoreError> {
        let start = match std::mem::replace(&mut self.position, Position::End) {
            Position::Start => None,
            Position::After(last) => Some(last),
            Position::End => return Ok(None),
        };
        let table = self.database.for_command().table;
        let page = table.scan_consistently(start).await?;
        self.position = page.next.map_or(Position::End, Position::After);
        self.units += table.usage().units();
        Ok(Some(page.items))
    }
}

/// Items that are read from files.
pub(super) struct Lines<I>(pub(super) I);

impl<E: From<StoreError>, I: Iterator<Item = Result<StoredItem, E>>> Source for Lines<I> {
    type Error = E;

    async fn next(&mut self) -> Result<Option<Vec<Item>>, E> {
        let page: Vec<_> =
            self.0.by_ref().take(LINES).map(|item| item.map(|StoredItem(item)| item)).collect::<Result<_, _>>()?;
        Ok(if page.is_empty() { None } else { Some(page) })
    }
}
