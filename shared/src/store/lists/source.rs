use std::collections::VecDeque;
use std::vec;

use super::search;
use crate::models::{Entity, Filter, Rank};
use crate::store::error::StoreError;
use crate::store::rows::{Item, Key, RANK, SORT, rank_of_child};
use crate::store::table::{Query, QueryPage, Table};

/// Maximum number of items that are read by their keys at a time.
const MAX_KEYS_AT_ONCE: usize = 1000;

/// Reads an item as an entity.
pub(super) type ReadItem<T> = fn(Item) -> Result<T, StoreError>;

/// One of the sources that a list merges: entities in order of creation.
///
/// The items of a page are converted one by one, so that a long list does not hold them twice.
#[derive(Debug)]
pub(super) struct Source<T> {
    /// The next entities.
    entities: VecDeque<T>,
    /// Items that follow them, not converted yet.
    items: vec::IntoIter<Item>,
    rest: Rest,
    read_to: Option<Rank>,
}

/// What a source has not read yet.
#[derive(Debug)]
enum Rest {
    /// The rest of a query.
    Query(Box<Query>),
    /// Keys with their ranks, and how many of them to read next.
    Keys(VecDeque<(Rank, Key)>, usize),
    Nothing,
}

impl<T: Entity> Source<T> {
    fn new(rest: Rest) -> Self {
        Self { entities: VecDeque::new(), items: vec::IntoIter::default(), rest, read_to: None }
    }

    pub(super) fn of_query(query: Query) -> Self {
        Self::new(Rest::Query(Box::new(query)))
    }

    /// Creates a source from a query whose first page is already read.
    pub(super) fn of_first_page(
        query: Query,
        first: QueryPage,
        read: ReadItem<T>,
        filter: &Filter,
    ) -> Result<Self, StoreError> {
        let mut source = Self::new(Rest::Nothing);
        source.take_page(query, first, read, filter)?;
        Ok(source)
    }

    /// Creates a source from keys in order of creation, of which the caller wants `limit` entities.
    pub(super) fn of_keys(keys: VecDeque<(Rank, Key)>, limit: Option<u16>) -> Self {
        let at_once = limit.map_or(MAX_KEYS_AT_ONCE, |limit| MAX_KEYS_AT_ONCE.min(usize::from(limit) + 1));
        Self::new(Rest::Keys(keys, at_once))
    }

    pub(super) fn of_entities(entities: impl IntoIterator<Item = T>) -> Self {
        Self { entities: entities.into_iter().collect(), ..Self::new(Rest::Nothing) }
    }

    /// Returns `true` if it has no entity left and there may be more to read.
    pub(super) fn needs_refill(&self) -> bool {
        self.entities.is_empty() && !matches!(self.rest, Rest::Nothing)
    }

    /// Returns the rank up to which everything is read.
    pub(super) fn read_to(&self) -> Option<Rank> {
        self.read_to
    }

    pub(super) fn first_rank(&self) -> Option<Rank> {
        self.entities.front().map(T::rank)
    }

    /// Takes the next entity, and converts the one after it.
    pub(super) fn pop(&mut self, read: ReadItem<T>, filter: &Filter) -> Result<Option<T>, StoreError> {
        let first = self.entities.pop_front();
        self.convert_next(read, filter)?;
        Ok(first)
    }

    /// Reads one more page.
    pub(super) async fn refill(&mut self, table: &Table, read: ReadItem<T>, filter: &Filter) -> Result<(), StoreError> {
        match std::mem::replace(&mut self.rest, Rest::Nothing) {
            Rest::Query(query) => {
                let page = table.query((*query).clone()).await?;
                self.take_page(*query, page, read, filter)
            }
            Rest::Keys(mut keys, at_once) => {
                let some: Vec<_> = keys.drain(..at_once.min(keys.len())).collect();
                self.read_to = some.last().map(|(rank, _)| *rank);
                let items = search::read(table, some.into_iter().map(|(_, key)| key).collect()).await?;
                // Items that are read by key come in no order.
                let entities = items.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
                self.entities.extend(entities.into_iter().filter(|entity| filter.passes(entity)));
                self.entities.make_contiguous().sort_by_key(T::rank);
                if !keys.is_empty() {
                    // The filter may leave out most of what is read.
                    self.rest = Rest::Keys(keys, MAX_KEYS_AT_ONCE.min(at_once * 4));
                }
                Ok(())
            }
            Rest::Nothing => Ok(()),
        }
    }

    fn take_page(
        &mut self,
        query: Query,
        page: QueryPage,
        read: ReadItem<T>,
        filter: &Filter,
    ) -> Result<(), StoreError> {
        self.items = page.items.into_iter();
        self.convert_next(read, filter)?;
        if let Some(next) = page.next {
            self.read_to = rank_of(&next).or(self.read_to);
            self.rest = Rest::Query(Box::new(query.with_larger_page().after(Some(next))));
        }
        Ok(())
    }

    /// Converts items up to the next entity that passes the filter.
    fn convert_next(&mut self, read: ReadItem<T>, filter: &Filter) -> Result<(), StoreError> {
        while self.entities.is_empty()
            && let Some(item) = self.items.next()
        {
            self.entities.extend(Some(read(item)?).filter(|entity| filter.passes(entity)));
        }
        Ok(())
    }
}

/// Returns the rank in the key of an item of an index, or of a child in its parent's partition.
fn rank_of(key: &Item) -> Option<Rank> {
    key.clone().take(RANK).ok().or_else(|| rank_of_child(key.text(SORT)))
}
