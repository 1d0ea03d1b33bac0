//! Items of the table.

use std::any::type_name;
use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use super::Key;
use super::attributes::{Attribute, PARTITION, SORT};

/// An item of the table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item(HashMap<String, AttributeValue>);

impl Item {
    /// Creates an item with nothing but its key.
    pub(crate) fn at(Key { partition, sort }: Key) -> Self {
        Self(HashMap::new()).with(PARTITION, &partition).with(SORT, &sort)
    }

    /// Adds an attribute.
    pub(crate) fn with<T: Serialize>(mut self, attribute: Attribute<T>, value: &T) -> Self {
        self.0.insert(attribute.name().to_owned(), attribute.value(value));
        self
    }

    /// Removes an attribute and returns its value.
    ///
    /// # Errors
    /// Returns [`CorruptItem`] if the attribute is missing or is not of its type.
    pub(crate) fn take<T: DeserializeOwned>(&mut self, attribute: Attribute<T>) -> Result<T, CorruptItem> {
        let value = self.0.remove(attribute.name());
        self.parse(attribute, value)
    }

    /// Returns the value of an attribute.
    ///
    /// # Errors
    /// Returns [`CorruptItem`] if the attribute is missing or is not of its type.
    pub(crate) fn get<T: DeserializeOwned>(&self, attribute: Attribute<T>) -> Result<T, CorruptItem> {
        self.parse(attribute, self.0.get(attribute.name()).cloned())
    }

    fn parse<T: DeserializeOwned>(
        &self,
        attribute: Attribute<T>,
        value: Option<AttributeValue>,
    ) -> Result<T, CorruptItem> {
        let value = value.and_then(|value| serde_dynamo::from_attribute_value(value).ok());
        value.ok_or_else(|| CorruptItem {
            key: self.key(),
            problem: format!("attribute {} is missing or is not a {}", attribute.name(), type_name::<T>()),
        })
    }

    /// Returns the key; empty texts stand for missing parts.
    pub(crate) fn key(&self) -> Key {
        Key { partition: self.text(PARTITION).to_owned(), sort: self.text(SORT).to_owned() }
    }

    /// Returns the value of a text attribute, or an empty text.
    pub(crate) fn text<T>(&self, attribute: Attribute<T>) -> &str {
        self.0.get(attribute.name()).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
    }

    /// Returns the value of an attribute, as DynamoDB stores it.
    pub(crate) fn value(&self, name: &str) -> Option<&AttributeValue> {
        self.0.get(name)
    }

    /// Sets the value of an attribute, as DynamoDB stores it.
    pub(crate) fn set_value(&mut self, name: &str, value: AttributeValue) {
        self.0.insert(name.to_owned(), value);
    }

    /// Returns the attributes.
    pub(super) fn attributes(&self) -> &HashMap<String, AttributeValue> {
        &self.0
    }

    /// Returns the attributes as the SDK takes them.
    pub(crate) fn into_attributes(self) -> HashMap<String, AttributeValue> {
        self.0
    }

    /// Returns the attributes of `wanted` that this item lacks or has with another value.
    pub(crate) fn changes_to(&self, wanted: &Self) -> Vec<(String, AttributeValue)> {
        let differs = |(name, value): &(&String, &AttributeValue)| self.0.get(*name) != Some(*value);
        let mut changes: Vec<_> = wanted.0.iter().filter(differs).map(|(n, v)| (n.clone(), v.clone())).collect();
        changes.sort_by(|(name, _), (other, _)| name.cmp(other));
        changes
    }
}

impl From<HashMap<String, AttributeValue>> for Item {
    fn from(attributes: HashMap<String, AttributeValue>) -> Self {
        Self(attributes)
    }
}

/// An item that parc did not write, or that somebody changed by hand.
///
/// It names the key and the attribute but no value: this text goes to the log.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("item {key}: {problem}")]
pub(crate) struct CorruptItem {
    pub(super) key: Key,
    pub(super) problem: String,
}

impl CorruptItem {
    /// The item never changes, but differs from what parc writes.
    pub(super) fn changed(key: Key) -> Self {
        Self { key, problem: "it was changed: an attribute is not as parc writes it".to_owned() }
    }

    /// The key is not one of an item of this type.
    pub(super) fn of_key(key: Key) -> Self {
        Self { key, problem: "its key is not one that parc writes".to_owned() }
    }
}
