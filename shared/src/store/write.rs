//! Writes as the access patterns state them.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update as SdkUpdate,
};
use serde::Serialize;

use super::StoreError;
use super::calls::Item;
use super::keys::{Key, name};
use crate::models::{Code, Kind, Nom, Status};

/// One write of a transaction, and what it means that its condition fails.
#[derive(Debug)]
pub(super) struct Write {
    action: Action,
    pub(super) refused: Refused,
}

#[derive(Debug)]
enum Action {
    /// An item whose key must be free.
    New(Item),
    /// A change of an item.
    Update(Update),
    /// The end of an item.
    Delete(Update),
    /// No change, but a condition.
    Check(Update),
}

/// What it means that a condition fails.
#[derive(Debug, Clone, Copy)]
pub(super) enum Refused {
    /// The entity of this kind that the write hangs on is unknown, or it is inactive.
    Parent(Kind),
    /// Another client has the code.
    CodeTaken(Code),
    /// The item is no longer as it was read: read it again.
    Stale,
    /// It cannot fail while every item is what parc writes.
    Corrupt,
}

/// A change of one item under a condition.
#[derive(Debug)]
pub(super) struct Update {
    pub(super) key: Key,
    pub(super) change: &'static str,
    pub(super) condition: &'static str,
    pub(super) names: Option<HashMap<String, String>>,
    pub(super) values: Item,
}

impl Update {
    /// The change of the item at `key` where the condition holds, both in DynamoDB's expressions.
    ///
    /// `#name` stands for the attribute `name`, for those whose names are reserved words.
    pub(super) fn new(key: Key, change: &'static str, condition: &'static str) -> Self {
        let words = [change, condition].into_iter().flat_map(|text| text.split(|c: char| c != '#' && !is_name(c)));
        let names: HashMap<_, _> =
            words.filter_map(|word| Some((word.to_owned(), word.strip_prefix('#')?.to_owned()))).collect();
        Self { key, change, condition, names: (!names.is_empty()).then_some(names), values: Item::new() }
    }

    /// The change of an entity that has this status.
    pub(super) fn if_status(key: Key, change: &'static str, status: Status) -> Result<Self, StoreError> {
        Self::new(key, change, "#status = :seen").bind(":seen", status)
    }

    /// Gives the placeholder a value.
    pub(super) fn bind(mut self, placeholder: &'static str, value: impl Serialize) -> Result<Self, StoreError> {
        self.values.insert(placeholder.to_owned(), serde_dynamo::to_attribute_value(value)?);
        Ok(self)
    }

    /// Gives `:nom` a name and `:name` what it is searched by.
    pub(super) fn bind_nom(self, nom: &Nom) -> Result<Self, StoreError> {
        self.bind(":nom", nom)?.bind(":name", name(&nom.folded()))
    }

    /// This change as one write of a transaction.
    pub(super) fn or(self, refused: Refused) -> Write {
        Write { action: Action::Update(self), refused }
    }
}

fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

impl Write {
    /// A new item.
    pub(super) fn new(row: impl Serialize, refused: Refused) -> Result<Self, StoreError> {
        Ok(Self { action: Action::New(serde_dynamo::to_item(row)?), refused })
    }

    /// The end of the item that `condition` holds for; its change is empty.
    pub(super) fn delete(condition: Update, refused: Refused) -> Self {
        Self { action: Action::Delete(condition), refused }
    }

    /// No change of the item that `condition` has to hold for; its change is empty.
    pub(super) fn check(condition: Update, refused: Refused) -> Self {
        Self { action: Action::Check(condition), refused }
    }

    pub(super) fn into_transact_item(self, table: &str) -> Result<TransactWriteItem, BuildError> {
        let write = TransactWriteItem::builder();
        let found = ReturnValuesOnConditionCheckFailure::AllOld;
        let write = match self.action {
            Action::New(item) => {
                let put = Put::builder().table_name(table).set_item(Some(item));
                write.put(put.condition_expression("attribute_not_exists(PK)").build()?)
            }
            Action::Update(Update { key, change, condition, names, values }) => write.update(
                SdkUpdate::builder()
                    .table_name(table)
                    .set_key(Some(key.into_item()))
                    .update_expression(change)
                    .condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(given(values))
                    .return_values_on_condition_check_failure(found)
                    .build()?,
            ),
            Action::Delete(Update { key, condition, names, values, .. }) => write.delete(
                Delete::builder()
                    .table_name(table)
                    .set_key(Some(key.into_item()))
                    .condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(given(values))
                    .build()?,
            ),
            Action::Check(Update { key, condition, names, values, .. }) => write.condition_check(
                ConditionCheck::builder()
                    .table_name(table)
                    .set_key(Some(key.into_item()))
                    .condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(given(values))
                    .return_values_on_condition_check_failure(found)
                    .build()?,
            ),
        };
        Ok(write.build())
    }
}

/// DynamoDB refuses a set of values that is empty.
fn given(values: Item) -> Option<Item> {
    (!values.is_empty()).then_some(values)
}

impl From<BuildError> for StoreError {
    fn from(error: BuildError) -> Self {
        Self::Corrupt(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_behind_a_sharp_are_found() {
        let key = || Key::code(Code::from(1));
        let update = Update::new(key(), "SET #status = :status, n=:n", "#status<>:status");
        assert_eq!(update.names, Some(HashMap::from([("#status".to_owned(), "status".to_owned())])));
        assert_eq!(Update::new(key(), "SET nom = :nom", "a = :b").names, None);
    }
}
