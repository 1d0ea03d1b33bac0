//! Transactions: the only way in which a request writes an entity.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, ConditionCheck, Delete, Put, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, Update as SdkUpdate,
};

use super::expression::Placeholders;
use super::retry::{Sent, Transient, unavailable};
use super::{Condition, Table, Update};
use crate::models::{Code, Kind};
use crate::store::error::StoreError;
use crate::store::rows::{Item, Key, TableRow};

/// Maximum number of items in one transaction.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>.
pub(crate) const MAX_TRANSACTION: usize = 100;

/// One write of a transaction.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TransactOp {
    pub(super) action: Action,
    pub(super) condition: Option<Condition>,
    pub(super) on_failed: OnConditionFailed,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Action {
    Put(Item),
    Update(Key, Update),
    Delete(Key),
    Check(Key),
}

/// Meaning of a failed condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnConditionFailed {
    /// The parent of this kind, which the caller named, is unknown or inactive.
    UnknownOrInactive(Kind),
    /// The parent of this kind, which another item points to, is inactive.
    Inactive(Kind),
    /// Another client has the code.
    CodeTaken(Code),
    /// The item changed since it was read.
    Stale,
    /// The request was answered before, or another one with the same key was.
    Answered,
    /// Only possible if somebody changed the table by hand.
    Corrupt,
}

/// Result of a transaction that DynamoDB decided.
#[derive(Debug)]
#[must_use = "a refused transaction wrote nothing"]
pub(crate) enum TransactOutcome {
    /// Everything was written.
    Done,
    /// A condition did not hold, and nothing was written.
    Refused(Refusal),
}

/// The first condition of a transaction that did not hold.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) on_failed: OnConditionFailed,
    /// Key of its item.
    pub(crate) key: Key,
    /// Whether its item exists.
    pub(crate) exists: bool,
    /// Whether an earlier attempt of the transaction may still be carried out, once the condition holds.
    pub(crate) uncertain: bool,
}

impl TransactOp {
    /// Writes a new item; refused if the key is taken.
    pub(crate) fn insert(row: &impl TableRow, on_failed: OnConditionFailed) -> Self {
        Self::put(row, Condition::Absent, on_failed)
    }

    /// Writes an item on a condition.
    pub(crate) fn put(row: &impl TableRow, condition: Condition, on_failed: OnConditionFailed) -> Self {
        Self { action: Action::Put(row.to_item()), condition: Some(condition), on_failed }
    }

    /// Changes an item.
    pub(crate) fn update(key: Key, update: Update, condition: Condition, on_failed: OnConditionFailed) -> Self {
        Self { action: Action::Update(key, update), condition: Some(condition), on_failed }
    }

    /// Deletes an item.
    pub(crate) fn delete(key: Key, condition: Condition, on_failed: OnConditionFailed) -> Self {
        Self { action: Action::Delete(key), condition: Some(condition), on_failed }
    }

    /// Writes nothing, but refuses the transaction if the condition does not hold.
    pub(crate) fn check(key: Key, condition: Condition, on_failed: OnConditionFailed) -> Self {
        Self { action: Action::Check(key), condition: Some(condition), on_failed }
    }

    /// Writes an item, whether it exists or not. Another write of the transaction must guard it.
    pub(crate) fn replace(item: Item) -> Self {
        Self { action: Action::Put(item), condition: None, on_failed: OnConditionFailed::Corrupt }
    }

    /// Deletes an item, whether it exists or not. Another write of the transaction must guard it.
    pub(crate) fn remove(key: Key) -> Self {
        Self { action: Action::Delete(key), condition: None, on_failed: OnConditionFailed::Corrupt }
    }

    pub(crate) fn key(&self) -> Key {
        match &self.action {
            Action::Put(item) => item.key(),
            Action::Update(key, _) | Action::Delete(key) | Action::Check(key) => key.clone(),
        }
    }

    fn into_sdk(self, table: &str) -> Result<TransactWriteItem, BuildError> {
        let mut placeholders = Placeholders::default();
        let condition = self.condition.map(|condition| condition.render(&mut placeholders));
        // Makes the reason of a refusal include the item, if there is one.
        let found = condition.as_ref().map(|_| ReturnValuesOnConditionCheckFailure::AllOld);
        // The SDK's builders share no trait: each gets the same settings by this macro.
        macro_rules! write {
            ($builder:expr) => {
                $builder
                    .table_name(table)
                    .set_expression_attribute_names(placeholders.names())
                    .set_expression_attribute_values(placeholders.values())
                    .set_return_values_on_condition_check_failure(found)
                    .build()?
            };
        }
        let op = TransactWriteItem::builder();
        let op = match self.action {
            Action::Put(item) => op
                .put(write!(Put::builder().set_item(Some(item.into_attributes())).set_condition_expression(condition))),
            Action::Update(key, update) => {
                let update = update.render(&mut placeholders);
                let builder =
                    SdkUpdate::builder().set_key(Some(Item::at(key).into_attributes())).update_expression(update);
                op.update(write!(builder.set_condition_expression(condition)))
            }
            Action::Delete(key) => op.delete(write!(
                Delete::builder().set_key(Some(Item::at(key).into_attributes())).set_condition_expression(condition)
            )),
            Action::Check(key) => {
                let builder = ConditionCheck::builder().set_key(Some(Item::at(key).into_attributes()));
                op.condition_check(write!(builder.set_condition_expression(condition)))
            }
        };
        Ok(op.build())
    }
}

impl Table {
    /// Carries out one transaction: all of the writes, or none.
    ///
    /// Every attempt has the same token, so that a transaction whose answer was lost, or whose first
    /// attempt arrives late, is carried out once.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB did not decide before the deadline: then the
    /// transaction may have been carried out or not.
    ///
    /// With an [`Overlay`](super::Overlay), it only decides the transaction, and sends nothing.
    pub(crate) async fn transact(&self, ops: Vec<TransactOp>) -> Result<TransactOutcome, StoreError> {
        if let Some(overlay) = &self.overlay {
            return overlay.transact(self, ops).await;
        }
        let meanings: Vec<_> = ops.iter().map(|op| (op.on_failed, op.key())).collect();
        let ops: Result<_, BuildError> = ops.into_iter().map(|op| op.into_sdk(&self.connection.name)).collect();
        let transaction = self
            .connection
            .db
            .transact_write_items()
            .client_request_token(self.request.random.token())
            .set_transact_items(Some(ops.map_err(|error| StoreError::Bug(error.to_string()))?))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let Sent { response, uncertain } = self.send(|| transaction.clone().send(), transient).await?;
        let Err(error) = response else { return Ok(TransactOutcome::Done) };
        let Some((index, reason)) = first_reason(&error) else { return Err(unavailable(&error)) };
        let Some((on_failed, key)) = meanings.into_iter().nth(index) else { return Err(unavailable(&error)) };
        match reason.code() {
            Some(REFUSED) => {
                Ok(TransactOutcome::Refused(Refusal { on_failed, key, exists: reason.item.is_some(), uncertain }))
            }
            // For example a counter that is not a number.
            Some("ValidationError") => {
                Err(StoreError::Corrupt(format!("item {key}: an attribute is of another type than parc writes")))
            }
            _ => Err(unavailable(&error)),
        }
    }
}

/// Code of a reason: the condition of the write does not hold.
const REFUSED: &str = "ConditionalCheckFailed";

/// Returns the reason of the first write that kept a transaction from being carried out, and the place
/// of the write.
///
/// The first one decides, even if others failed too: while another transaction is being committed, some
/// of its items have changed already and others are still locked, which is a conflict.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>.
fn first_reason(error: &TransactWriteItemsError) -> Option<(usize, &CancellationReason)> {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { return None };
    let failed = |(_, reason): &(usize, &CancellationReason)| reason.code().is_some_and(|code| code != "None");
    cancelled.cancellation_reasons().iter().enumerate().find(failed)
}

/// Returns the transient reason of a cancelled transaction.
fn transient(error: &TransactWriteItemsError) -> Option<Transient> {
    match first_reason(error)?.1.code()? {
        "TransactionConflict" => Some(Transient::Conflict),
        "ThrottlingError" | "ProvisionedThroughputExceeded" => Some(Transient::Throttle),
        _ => None,
    }
}
