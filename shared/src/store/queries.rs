//! The queries that lists are read from.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue::S;

use super::Store;
use super::keys::{LISTS, SHARDS, children, name, shard};
use crate::models::{EntityId, Filter, Part};

impl Store {
    /// Every entity of a kind, one query a shard of the index; eventually consistent.
    pub(super) fn shards<T: EntityId>(&self, filter: &Filter, part: Part<T>) -> Vec<QueryFluentBuilder> {
        let Part { after, limit } = part;
        let condition = if after.is_some() { "GSI1PK = :shard AND GSI1SK > :after" } else { "GSI1PK = :shard" };
        let query = self.db.query().index_name(LISTS).key_condition_expression(condition);
        let query = match after {
            Some(id) => query.expression_attribute_values(":after", S(id.to_string())),
            None => query,
        };
        let query = filtered(query, filter, "").set_limit(page_size(limit, SHARDS));
        let shards = (0..SHARDS).map(|n| S(shard(T::KIND, n)));
        shards.map(|shard| query.clone().expression_attribute_values(":shard", shard)).collect()
    }

    /// The children in a partition; strongly consistent.
    pub(super) fn children<T: EntityId>(&self, partition: &str, filter: &Filter, part: Part<T>) -> QueryFluentBuilder {
        let [from, to] = children(part.after);
        let query = self.partition(partition, &from, &to).set_limit(page_size(part.limit, 1));
        filtered(query, filter, "")
    }

    /// A client and its sites, whatever the client itself is; strongly consistent.
    pub(super) fn client_and_sites(&self, partition: &str, filter: &Filter, limit: Option<u16>) -> QueryFluentBuilder {
        let query = self.partition(partition, "CLIENT", "SITE$").set_limit(page_size(limit, 1));
        // Of these items only the client has a code.
        filtered(query, filter, " OR attribute_exists(code)")
    }

    fn partition(&self, partition: &str, from: &str, to: &str) -> QueryFluentBuilder {
        self.db
            .query()
            .consistent_read(true)
            .key_condition_expression("PK = :partition AND SK BETWEEN :from AND :to")
            .expression_attribute_values(":partition", S(partition.to_owned()))
            .expression_attribute_values(":from", S(from.to_owned()))
            .expression_attribute_values(":to", S(to.to_owned()))
    }
}

/// How many items each of several queries reads at a time, for a list that ends after `limit`.
///
/// The identifiers are spread at random: a few more than each one's share, and the one that tells
/// whether there is more, nearly always do; what lacks is read then, and more of it each time, since
/// most of it may be passed over.
fn page_size(limit: Option<u16>, queries: u8) -> Option<i32> {
    limit.map(|limit| i32::from(limit) / i32::from(queries) + 10)
}

/// The same query, which reads four times as much at a time; from thousands of items on, 1 MB.
pub(super) fn grown(query: QueryFluentBuilder) -> QueryFluentBuilder {
    let size = query.get_limit().map(|size| size.saturating_mul(4)).filter(|size| *size < 4000);
    query.set_limit(size)
}

/// The items of a query that pass the filter, or what `or` lets pass.
fn filtered(mut query: QueryFluentBuilder, filter: &Filter, or: &str) -> QueryFluentBuilder {
    let mut conditions = Vec::new();
    if let Some(status) = filter.status {
        conditions.push("#status = :status");
        query = query
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":status", S(status.name().to_owned()));
    }
    if let Some(nom) = &filter.nom {
        conditions.push("begins_with(GSI2SK, :nom)");
        query = query.expression_attribute_values(":nom", S(name(nom)));
    }
    if conditions.is_empty() { query } else { query.filter_expression(conditions.join(" AND ") + or) }
}
