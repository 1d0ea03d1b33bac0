//! Searches by name.
//!
//! The index of names follows the table by a moment: for that long, a renamed entity is found by
//! neither name.
//!
//! Results are in order of creation, as in every list: a name may change between two pages, a rank
//! does not. The index holds keys only; if a search finds few of them, they are put in order and
//! read. If it finds many, the list of all entities is read and filtered: among many results there
//! soon are enough for a page.

use std::collections::{BTreeMap, VecDeque};

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
/// At 200 bytes a key, all of them cost 100 read units. If there is one more, at least one in 250 of
/// a million entities has the name.
const FEW: u32 = 4000;

/// Keys of the entities that a search found, by rank.
pub(super) struct Found(BTreeMap<Rank, Key>);

impl Found {
    /// Returns the keys after a rank, in order of creation.
    pub(super) fn after(self, after: Option<Rank>) -> VecDeque<(Rank, Key)> {
        self.0.into_iter().filter(|(rank, _)| after.is_none_or(|after| *rank > after)).collect()
    }
}

/// Finds the entities of a kind whose nom starts with a text. Returns `None` if there are many.
pub(super) async fn find(table: &Table, kind: Kind, nom: &Folded) -> Result<Option<Found>, StoreError> {
    let query = |number| {
        let partition = LIST_PARTITION.is(&list_partition(kind, number));
        let key = partition.and(SEARCH_KEY.starts_with(&search_prefix(nom)));
        table.query(Query::keys_of_index(NAME_INDEX, key).with_limit(Some(FEW)))
    };
    let pages = try_join_all((0..LIST_PARTITIONS).map(query)).await?;
    if pages.iter().any(|page| page.next.is_some()) {
        return Ok(None);
    }
    let keys = pages.iter().flat_map(|page| &page.items);
    let keys = keys.filter_map(|item| Some((rank_of_search_key(item.text(SEARCH_KEY))?, item.key())));
    Ok(Some(Found(keys.collect())))
}

/// Reads the items with these keys, in no order.
pub(super) async fn read(table: &Table, keys: Vec<Key>) -> Result<Vec<Item>, StoreError> {
    let batches = keys.chunks(MAX_BATCH).map(|keys| table.batch(keys.to_vec()));
    Ok(try_join_all(batches).await?.concat())
}
