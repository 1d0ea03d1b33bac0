//! The calls that the access patterns are made of.

use std::any::type_name;
use std::collections::HashMap;

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, KeysAndAttributes, ReturnConsumedCapacity, ReturnValue,
    ReturnValuesOnConditionCheckFailure,
};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::insist::{Passing, Pauses, unavailable};
use super::keys::Key;
use super::write::{Refused, Update, Write};
use super::{Store, StoreError};

/// An item as DynamoDB gives it.
pub(super) type Item = HashMap<String, AttributeValue>;

/// What came of one update that has a condition.
#[derive(Debug)]
pub(super) enum Updated {
    /// It was written; the item as it is after it.
    Written(Item),
    /// The condition failed; the item as it stands, or `None` where there is none.
    Refused(Option<Item>),
}

/// What came of a transaction none of whose named conditions failed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Commit {
    /// All of it was written.
    Done,
    /// Something is no longer as it was read, and nothing was written.
    Stale,
}

/// A page of a query: its items, and where the next one begins.
pub(super) struct QueryPage {
    pub(super) items: Vec<Item>,
    pub(super) count: u32,
    pub(super) next: Option<Item>,
}

/// How many items DynamoDB gives by their keys at once.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>.
pub(super) const MAX_BATCH: usize = 100;

impl Store {
    /// One page of a query, at the most 1 MB.
    pub(super) async fn query(&self, query: QueryFluentBuilder) -> Result<QueryPage, StoreError> {
        let query = query.table_name(&*self.table).return_consumed_capacity(ReturnConsumedCapacity::Total);
        let page = self.call(|| query.clone().customize().interceptor(self.attempts()).send()).await?;
        self.tally.consume(&page.consumed_capacity);
        let count = u32::try_from(page.count).unwrap_or_default();
        Ok(QueryPage { items: page.items.unwrap_or_default(), count, next: page.last_evaluated_key })
    }

    /// One conditional update, and the item as it is after it.
    pub(super) async fn update(&self, update: Update) -> Result<Updated, StoreError> {
        let Update { key, change, condition, names, values } = update;
        let update = self
            .db
            .update_item()
            .table_name(&*self.table)
            .set_key(Some(key.into_item()))
            .update_expression(change)
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(Some(values))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let passes = |error: &UpdateItemError| {
            (error.code() == Some("TransactionConflictException")).then_some(Passing::Conflict)
        };
        match self.insist(|| update.clone().customize().interceptor(self.attempts()).send(), passes).await? {
            Ok(updated) => {
                self.tally.consume(&updated.consumed_capacity);
                Ok(Updated::Written(updated.attributes.unwrap_or_default()))
            }
            Err(UpdateItemError::ConditionalCheckFailedException(refused)) => Ok(Updated::Refused(refused.item)),
            Err(error) => Err(unavailable(&error)),
        }
    }

    /// One transaction: all of the writes, or none. Of several conditions that fail, the first counts.
    ///
    /// Its token stays the same however often it is sent, so that a transaction whose answer was
    /// lost is not carried out twice.
    pub(super) async fn transact(&self, writes: Vec<Write>) -> Result<Commit, StoreError> {
        let meanings: Vec<_> = writes.iter().map(|write| write.refused).collect();
        let writes = writes.into_iter().map(|write| write.into_transact_item(&self.table));
        let transaction = self
            .db
            .transact_write_items()
            .client_request_token(Uuid::now_v7().to_string())
            .set_transact_items(Some(writes.collect::<Result<_, _>>()?))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let error =
            match self.insist(|| transaction.clone().customize().interceptor(self.attempts()).send(), passes).await? {
                Ok(done) => {
                    self.tally.consume(done.consumed_capacity());
                    return Ok(Commit::Done);
                }
                Err(error) => error,
            };
        let Some((reason, refused)) = reasons(&error).iter().zip(meanings).find(|(reason, _)| is_refusal(reason))
        else {
            return Err(unavailable(&error));
        };
        match refused {
            Refused::Stale => Ok(Commit::Stale),
            Refused::CodeTaken(code) => Err(StoreError::CodeTaken(code)),
            Refused::Parent(kind) if reason.item.is_none() => Err(StoreError::Unknown(kind)),
            Refused::Parent(kind) => Err(StoreError::Inactive(kind)),
            Refused::Corrupt => Err(StoreError::Corrupt("a transaction met an item that should not be".to_owned())),
        }
    }

    /// One item, strongly consistent.
    pub(super) async fn get(&self, key: Key) -> Result<Option<Item>, StoreError> {
        let get = self
            .db
            .get_item()
            .table_name(&*self.table)
            .set_key(Some(key.into_item()))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let got = self.call(|| get.clone().customize().interceptor(self.attempts()).send()).await?;
        self.tally.consume(&got.consumed_capacity);
        Ok(got.item)
    }

    /// The items at these keys, at the most [`MAX_BATCH`], as many as there are, in no order;
    /// eventually consistent.
    pub(super) async fn batch(&self, keys: Vec<Key>) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::with_capacity(keys.len());
        let mut asked: Vec<_> = keys.into_iter().map(Key::into_item).collect();
        let mut pauses = Pauses::until(self.deadline());
        while !asked.is_empty() {
            let keys = KeysAndAttributes::builder().set_keys(Some(asked)).build()?;
            let batch = self
                .db
                .batch_get_item()
                .request_items(&*self.table, keys)
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            let got = self.call(|| batch.clone().customize().interceptor(self.attempts()).send()).await?;
            self.tally.consume(got.consumed_capacity());
            items.extend(got.responses.unwrap_or_default().into_values().flatten());
            // What passes 16 MB or is throttled is left over.
            asked = got.unprocessed_keys.unwrap_or_default().into_values().flat_map(|left| left.keys).collect();
            if !asked.is_empty() {
                self.tally.count_left_over();
                if !pauses.wait().await {
                    return Err(StoreError::Unavailable("keys are left over at the deadline".to_owned()));
                }
            }
        }
        Ok(items)
    }
}

/// The text of an attribute; nothing where it is none.
pub(super) fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

/// An item as the row that it should be.
///
/// What is wrong with it is said by its key alone: an error of serde may quote a value.
pub(super) fn row<T: DeserializeOwned>(item: Item) -> Result<T, StoreError> {
    let key = ["PK", "SK"].map(|name| text(&item, name).to_owned());
    serde_dynamo::from_item(item).map_err(|_| StoreError::Corrupt(format!("{key:?} is no {}", type_name::<T>())))
}

fn reasons(error: &TransactWriteItemsError) -> &[CancellationReason] {
    if let TransactWriteItemsError::TransactionCanceledException(cancelled) = error {
        cancelled.cancellation_reasons()
    } else {
        &[]
    }
}

fn is_refusal(reason: &CancellationReason) -> bool {
    reason.code() == Some("ConditionalCheckFailed")
}

/// What keeps a transaction from going through now, but not when it is sent again: none of its
/// conditions failed.
fn passes(error: &TransactWriteItemsError) -> Option<Passing> {
    let any = |codes: &[&str]| reasons(error).iter().any(|reason| reason.code().is_some_and(|c| codes.contains(&c)));
    let conflict = error.code() == Some("TransactionInProgressException") || any(&["TransactionConflict"]);
    if reasons(error).iter().any(is_refusal) {
        None
    } else if conflict {
        Some(Passing::Conflict)
    } else {
        any(&["ThrottlingError", "ProvisionedThroughputExceeded"]).then_some(Passing::Throttle)
    }
}
