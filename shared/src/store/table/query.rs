use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, Select};

use super::expression::Placeholders;
use super::{Condition, Table};
use crate::models::Kind;
use crate::store::error::StoreError;
use crate::store::rows::{Item, PARTITION, SORT, children};

/// A query of the table or of one of its indexes, in the order of the sort key.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    index: Option<&'static str>,
    key: Condition,
    filter: Option<Condition>,
    limit: Option<u32>,
    start: Option<Item>,
    select: Select,
    attributes: Vec<&'static str>,
    forward: bool,
}

/// Up to 1 MB of the items of a query.
#[derive(Debug)]
pub(crate) struct QueryPage {
    pub(crate) items: Vec<Item>,
    /// Number of items that passed the filter.
    pub(crate) count: u32,
    /// Key of the last item that was read, if there may be more.
    pub(crate) next: Option<Item>,
}

type Attributes = HashMap<String, AttributeValue>;

impl QueryPage {
    pub(super) fn new(items: Option<Vec<Attributes>>, count: i32, next: Option<Attributes>) -> Self {
        Self {
            items: items.unwrap_or_default().into_iter().map(Item::from).collect(),
            count: u32::try_from(count).unwrap_or_default(),
            next: next.map(Item::from),
        }
    }
}

impl Query {
    fn new(index: Option<&'static str>, key: Condition) -> Self {
        Self {
            index,
            key,
            filter: None,
            limit: None,
            start: None,
            select: Select::AllAttributes,
            attributes: Vec::new(),
            forward: true,
        }
    }

    /// Queries the table: strongly consistent.
    pub(crate) fn of_table(key: Condition) -> Self {
        Self::new(None, key)
    }

    /// Queries an index that holds whole items: eventually consistent.
    pub(crate) fn of_index(index: &'static str, key: Condition) -> Self {
        Self::new(Some(index), key)
    }

    /// Queries an index that holds keys only: eventually consistent.
    pub(crate) fn keys_of_index(index: &'static str, key: Condition) -> Self {
        Self { select: Select::AllProjectedAttributes, ..Self::new(Some(index), key) }
    }

    /// Queries the children of a kind in a partition: strongly consistent.
    pub(crate) fn of_children(partition: &String, kind: Kind) -> Self {
        let [from, to] = children(kind, None);
        Self::of_table(PARTITION.is(partition).and(SORT.is_between([&from, &to])))
    }

    /// Leaves out the items for which the condition does not hold. They still consume capacity.
    pub(crate) fn filtered(self, filter: Option<Condition>) -> Self {
        Self { filter, ..self }
    }

    /// Reads the key and these attributes instead of all.
    pub(crate) fn reading(self, attributes: &[&[&'static str]]) -> Self {
        let mut attributes = attributes.concat();
        attributes.extend([PARTITION.name(), SORT.name()]);
        attributes.sort_unstable();
        attributes.dedup();
        Self { attributes, select: Select::SpecificAttributes, ..self }
    }

    /// Limits a page to this many items, counted before the filter.
    pub(crate) fn with_limit(self, limit: Option<u32>) -> Self {
        Self { limit, ..self }
    }

    /// Starts after the item with this key.
    pub(crate) fn after(self, start: Option<Item>) -> Self {
        Self { start, ..self }
    }

    /// Reads in the opposite order of the sort key.
    pub(crate) fn newest_first(self) -> Self {
        Self { forward: false, ..self }
    }

    /// Returns only the number of items.
    pub(crate) fn count(self) -> Self {
        Self { select: Select::Count, ..self }
    }

    /// Quadruples the page size; beyond 4,000 items, pages are 1 MB.
    pub(crate) fn with_larger_page(self) -> Self {
        let limit = self.limit.map(|limit| limit.saturating_mul(4)).filter(|limit| *limit < 4000);
        self.with_limit(limit)
    }
}

impl Table {
    /// Reads every page of a query.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub(crate) async fn query_all(&self, query: Query) -> Result<QueryPage, StoreError> {
        let mut all = self.query(query.clone()).await?;
        while let Some(next) = all.next.take() {
            let page = self.query(query.clone().after(Some(next))).await?;
            all.items.extend(page.items);
            all.count += page.count;
            all.next = page.next;
        }
        Ok(all)
    }

    /// Reads one page of a query.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub(crate) async fn query(&self, query: Query) -> Result<QueryPage, StoreError> {
        let Query { index, key, filter, limit, start, select, attributes, forward } = query;
        let mut placeholders = Placeholders::default();
        let key = key.render(&mut placeholders);
        let filter = filter.map(|filter| filter.render(&mut placeholders));
        let attributes = (select == Select::SpecificAttributes)
            .then(|| attributes.into_iter().map(|name| placeholders.name(name)).collect::<Vec<_>>().join(","));
        let query = self
            .connection
            .db
            .query()
            .table_name(&*self.connection.name)
            .set_index_name(index.map(str::to_owned))
            .consistent_read(index.is_none())
            .key_condition_expression(key)
            .set_filter_expression(filter)
            .set_projection_expression(attributes)
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .set_limit(limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX)))
            .set_exclusive_start_key(start.map(Item::into_attributes))
            .select(select)
            .scan_index_forward(forward)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let page = self.call(|| query.clone().send()).await?;
        Ok(QueryPage::new(page.items, page.count, page.last_evaluated_key))
    }
}
