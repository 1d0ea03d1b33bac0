//! Histories: one entry for each version, each with the digest of the one before it.

use super::{Checker, Finding, subject};
use crate::models::Entity;
use crate::store::StoreError;
use crate::store::history::query_of;
use crate::store::rows::{EntityRow, HistoryRow, Key, TableRow};
use crate::store::table::Table;

impl Checker<'_> {
    /// Checks that an entity has an unchanged history entry for each of its versions, and no other.
    pub(super) async fn history<R: EntityRow>(&self, subject: &str, row: &R) -> Result<Option<Finding>, StoreError> {
        let read = async |table: Table| {
            let Some(row) = table.get::<R>(row.key()).await? else { return Ok(None) };
            let items = table.query_all(query_of(row.entity().id(), None)).await?.items;
            let entries = items.into_iter().map(HistoryRow::from_item).collect::<Result<Vec<_>, _>>()?;
            Ok(Some((row, entries)))
        };
        let problems =
            |state: &Option<(R, Vec<_>)>| state.as_ref().map_or_else(Vec::new, |(row, entries)| problems(row, entries));
        let is_right = |state: &_| problems(state).is_empty();
        // No repair: nothing else in the table records the changes.
        self.examine(subject, read, is_right, |state| problems(state).join("; "), |_| Vec::new()).await
    }

    /// Checks that the entity of a history entry exists; `head` is the key of an item that it has.
    pub(super) async fn history_entry<E: Entity>(
        &self,
        entry: &HistoryRow<E>,
        head: Key,
    ) -> Result<Option<Finding>, StoreError> {
        let read = async |table: Table| Ok(table.get_item(head.clone()).await?.is_some());
        let problem = |_: &_| format!("missing, but it has history entry {}", entry.version);
        self.examine(&subject(entry.id), read, |is_right| *is_right, problem, |_| Vec::new()).await
    }
}

/// Returns what is wrong with a history. Each problem names the versions of its entries.
fn problems<R: EntityRow>(row: &R, entries: &[HistoryRow<R::Entity>]) -> Vec<String> {
    let mut problems = Vec::new();
    let (mut expected, mut previous) = (1, None);
    for entry in entries {
        let version = entry.version;
        if version == 0 || version > row.version() {
            problems.push(format!("history entry {version} does not belong to any version of the entity"));
            continue;
        }
        if version > expected {
            problems.push(format!("{}; entry {version} cannot be checked", missing(expected, version - 1)));
        } else if entry.digest != entry.digest_after(previous) {
            problems.push(match version - 1 {
                0 => format!("history entry {version} was changed"),
                before => format!("history entry {version} was changed, or entry {before} was"),
            });
        }
        (expected, previous) = (version + 1, Some(&entry.digest));
    }
    match entries.iter().find(|entry| entry.version == row.version()) {
        None => problems.push(missing(expected, row.version())),
        Some(newest) if newest.digest != *row.history() || newest.fields != row.entity().fields() => {
            problems
                .push(format!("differs from its newest history entry, {}: one of them was changed", newest.version));
        }
        Some(_) => {}
    }
    problems
}

fn missing(from: u64, to: u64) -> String {
    if from == to {
        format!("history entry {from} is missing")
    } else {
        format!("history entries {from} to {to} are missing")
    }
}
