//! The queries that lists are read from.

use crate::models::{ClientId, EntityId, Filter, Kind, Pagination, SiteId};
use crate::store::rows::{
    Attribute, EQUIPEMENT_ID, Key, LIST_INDEX, LIST_PARTITION, LIST_PARTITIONS, PARTITION, RANK, SEARCH_KEY, SITE_ID,
    SORT, STATUS, children, list_partition, search_prefix,
};
use crate::store::table::{Condition, Query};

/// A parent whose partition holds one item of the parent, the head, and then its children.
#[derive(Debug)]
pub(crate) struct Parent {
    /// Key of the head: the client, or the pointer from the site to its client.
    pub(super) head: Key,
    children: Kind,
    /// Holds for the head and for no child.
    is_head: Condition,
}

impl Parent {
    /// A client, and its sites.
    pub(crate) fn of_sites(id: ClientId) -> Self {
        Self::new(Key::client(id), SITE_ID)
    }

    /// A site, and its équipements.
    pub(crate) fn of_equipements(id: SiteId) -> Self {
        Self::new(Key::site_parent(id), EQUIPEMENT_ID)
    }

    fn new<T: EntityId + serde::Serialize>(head: Key, child_id: Attribute<T>) -> Self {
        Self { head, children: T::KIND, is_head: child_id.is_missing() }
    }

    /// Queries the head and the children, or the children after a rank.
    pub(super) fn query(&self, filter: &Filter, Pagination { after, limit }: Pagination) -> Query {
        let [first, last] = children(self.children, after);
        let from = if after.is_some() { &first } else { &self.head.sort };
        let key = PARTITION.is(&self.head.partition).and(SORT.is_between([from, &last]));
        let status = filter.status.map(|status| STATUS.is(&status).or(self.is_head.clone()));
        Query::of_table(key).filtered(status).with_limit(page_size(limit, 1, filter).map(|size| size + 1))
    }
}

/// Queries the entities of a kind, one query per index partition.
pub(super) fn of_kind(kind: Kind, filter: &Filter, Pagination { after, limit }: Pagination) -> Vec<Query> {
    let status = filter.status.map(|status| STATUS.is(&status));
    let nom = filter.nom.as_ref().map(|nom| SEARCH_KEY.starts_with(&search_prefix(nom)));
    let conditions = status.into_iter().chain(nom).reduce(Condition::and);
    let query = |number| {
        let partition = LIST_PARTITION.is(&list_partition(kind, number));
        let key = after.iter().fold(partition, |key, after| key.and(RANK.is_after(after)));
        let limit = page_size(limit, LIST_PARTITIONS, filter);
        Query::of_index(LIST_INDEX, key).filtered(conditions.clone()).with_limit(limit)
    };
    (0..LIST_PARTITIONS).map(query).collect()
}

/// Returns the size of the first page of each query: `limit` plus one, to know whether there is a next
/// page.
///
/// Several queries share the entities at random, and a filter leaves some out: then an eighth more is
/// read. The rest is read in larger pages.
fn page_size(limit: Option<u16>, queries: u8, filter: &Filter) -> Option<u32> {
    let share = u32::from(limit?) / u32::from(queries);
    let extra = if queries > 1 || *filter != Filter::ALL { 10 + share / 8 } else { 1 };
    Some(share + extra)
}
