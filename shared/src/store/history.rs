//! The history of an entity, newest entry first.

use super::rows::{HistoryRow, Key, PARTITION, SORT, TableRow, version_bounds};
use super::table::Query;
use super::{Store, StoreError};
use crate::models::{ChangedFields, Entity, EntityId, HistoryEntry, Pagination};

/// Number of entries without a `limit`.
const DEFAULT_LIMIT: u16 = 100;

/// Part of an entity's history.
#[derive(Debug, Clone)]
pub struct History<F> {
    /// Entries, newest first.
    pub entries: Vec<HistoryEntry<F>>,
    /// Whether older entries follow.
    pub has_more: bool,
}

impl Store {
    /// Lists the history of an entity; strongly consistent.
    ///
    /// # Errors
    /// Returns [`StoreError::Unknown`].
    pub async fn history<E: Entity>(&self, id: E::Id, page: Pagination<u64>) -> Result<History<E::Fields>, StoreError> {
        let limit = usize::from(page.limit.unwrap_or(DEFAULT_LIMIT));
        let rows = self.history_rows::<E>(id, page.after, limit + 1).await?;
        // Every entity has an entry of its registration.
        if rows.is_empty() && page.after.is_none() {
            return Err(StoreError::Unknown(E::KIND));
        }
        let has_more = rows.len() > limit;
        // Each entry shows what it changed, compared with the one before it.
        let previous = rows.iter().skip(1).map(Some).chain([None]);
        let entries = rows.iter().zip(previous).take(limit).map(|(row, previous)| entry(row, previous)).collect();
        Ok(History { entries, has_more })
    }

    /// Reads up to `count` entries, newest first.
    async fn history_rows<E: Entity>(
        &self,
        id: E::Id,
        before: Option<u64>,
        count: usize,
    ) -> Result<Vec<HistoryRow<E>>, StoreError> {
        let mut rows = Vec::new();
        let mut query = query_of(id, before).newest_first();
        loop {
            let left = u32::try_from(count - rows.len()).unwrap_or(u32::MAX);
            let page = self.table.query(query.clone().with_limit(Some(left))).await?;
            for item in page.items {
                rows.push(HistoryRow::from_item(item)?);
            }
            match page.next {
                Some(next) if rows.len() < count => query = query.after(Some(next)),
                _ => return Ok(rows),
            }
        }
    }
}

/// Queries the entries of an entity, or those before a version: strongly consistent.
pub(crate) fn query_of(id: impl EntityId, before: Option<u64>) -> Query {
    let [first, last] = version_bounds(before);
    let partition = Key::history_entry(id, 1).partition;
    Query::of_table(PARTITION.is(&partition).and(SORT.is_between([&first, &last])))
}

fn entry<E: Entity>(row: &HistoryRow<E>, previous: Option<&HistoryRow<E>>) -> HistoryEntry<E::Fields> {
    let (avant, apres) = match previous {
        Some(previous) => {
            let [before, after] = ChangedFields::between(&previous.fields, &row.fields);
            (Some(before), after)
        }
        None => (None, ChangedFields::all(&row.fields)),
    };
    HistoryEntry {
        version: row.version,
        timestamp: row.timestamp,
        operation: row.change,
        par: row.by.clone(),
        requete: row.request_id.clone(),
        avant,
        apres,
    }
}
