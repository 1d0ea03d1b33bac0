//! Writes as the access patterns state them.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update as SdkUpdate,
};
use serde::Serialize;

use super::StoreError;
use super::calls::Item;
use super::keys::Key;

/// One write of a transaction.
#[derive(Debug)]
pub(super) enum Write {
    /// An item whose key must be free.
    New(Item),
    /// A change of an item.
    Update(Update),
    /// The end of an item.
    Delete(Key),
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

    /// Gives the placeholder a value.
    pub(super) fn bind(mut self, placeholder: &'static str, value: impl Serialize) -> Result<Self, StoreError> {
        self.values.insert(placeholder.to_owned(), serde_dynamo::to_attribute_value(value)?);
        Ok(self)
    }
}

fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

impl Write {
    /// A new item.
    pub(super) fn new(row: impl Serialize) -> Result<Self, StoreError> {
        Ok(Self::New(serde_dynamo::to_item(row)?))
    }

    pub(super) fn into_transact_item(self, table: &str) -> Result<TransactWriteItem, StoreError> {
        let write = TransactWriteItem::builder();
        let found = ReturnValuesOnConditionCheckFailure::AllOld;
        let write = match self {
            Self::New(item) => write.put(
                Put::builder()
                    .table_name(table)
                    .set_item(Some(item))
                    .condition_expression("attribute_not_exists(PK)")
                    .build()?,
            ),
            Self::Update(Update { key, change, condition, names, values }) => write.update(
                SdkUpdate::builder()
                    .table_name(table)
                    .set_key(Some(key.into_item()))
                    .update_expression(change)
                    .condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(Some(values))
                    .return_values_on_condition_check_failure(found)
                    .build()?,
            ),
            Self::Delete(key) => {
                write.delete(Delete::builder().table_name(table).set_key(Some(key.into_item())).build()?)
            }
        };
        Ok(write.build())
    }
}

impl From<BuildError> for StoreError {
    fn from(error: BuildError) -> Self {
        Self::Corrupt(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::Code;

    #[test]
    fn the_names_behind_a_sharp_are_found() {
        let update = Update::new(Key::code(Code::from(1)), "SET #status = :status, n=:n", "#status<>:status");
        assert_eq!(update.names, Some(HashMap::from([("#status".to_owned(), "status".to_owned())])));
        assert_eq!(Update::new(Key::code(Code::from(1)), "SET nom = :nom", "a = :b").names, None);
    }
}
