//! The calls that the access patterns are made of: retried, bounded by the deadline, and counted.

use std::any::type_name;
use std::collections::HashMap;
use std::error::Error;
use std::fmt::Debug;
use std::future::Future;
use std::iter::successors;
use std::time::Duration;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, KeysAndAttributes, ReturnConsumedCapacity, ReturnValue,
    ReturnValuesOnConditionCheckFailure,
};
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep_until, timeout_at};
use uuid::Uuid;

use super::keys::Key;
use super::tally::Attempts;
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

/// The pauses between the attempts of one call, which grow and are spread at random.
struct Pauses {
    next: Duration,
    deadline: Instant,
}

impl Pauses {
    const FIRST: Duration = Duration::from_millis(5);
    const LONGEST: Duration = Duration::from_millis(400);

    fn until(deadline: Instant) -> Self {
        Self { next: Self::FIRST, deadline }
    }

    /// Waits, and is true; false at once where the deadline would pass meanwhile.
    async fn wait(&mut self) -> bool {
        let again = Instant::now() + self.next.mul_f64(0.5 + fastrand::f64());
        if again >= self.deadline {
            return false;
        }
        sleep_until(again).await;
        self.next = (self.next * 2).min(Self::LONGEST);
        true
    }
}

impl Store {
    /// One page of a query, at the most 1 MB.
    pub(super) async fn query(&self, query: QueryFluentBuilder) -> Result<QueryPage, StoreError> {
        let query = query.table_name(&*self.table).return_consumed_capacity(ReturnConsumedCapacity::Total);
        let page = self
            .insist(|| query.clone().customize().interceptor(self.attempts()).send(), |_| false)
            .await?
            .map_err(|error| unavailable(&error))?;
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
        let passes = |error: &UpdateItemError| error.code() == Some("TransactionConflictException");
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
        let got = self
            .insist(|| get.clone().customize().interceptor(self.attempts()).send(), |_| false)
            .await?
            .map_err(|error| unavailable(&error))?;
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
            let got = self
                .insist(|| batch.clone().customize().interceptor(self.attempts()).send(), |_| false)
                .await?
                .map_err(|error| unavailable(&error))?;
            self.tally.consume(got.consumed_capacity());
            items.extend(got.responses.unwrap_or_default().into_values().flatten());
            // What passes 16 MB or is throttled is left over.
            asked = got.unprocessed_keys.unwrap_or_default().into_values().flat_map(|left| left.keys).collect();
            if !asked.is_empty() && !pauses.wait().await {
                return Err(StoreError::Unavailable("keys are left over at the deadline".to_owned()));
            }
        }
        Ok(items)
    }

    /// What counts the attempts of a call.
    pub(super) fn attempts(&self) -> Attempts {
        Attempts(self.tally.clone())
    }

    /// Sends a call until it answers something else than what `passes`, or until the deadline.
    ///
    /// The SDK has already tried again what throttles and what the network lost; `passes` are the
    /// conflicts between transactions, which it leaves alone.
    pub(super) async fn insist<T, E, R, F>(
        &self,
        send: impl Fn() -> F,
        passes: impl Fn(&E) -> bool,
    ) -> Result<Result<T, E>, StoreError>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: Debug + 'static,
        F: Future<Output = Result<T, SdkError<E, R>>>,
    {
        self.tally.count_call();
        let deadline = self.deadline();
        let mut backoff = Pauses::until(deadline);
        loop {
            let answer = timeout_at(deadline, send()).await;
            let error = match answer.map_err(|_| StoreError::Unavailable("the deadline passed".to_owned()))? {
                Ok(done) => return Ok(Ok(done)),
                Err(SdkError::ServiceError(error)) => error.into_err(),
                Err(error) => return Err(StoreError::Unavailable(unsent(&error))),
            };
            if !passes(&error) {
                return Ok(Err(error));
            }
            self.tally.count_conflict();
            if !backoff.wait().await {
                return Err(unavailable(&error));
            }
        }
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

/// Why a call has no answer of the table. Never what the SDK says of a request that it could not
/// send: that may quote its body.
pub(super) fn unsent<E, R>(error: &SdkError<E, R>) -> String {
    let SdkError::DispatchFailure(failure) = error else { return error.to_string() };
    match failure.as_connector_error() {
        Some(connection) if connection.is_io() || connection.is_timeout() => {
            let causes = successors(connection.source(), |error: &&(dyn Error + 'static)| (*error).source());
            causes.fold("no connection".to_owned(), |text, cause| format!("{text}: {cause}"))
        }
        _ => "the request could not be sent: is the endpoint right?".to_owned(),
    }
}

/// The code of what the table answered. Never its message, and never its `Debug` form: both may
/// quote an item.
pub(super) fn unavailable(error: &impl ProvideErrorMetadata) -> StoreError {
    StoreError::Unavailable(error.code().unwrap_or("an answer that is not DynamoDB's").to_owned())
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

/// Whether a transaction may go through when it is sent again: none of its conditions failed, and
/// what stopped it was another one's write or a throttle.
fn passes(error: &TransactWriteItemsError) -> bool {
    const PASSING: [&str; 3] = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
    let passing = |reason: &CancellationReason| reason.code().is_some_and(|code| PASSING.contains(&code));
    error.code() == Some("TransactionInProgressException")
        || !reasons(error).iter().any(is_refusal) && reasons(error).iter().any(passing)
}
