//! A list: the shards of one kind, each read in order of creation, merged into one order.

use std::collections::VecDeque;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::try_join_all;

use super::calls::{Item, QueryPage};
use super::keys::{LISTS, SHARDS, shard};
use super::{Store, StoreError};
use crate::models::{Entity, EntityId, Status};

/// The entities of one kind, oldest first, read as they are asked for.
///
/// Reads are eventually consistent, as those of an index are.
#[derive(Debug)]
pub struct List<T: Entity> {
    store: Store,
    read: fn(Item) -> Result<T, StoreError>,
    status: Option<Status>,
    after: Option<T::Id>,
    shards: Vec<Shard<T>>,
}

#[derive(Debug)]
struct Shard<T> {
    partition: String,
    rows: VecDeque<T>,
    next: Next,
}

/// Where a shard's next page begins.
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
        status: Option<Status>,
        after: Option<T::Id>,
    ) -> Self {
        let shards = (0..SHARDS)
            .map(|n| Shard { partition: shard(T::Id::KIND, n), rows: VecDeque::new(), next: Next::Start })
            .collect();
        Self { store, read, status, after, shards }
    }

    /// The next entity, or `None` at the end.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn next(&mut self) -> Result<Option<T>, StoreError> {
        while self.shards.iter().any(Shard::is_dry) {
            self.refill().await?;
        }
        let first = |shard: &&mut Shard<T>| shard.rows.front().map(T::id);
        let shard = self.shards.iter_mut().filter(|shard| !shard.rows.is_empty()).min_by_key(first);
        Ok(shard.and_then(|shard| shard.rows.pop_front()))
    }

    /// One page more for every shard that has none left, all at once.
    async fn refill(&mut self) -> Result<(), StoreError> {
        let (store, status, after) = (&self.store, self.status, self.after);
        let pages = self.shards.iter().filter(|shard| shard.is_dry()).map(|shard| page(store, shard, status, after));
        let pages = try_join_all(pages).await?;
        for (shard, page) in self.shards.iter_mut().filter(|shard| shard.is_dry()).zip(pages) {
            shard.rows = page.items.into_iter().map(self.read).collect::<Result<_, _>>()?;
            shard.next = page.next.map_or(Next::End, Next::At);
        }
        Ok(())
    }
}

async fn page<T, I: EntityId>(
    store: &Store,
    shard: &Shard<T>,
    status: Option<Status>,
    after: Option<I>,
) -> Result<QueryPage, StoreError> {
    let start = match &shard.next {
        Next::At(key) => Some(key.clone()),
        Next::Start | Next::End => None,
    };
    let mut query = store
        .db
        .query()
        .index_name(LISTS)
        .key_condition_expression(if after.is_some() {
            "GSI1PK = :shard AND GSI1SK > :after"
        } else {
            "GSI1PK = :shard"
        })
        .expression_attribute_values(":shard", AttributeValue::S(shard.partition.clone()))
        .set_exclusive_start_key(start);
    if let Some(id) = after {
        query = query.expression_attribute_values(":after", AttributeValue::S(id.to_string()));
    }
    if let Some(status) = status {
        query = query
            .filter_expression("#status = :status")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":status", AttributeValue::S(status.name().to_owned()));
    }
    store.query(query).await
}

impl<T> Shard<T> {
    /// Whether nothing is left of what was read, and there may be more.
    fn is_dry(&self) -> bool {
        self.rows.is_empty() && !matches!(self.next, Next::End)
    }
}
