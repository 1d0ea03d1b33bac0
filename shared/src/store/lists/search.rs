//! Searches by name.
//!
//! The index of names follows the table by a moment: for that long, a renamed entity is found by
//! neither name.
//!
//! Results are in order of creation, as in every list: a name may change between two pages, a rank
//! does not. The index holds keys only: if few match, they are sorted and their items read. If many match,
//! the list of all entities is filtered instead, because a page soon fills.

use std::collections::VecDeque;

use futures_util::future::try_join_all;

use crate::models::{Folded, Kind, Rank};
use crate::store::error::StoreError;
use crate::store::rows::{
    Item, Key, LIST_PARTITION, LIST_PARTITIONS, NAME_INDEX, SEARCH_KEY, list_partition, rank_of_search_key,
    search_prefix,
};
use crate::store::table::{MAX_BATCH, Query, Table};

/// Largest number of results, per index partition, that are put in order.
///
/// At 200 bytes a key, all of them cost 100 read units. Beyond it, at least one in 250 of a million
/// entities matches.
const MAX_SORTED: u32 = 4000;

/// Finds the entities of a kind whose nom starts with a text, and returns the keys of those after a rank,
/// in order of creation. Returns `None` if there are too many to put in order.
pub(super) async fn find(
    table: &Table,
    kind: Kind,
    nom: &Folded,
    after: Option<Rank>,
) -> Result<Option<VecDeque<(Rank, Key)>>, StoreError> {
    let query = |number| {
        let partition = LIST_PARTITION.is(&list_partition(kind, number));
        let key = partition.and(SEARCH_KEY.starts_with(&search_prefix(nom)));
        table.query(Query::keys_of_index(NAME_INDEX, key).with_limit(Some(MAX_SORTED + 1)))
    };
    let pages = try_join_all((0..LIST_PARTITIONS).map(query)).await?;
    if pages.iter().any(|page| page.next.is_some()) {
        return Ok(None);
    }
    let ranked = |item: &Item| Some((rank_of_search_key(item.text(SEARCH_KEY))?, item.key()));
    let found = pages.iter().flat_map(|page| &page.items).filter_map(ranked);
    let mut found: Vec<_> = found.filter(|(rank, _)| after.is_none_or(|after| *rank > after)).collect();
    found.sort_by_key(|(rank, _)| *rank);
    Ok(Some(found.into()))
}

/// Reads the items with these keys, in no order.
pub(super) async fn read(table: &Table, keys: Vec<Key>) -> Result<Vec<Item>, StoreError> {
    let batches = keys.chunks(MAX_BATCH).map(|keys| table.batch(keys.to_vec()));
    Ok(try_join_all(batches).await?.concat())
}
