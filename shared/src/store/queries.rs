//! The queries that lists are read from.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue::S;

use super::Store;
use super::keys::{LISTS, SHARDS, children, shard};
use crate::models::{EntityId, Part, Status};

impl Store {
    /// Every entity of a kind, one query a shard of the index; eventually consistent.
    pub(super) fn of_kind<T: EntityId>(&self, status: Option<Status>, part: Part<T>) -> Vec<QueryFluentBuilder> {
        let Part { after, limit } = part;
        let condition = if after.is_some() { "GSI1PK = :shard AND GSI1SK > :after" } else { "GSI1PK = :shard" };
        let query = self.db.query().index_name(LISTS).key_condition_expression(condition);
        let query = match after {
            Some(id) => query.expression_attribute_values(":after", S(id.to_string())),
            None => query,
        };
        let query = of_status(query, status, "#status = :status").set_limit(page_size(limit, SHARDS));
        let shards = (0..SHARDS).map(|n| S(shard(T::KIND, n)));
        shards.map(|shard| query.clone().expression_attribute_values(":shard", shard)).collect()
    }

    /// The children in a partition; strongly consistent.
    pub(super) fn children<T: EntityId>(
        &self,
        partition: &str,
        status: Option<Status>,
        part: Part<T>,
    ) -> QueryFluentBuilder {
        let [from, to] = children(part.after);
        let query = self.partition(partition, &from, &to).set_limit(page_size(part.limit, 1));
        of_status(query, status, "#status = :status")
    }

    /// A client and its sites, whatever the client's status; strongly consistent.
    pub(super) fn client_and_sites(
        &self,
        partition: &str,
        status: Option<Status>,
        limit: Option<u16>,
    ) -> QueryFluentBuilder {
        let query = self.partition(partition, "CLIENT", "SITE$").set_limit(page_size(limit, 1));
        // Of these items only the client has a code.
        of_status(query, status, "#status = :status OR attribute_exists(code)")
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
/// whether there is more, nearly always do; what lacks is read then.
fn page_size(limit: Option<u16>, queries: u8) -> Option<i32> {
    limit.map(|limit| i32::from(limit) / i32::from(queries) + 10)
}

fn of_status(query: QueryFluentBuilder, status: Option<Status>, filter: &str) -> QueryFluentBuilder {
    let Some(status) = status else { return query };
    query
        .filter_expression(filter)
        .expression_attribute_names("#status", "status")
        .expression_attribute_values(":status", S(status.name().to_owned()))
}
