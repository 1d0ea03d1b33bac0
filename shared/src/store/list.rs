//! A list: what it is read from, merged into the order of creation.

use std::collections::VecDeque;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use futures_util::future::try_join_all;

use super::calls::{Item, QueryPage};
use super::keys::{Key, id_at};
use super::queries::grown;
use super::{Store, StoreError};
use crate::models::{Entity, Filter};

/// How many items are read by their keys at a time, at the most.
const KEYS_AT_ONCE: usize = 1000;

/// How an item is read as an entity.
pub(super) type Read<T> = fn(Item) -> Result<T, StoreError>;

/// Entities, oldest first, read as they are asked for.
#[derive(Debug)]
pub struct List<T: Entity> {
    store: Store,
    read: Read<T>,
    filter: Filter,
    sources: Vec<Source<T>>,
    last: Option<T::Id>,
    rounds: Option<usize>,
    resume: Option<T::Id>,
}

/// What gives entities in order of creation.
#[derive(Debug)]
struct Source<T: Entity> {
    rows: VecDeque<T>,
    feed: Feed,
    /// The entity up to which all has been read.
    read_to: Option<T::Id>,
}

/// Where what comes next is read from.
#[derive(Debug)]
enum Feed {
    /// A query, and where its next page begins.
    Query(Box<QueryFluentBuilder>, Option<Item>),
    /// Keys, of which so many are read at a time.
    Keys(VecDeque<Key>, usize),
    End,
}

impl<T: Entity> List<T> {
    fn of(store: Store, read: Read<T>, filter: &Filter, sources: Vec<Source<T>>) -> Self {
        Self { store, read, filter: filter.clone(), sources, last: None, rounds: None, resume: None }
    }

    /// What these queries give.
    pub(super) fn new(
        store: Store,
        read: Read<T>,
        filter: &Filter,
        queries: impl IntoIterator<Item = QueryFluentBuilder>,
    ) -> Self {
        let sources = queries.into_iter().map(|query| Source::new(Feed::Query(Box::new(query), None)));
        Self::of(store, read, filter, sources.collect())
    }

    /// What a query gives whose first page has been read.
    pub(super) fn of_page(
        store: Store,
        read: Read<T>,
        filter: &Filter,
        query: QueryFluentBuilder,
        first: QueryPage,
    ) -> Result<Self, StoreError> {
        let mut source = Source::new(Feed::End);
        source.take(query, first, read, filter)?;
        Ok(Self::of(store, read, filter, vec![source]))
    }

    /// What stands at these keys, which are in order of creation; `limit` of them are wanted.
    pub(super) fn of_keys(
        store: Store,
        read: Read<T>,
        filter: &Filter,
        keys: VecDeque<Key>,
        limit: Option<u16>,
    ) -> Self {
        let at_once = limit.map_or(KEYS_AT_ONCE, |limit| KEYS_AT_ONCE.min(usize::from(limit) + 1));
        Self::of(store, read, filter, vec![Source::new(Feed::Keys(keys, at_once))])
    }

    /// A list of what has been read already.
    pub(super) fn of_rows(store: Store, read: Read<T>, filter: &Filter, rows: impl IntoIterator<Item = T>) -> Self {
        let mut source = Source::new(Feed::End);
        source.rows.extend(rows.into_iter().filter(|row| filter.passes(row)));
        Self::of(store, read, filter, vec![source])
    }

    /// The same list, which ends early where so many rounds of reading (1 MB from each query, or a
    /// thousand keys) have not given all of it, or where half of the request's time is gone;
    /// [`Self::resume`] says where.
    #[must_use]
    pub fn within(mut self, rounds: usize) -> Self {
        self.rounds = Some(self.rounds.map_or(rounds, |fewer| fewer.min(rounds)));
        self
    }

    /// Whether a round more may be read. What has not been read at all is, for there is nowhere yet
    /// to go on from.
    fn may_read(&self) -> bool {
        let unread = self.sources.iter().any(|source| source.is_dry() && source.read_to.is_none());
        unread || self.rounds.is_none_or(|left| left > 0 && !self.store.is_late())
    }

    /// Where the list goes on, if it ended before its end: after the entity with this identifier.
    #[must_use]
    pub fn resume(&self) -> Option<T::Id> {
        self.resume
    }

    /// The next entity, or `None` at the end.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn next(&mut self) -> Result<Option<T>, StoreError> {
        loop {
            while self.sources.iter().any(Source::is_dry) && self.may_read() {
                self.rounds = self.rounds.map(|left| left.saturating_sub(1));
                self.refill().await?;
            }
            // Behind the place that a dry source was read up to, others are not known to be next.
            let known = self.sources.iter().filter(|source| source.is_dry()).filter_map(|source| source.read_to).min();
            let first = |source: &&mut Source<T>| source.rows.front().map(T::id);
            let source = self.sources.iter_mut().filter(|source| !source.rows.is_empty()).min_by_key(first);
            let entity =
                source.and_then(|source| source.rows.pop_front_if(|row| known.is_none_or(|known| row.id() <= known)));
            let Some(entity) = entity else {
                self.resume = known;
                return Ok(None);
            };
            // An index may show an équipement that is being moved at both of its places.
            if self.last.replace(entity.id()) != Some(entity.id()) {
                return Ok(Some(entity));
            }
        }
    }

    /// One page more for every source that has none left, all at once.
    async fn refill(&mut self) -> Result<(), StoreError> {
        let (store, read, filter) = (&self.store, self.read, &self.filter);
        let dry = self.sources.iter_mut().filter(|source| source.is_dry());
        try_join_all(dry.map(|source| source.refill(store, read, filter))).await?;
        Ok(())
    }
}

impl<T: Entity> Source<T> {
    fn new(feed: Feed) -> Self {
        Self { rows: VecDeque::new(), feed, read_to: None }
    }

    /// Whether nothing is left of what was read, and there may be more.
    fn is_dry(&self) -> bool {
        self.rows.is_empty() && !matches!(self.feed, Feed::End)
    }

    async fn refill(&mut self, store: &Store, read: Read<T>, filter: &Filter) -> Result<(), StoreError> {
        match std::mem::replace(&mut self.feed, Feed::End) {
            Feed::Query(query, start) => {
                let page = store.query((*query).clone().set_exclusive_start_key(start)).await?;
                self.take(*query, page, read, filter)
            }
            Feed::Keys(mut keys, at_once) => {
                let some: Vec<_> = keys.drain(..at_once.min(keys.len())).collect();
                self.read_to = some.last().and_then(id_at);
                self.keep(store.items(some).await?, read, filter)?;
                // What is given by keys comes in no order.
                self.rows.make_contiguous().sort_by_key(T::id);
                if !keys.is_empty() {
                    // As a query grows: much of what is read may be passed over.
                    self.feed = Feed::Keys(keys, KEYS_AT_ONCE.min(at_once * 4));
                }
                Ok(())
            }
            Feed::End => Ok(()),
        }
    }

    fn take(
        &mut self,
        query: QueryFluentBuilder,
        page: QueryPage,
        read: Read<T>,
        filter: &Filter,
    ) -> Result<(), StoreError> {
        self.keep(page.items, read, filter)?;
        self.read_to = page.next.as_ref().and_then(|next| id_at(&Key::of(next)));
        self.feed = page.next.map_or(Feed::End, |next| Feed::Query(Box::new(grown(query)), Some(next)));
        Ok(())
    }

    fn keep(&mut self, items: Vec<Item>, read: Read<T>, filter: &Filter) -> Result<(), StoreError> {
        for item in items {
            self.rows.extend(Some(read(item)?).filter(|row| filter.passes(row)));
        }
        Ok(())
    }
}
