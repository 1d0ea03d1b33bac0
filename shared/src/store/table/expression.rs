//! DynamoDB's expressions, built from typed attributes. Nothing here can fail.

use std::collections::HashMap;
use std::mem::take;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;

use crate::store::rows::{Attribute, Item, PARTITION};

/// A condition on one item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    /// The item exists.
    Exists,
    /// The item does not exist.
    Absent,
    /// The item does not have the attribute.
    Lacks(&'static str),
    /// The attribute compares to the value in this way.
    Compares(&'static str, Comparison, AttributeValue),
    /// The attribute is between two values, both included.
    Between(&'static str, AttributeValue, AttributeValue),
    /// The text attribute starts with the value.
    StartsWith(&'static str, AttributeValue),
    And(Box<[Condition; 2]>),
    Or(Box<[Condition; 2]>),
}

/// Comparison of an attribute with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Greater,
    AtMost,
}

impl Comparison {
    const fn operator(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Greater => ">",
            Self::AtMost => "<=",
        }
    }
}

impl<T: Serialize> Attribute<T> {
    pub(crate) fn is(self, value: &T) -> Condition {
        Condition::Compares(self.name(), Comparison::Equal, self.value(value))
    }

    pub(crate) fn is_not(self, value: &T) -> Condition {
        Condition::Compares(self.name(), Comparison::NotEqual, self.value(value))
    }

    pub(crate) fn is_after(self, value: &T) -> Condition {
        Condition::Compares(self.name(), Comparison::Greater, self.value(value))
    }

    pub(crate) fn is_at_most(self, value: &T) -> Condition {
        Condition::Compares(self.name(), Comparison::AtMost, self.value(value))
    }

    pub(crate) fn is_between(self, [from, to]: [&T; 2]) -> Condition {
        Condition::Between(self.name(), self.value(from), self.value(to))
    }

    pub(crate) fn starts_with(self, value: &T) -> Condition {
        Condition::StartsWith(self.name(), self.value(value))
    }

    pub(crate) fn is_missing(self) -> Condition {
        Condition::Lacks(self.name())
    }
}

impl Condition {
    pub(crate) fn and(self, other: Self) -> Self {
        Self::And(Box::new([self, other]))
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self::Or(Box::new([self, other]))
    }

    pub(super) fn render(self, placeholders: &mut Placeholders) -> String {
        let mut name = |name| placeholders.name(name);
        match self {
            Self::Exists => format!("attribute_exists({})", name(PARTITION.name())),
            Self::Absent => format!("attribute_not_exists({})", name(PARTITION.name())),
            Self::Lacks(attribute) => format!("attribute_not_exists({})", name(attribute)),
            Self::Compares(attribute, comparison, value) => {
                format!("{} {} {}", name(attribute), comparison.operator(), placeholders.value(value))
            }
            Self::Between(attribute, from, to) => {
                let attribute = name(attribute);
                format!("{attribute} BETWEEN {} AND {}", placeholders.value(from), placeholders.value(to))
            }
            Self::StartsWith(attribute, value) => {
                format!("begins_with({}, {})", name(attribute), placeholders.value(value))
            }
            // DynamoDB refuses redundant parentheses: only an OR inside an AND needs them.
            Self::And(sides) => sides.map(|side| side.enclosed(placeholders)).join(" AND "),
            Self::Or(sides) => sides.map(|side| side.render(placeholders)).join(" OR "),
        }
    }

    fn enclosed(self, placeholders: &mut Placeholders) -> String {
        let is_or = matches!(self, Self::Or(_));
        let text = self.render(placeholders);
        if is_or { format!("({text})") } else { text }
    }
}

/// The changes that an update makes to an item.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Update {
    pub(super) set: Vec<(String, AttributeValue)>,
    pub(super) add: Vec<(&'static str, AttributeValue)>,
}

impl Update {
    /// Sets the attributes that differ between two states of an item. Concurrent changes of other attributes,
    /// such as counters, are kept.
    pub(crate) fn changes(before: &Item, after: &Item) -> Self {
        Self { set: before.changes_to(after), add: Vec::new() }
    }

    pub(crate) fn set<T: Serialize>(mut self, attribute: Attribute<T>, value: &T) -> Self {
        self.set.push((attribute.name().to_owned(), attribute.value(value)));
        self
    }

    /// Adds to a number.
    pub(crate) fn add<T: Serialize>(mut self, attribute: Attribute<T>, value: &T) -> Self {
        self.add.push((attribute.name(), attribute.value(value)));
        self
    }

    pub(super) fn render(self, placeholders: &mut Placeholders) -> String {
        let Self { set, add } = self;
        let set: Vec<_> = set
            .into_iter()
            .map(|(name, value)| format!("{} = {}", placeholders.name(&name), placeholders.value(value)))
            .collect();
        let add: Vec<_> = add
            .into_iter()
            .map(|(name, value)| format!("{} {}", placeholders.name(name), placeholders.value(value)))
            .collect();
        let clauses = [("SET", set), ("ADD", add)].into_iter().filter(|(_, changes)| !changes.is_empty());
        clauses.map(|(word, changes)| format!("{word} {}", changes.join(", "))).collect::<Vec<_>>().join(" ")
    }
}

/// Placeholders for the attribute names and values in the expressions of one call. Every name has one, because some
/// are reserved words.
#[derive(Debug, Default)]
pub(super) struct Placeholders {
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Placeholders {
    pub(super) fn name(&mut self, name: &str) -> String {
        let placeholder = format!("#{name}");
        self.names.insert(placeholder.clone(), name.to_owned());
        placeholder
    }

    fn value(&mut self, value: AttributeValue) -> String {
        let placeholder = format!(":{}", self.values.len());
        self.values.insert(placeholder.clone(), value);
        placeholder
    }

    /// Takes the names. DynamoDB refuses an empty map of them.
    pub(super) fn names(&mut self) -> Option<HashMap<String, String>> {
        (!self.names.is_empty()).then(|| take(&mut self.names))
    }

    /// Returns the values; `None` if there are none, because DynamoDB refuses an empty map.
    pub(super) fn values(self) -> Option<HashMap<String, AttributeValue>> {
        (!self.values.is_empty()).then_some(self.values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::Status;
    use crate::store::rows::{CODE, SITES, STATUS, VERSION};

    fn rendered(condition: Condition) -> String {
        condition.render(&mut Placeholders::default())
    }

    #[test]
    fn conditions_are_rendered_with_placeholders() {
        assert_eq!(rendered(Condition::Exists), "attribute_exists(#PK)");
        let both = VERSION.is(&3).and(STATUS.is_not(&Status::Actif));
        assert_eq!(rendered(both), "#version = :0 AND #status <> :1");
        let either = Condition::Absent.or(CODE.is(&1.into())).and(VERSION.is_after(&1));
        assert_eq!(rendered(either), "(attribute_not_exists(#PK) OR #code = :0) AND #version > :1");
    }

    #[test]
    fn an_update_shares_placeholders_with_its_condition() {
        let mut placeholders = Placeholders::default();
        let update = Update::default().set(STATUS, &Status::Inactif).add(SITES, &-1).render(&mut placeholders);
        assert_eq!(update, "SET #status = :0 ADD #sites :1");
        assert_eq!(VERSION.is(&2).render(&mut placeholders), "#version = :2");
        assert_eq!(placeholders.values().map(|values| values.len()), Some(3));
    }
}
