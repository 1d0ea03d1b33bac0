//! A list: the queries that it is read from, merged into the order of creation.

use std::collections::VecDeque;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use futures_util::future::try_join_all;

use super::calls::{Item, QueryPage};
use super::{Store, StoreError};
use crate::models::Entity;

/// Entities, oldest first, read as they are asked for.
#[derive(Debug)]
pub struct List<T: Entity> {
    store: Store,
    read: fn(Item) -> Result<T, StoreError>,
    sources: Vec<Source<T>>,
    last: Option<T::Id>,
}

/// One query, whose items are in order of creation.
#[derive(Debug)]
struct Source<T> {
    query: QueryFluentBuilder,
    rows: VecDeque<T>,
    next: Next,
}

/// Where a query's next page begins.
#[derive(Debug)]
enum Next {
    Start,
    At(Item),
    End,
}

impl<T: Entity> List<T> {
    pub(super) fn new(
        store: Store,
        read: fn(Item) -> Result<T, StoreError>,
        queries: impl IntoIterator<Item = QueryFluentBuilder>,
    ) -> Self {
        let source = |query| Source { query, rows: VecDeque::new(), next: Next::Start };
        Self { store, read, sources: queries.into_iter().map(source).collect(), last: None }
    }

    /// The rest of a query whose first page has been read.
    pub(super) fn of_page(
        store: Store,
        read: fn(Item) -> Result<T, StoreError>,
        query: QueryFluentBuilder,
        first: QueryPage,
    ) -> Result<Self, StoreError> {
        let mut source = Source { query, rows: VecDeque::new(), next: Next::Start };
        source.take(first, read)?;
        Ok(Self { store, read, sources: vec![source], last: None })
    }

    /// A list of what has been read already.
    pub(super) fn of_rows(
        store: Store,
        read: fn(Item) -> Result<T, StoreError>,
        rows: impl IntoIterator<Item = T>,
    ) -> Self {
        let source = Source { query: store.db.query(), rows: rows.into_iter().collect(), next: Next::End };
        Self { store, read, sources: vec![source], last: None }
    }

    /// The next entity, or `None` at the end.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn next(&mut self) -> Result<Option<T>, StoreError> {
        loop {
            while self.sources.iter().any(Source::is_dry) {
                self.refill().await?;
            }
            let first = |source: &&mut Source<T>| source.rows.front().map(T::id);
            let source = self.sources.iter_mut().filter(|source| !source.rows.is_empty()).min_by_key(first);
            let Some(entity) = source.and_then(|source| source.rows.pop_front()) else { return Ok(None) };
            // An index may show an équipement that is being moved at both of its places.
            if self.last.replace(entity.id()) != Some(entity.id()) {
                return Ok(Some(entity));
            }
        }
    }

    /// One page more for every query that has none left, all at once.
    async fn refill(&mut self) -> Result<(), StoreError> {
        let (store, read) = (&self.store, self.read);
        let dry = self.sources.iter_mut().filter(|source| source.is_dry());
        let refills = dry.map(|source| async move {
            let page = store.query(source.next_page()).await?;
            source.take(page, read)
        });
        try_join_all(refills).await?;
        Ok(())
    }
}

impl<T> Source<T> {
    /// Whether nothing is left of what was read, and there may be more.
    fn is_dry(&self) -> bool {
        self.rows.is_empty() && !matches!(self.next, Next::End)
    }

    fn next_page(&self) -> QueryFluentBuilder {
        let start = match &self.next {
            Next::At(key) => Some(key.clone()),
            Next::Start | Next::End => None,
        };
        self.query.clone().set_exclusive_start_key(start)
    }

    fn take(&mut self, page: QueryPage, read: fn(Item) -> Result<T, StoreError>) -> Result<(), StoreError> {
        self.rows = page.items.into_iter().map(read).collect::<Result<_, _>>()?;
        self.next = page.next.map_or(Next::End, Next::At);
        Ok(())
    }
}
