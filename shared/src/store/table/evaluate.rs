//! Conditions and updates as DynamoDB evaluates them, for writes that are planned before they are sent.
//!
//! Order comparisons support text and integers only; for any other value they do not hold.

use std::cmp::Ordering;

use aws_sdk_dynamodb::types::AttributeValue;

use super::expression::Comparison;
use super::{Condition, Update};
use crate::store::rows::Item;

impl Condition {
    /// Returns `true` if the condition holds for an item; `None` is a missing one.
    pub(super) fn holds(&self, item: Option<&Item>) -> bool {
        let value = |name: &str| item.and_then(|item| item.value(name));
        let order = |name: &str, other| value(name).and_then(|value| compare(value, other));
        match self {
            Self::Exists => item.is_some(),
            Self::Absent => item.is_none(),
            Self::Lacks(name) => value(name).is_none(),
            Self::Compares(name, Comparison::Equal, other) => value(name) == Some(other),
            Self::Compares(name, Comparison::NotEqual, other) => value(name) != Some(other),
            Self::Compares(name, Comparison::Greater, other) => order(name, other) == Some(Ordering::Greater),
            Self::Compares(name, Comparison::AtMost, other) => order(name, other).is_some_and(Ordering::is_le),
            Self::Between(name, from, to) => {
                order(name, from).is_some_and(Ordering::is_ge) && order(name, to).is_some_and(Ordering::is_le)
            }
            Self::StartsWith(name, prefix) => match (value(name), prefix) {
                (Some(AttributeValue::S(text)), AttributeValue::S(prefix)) => text.starts_with(prefix),
                _ => false,
            },
            Self::And(sides) => sides.iter().all(|side| side.holds(item)),
            Self::Or(sides) => sides.iter().any(|side| side.holds(item)),
        }
    }
}

impl Condition {
    /// Returns `true` if an item for which it holds always satisfies the other one.
    pub(super) fn includes(&self, other: &Self) -> bool {
        let needs_an_item = matches!(self, Self::Compares(_, Comparison::Equal, _));
        self == other
            || (*other == Self::Exists && needs_an_item)
            || matches!(self, Self::And(sides) if sides.iter().any(|side| side.includes(other)))
    }

    /// Returns the attributes that it depends on, other than the key.
    pub(super) fn attributes(&self) -> Vec<&'static str> {
        match self {
            Self::Exists | Self::Absent => Vec::new(),
            Self::Lacks(name) | Self::Compares(name, ..) | Self::Between(name, ..) | Self::StartsWith(name, _) => {
                vec![name]
            }
            Self::And(sides) | Self::Or(sides) => sides.iter().flat_map(Self::attributes).collect(),
        }
    }
}

fn compare(value: &AttributeValue, other: &AttributeValue) -> Option<Ordering> {
    match (value, other) {
        (AttributeValue::S(value), AttributeValue::S(other)) => Some(value.cmp(other)),
        (AttributeValue::N(_), AttributeValue::N(_)) => Some(integer(value)?.cmp(&integer(other)?)),
        _ => None,
    }
}

fn integer(value: &AttributeValue) -> Option<i64> {
    value.as_n().ok()?.parse().ok()
}

impl Update {
    /// Changes an item. Returns `None` if it adds to an attribute that is not an integer, which DynamoDB refuses.
    pub(super) fn applied_to(&self, mut item: Item) -> Option<Item> {
        for (name, value) in &self.set {
            item.set_value(name, value.clone());
        }
        for (name, value) in &self.add {
            // DynamoDB adds to a missing attribute as if it were zero.
            let before = item.value(name).map_or(Some(0), integer)?;
            let sum = before.checked_add(integer(value)?)?;
            item.set_value(name, AttributeValue::N(sum.to_string()));
        }
        Some(item)
    }

    /// Returns the update that does what this one and then `other` do; `None` if one sets what the other adds to.
    pub(super) fn and_then(&self, other: &Self) -> Option<Self> {
        let sets = |update: &Self, name: &str| update.set.iter().any(|(set, _)| set == name);
        let meets = |one: &Self, other: &Self| one.add.iter().any(|(name, _)| sets(other, name));
        if meets(self, other) || meets(other, self) {
            return None;
        }
        let earlier = self.set.iter().filter(|(name, _)| !sets(other, name));
        let set = earlier.chain(&other.set).cloned().collect();
        let mut add = self.add.clone();
        for (name, value) in &other.add {
            match add.iter_mut().find(|(added, _)| added == name) {
                Some((_, sum)) => *sum = AttributeValue::N(integer(sum)?.checked_add(integer(value)?)?.to_string()),
                None => add.push((*name, value.clone())),
            }
        }
        Some(Self { set, add })
    }

    /// Returns `true` if it changes an attribute.
    pub(super) fn changes_attribute(&self, name: &str) -> bool {
        self.set.iter().any(|(set, _)| set == name) || self.add.iter().any(|(added, _)| *added == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::Status;
    use crate::store::rows::{EQUIPEMENTS, Key, SITES, SORT, STATUS, VERSION};

    fn item() -> Item {
        Item::at(Key::layout()).with(VERSION, &3).with(STATUS, &Status::Actif).with(SITES, &2)
    }

    #[test]
    fn conditions_hold_as_in_dynamodb() {
        let item = item();
        for (condition, expected) in [
            (Condition::Exists, true),
            (Condition::Absent, false),
            (VERSION.is(&3), true),
            (VERSION.is(&4), false),
            (VERSION.is_not(&4), true),
            (VERSION.is_after(&2), true),
            (VERSION.is_after(&3), false),
            (VERSION.is_at_most(&3), true),
            (VERSION.is_at_most(&10), true),
            (VERSION.is_between([&4, &9]), false),
            (EQUIPEMENTS.is_missing(), true),
            (EQUIPEMENTS.is_at_most(&3), false),
            (EQUIPEMENTS.is_not(&3), true),
            (SORT.starts_with(&"LAY".to_owned()), true),
            (VERSION.is(&3).and(STATUS.is(&Status::Inactif)), false),
            (Condition::Absent.or(STATUS.is(&Status::Actif)), true),
        ] {
            assert_eq!(condition.holds(Some(&item)), expected, "{condition:?}");
        }
        assert!(Condition::Absent.holds(None) && !Condition::Exists.holds(None) && !VERSION.is(&3).holds(None));
    }

    #[test]
    fn a_condition_includes_its_parts_and_the_existence_of_what_it_compares() {
        let (version, active) = (VERSION.is(&3), STATUS.is(&Status::Actif));
        let both = version.clone().and(active.clone());
        assert!(both.includes(&active) && both.includes(&version) && both.includes(&Condition::Exists));
        assert!(!active.includes(&both) && !active.includes(&version));
        assert!(!VERSION.is_not(&3).includes(&Condition::Exists) && !Condition::Exists.includes(&active));
    }

    #[test]
    fn an_update_sets_and_adds() {
        let update = Update::default().set(STATUS, &Status::Inactif).add(SITES, &-3).add(EQUIPEMENTS, &1);
        let expected = item().with(STATUS, &Status::Inactif).with(SITES, &-1).with(EQUIPEMENTS, &1);
        assert_eq!(update.applied_to(item()), Some(expected));
        let mut text = Item::at(Key::layout());
        text.set_value(SITES.name(), AttributeValue::S("2".to_owned()));
        assert_eq!(Update::default().add(SITES, &1).applied_to(text), None);
    }

    #[test]
    fn two_updates_are_joined_unless_one_sets_what_the_other_adds_to() {
        let add = |sites: i64| Update::default().add(SITES, &sites);
        let rename = Update::default().set(STATUS, &Status::Inactif);
        assert_eq!(add(2).and_then(&add(-3)), Some(add(-1)));
        let both = add(1).add(EQUIPEMENTS, &1);
        assert_eq!(add(2).and_then(&both), Some(add(3).add(EQUIPEMENTS, &1)));
        assert_eq!(rename.and_then(&add(1)), Some(rename.clone().add(SITES, &1)));
        let later = Update::default().set(STATUS, &Status::Actif);
        assert_eq!(rename.and_then(&later), Some(later));
        let set = Update::default().set(SITES, &4);
        assert_eq!((add(1).and_then(&set), set.and_then(&add(1))), (None, None));
    }
}
