//! The digest of a whole item, whatever its type.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Serialize, Serializer};

use super::Item;
use crate::store::digest::Digest;

impl Item {
    /// Returns the digest of every attribute, its type and its value.
    pub(crate) fn digest(&self) -> Digest {
        Digest::of(&sorted(self.attributes()))
    }
}

/// An attribute value with its type, as DynamoDB's JSON has both.
struct Typed<'a>(&'a AttributeValue);

impl Serialize for Typed<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the SDK's last variant is private")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            AttributeValue::S(text) => ("S", text).serialize(serializer),
            AttributeValue::N(number) => ("N", number).serialize(serializer),
            AttributeValue::B(bytes) => ("B", bytes.as_ref()).serialize(serializer),
            AttributeValue::Bool(value) => ("BOOL", value).serialize(serializer),
            AttributeValue::Null(value) => ("NULL", value).serialize(serializer),
            AttributeValue::M(members) => ("M", sorted(members)).serialize(serializer),
            AttributeValue::L(values) => ("L", values.iter().map(Typed).collect::<Vec<_>>()).serialize(serializer),
            // A set has no order.
            AttributeValue::Ss(texts) => ("SS", in_order(texts)).serialize(serializer),
            AttributeValue::Ns(numbers) => ("NS", in_order(numbers)).serialize(serializer),
            AttributeValue::Bs(set) => ("BS", in_order(set.iter().map(AsRef::<[u8]>::as_ref))).serialize(serializer),
            // A type that the SDK does not know cannot be written either: the copy fails there.
            _ => "unknown".serialize(serializer),
        }
    }
}

fn sorted(attributes: &HashMap<String, AttributeValue>) -> BTreeMap<&str, Typed<'_>> {
    attributes.iter().map(|(name, value)| (name.as_str(), Typed(value))).collect()
}

fn in_order<T: Ord>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_unstable();
    values
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::primitives::Blob;

    use super::*;

    fn item<const N: usize>(attributes: [(&str, AttributeValue); N]) -> Item {
        Item::from(HashMap::from(attributes.map(|(name, value)| (name.to_owned(), value))))
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn the_order_of_attributes_and_sets_does_not_matter() {
        let value = |text: &str| AttributeValue::S(text.to_owned());
        let member = |order: [&str; 2]| AttributeValue::M(order.map(|name| (name.to_owned(), value(name))).into());
        let one = item([("a", member(["x", "y"])), ("b", AttributeValue::Ss(texts(&["1", "2"])))]);
        let other = item([("b", AttributeValue::Ss(texts(&["2", "1"]))), ("a", member(["y", "x"]))]);
        assert_eq!(one.digest(), other.digest());
    }

    #[test]
    fn every_type_and_value_has_its_own_digest() {
        let one = || vec![AttributeValue::S("1".to_owned())];
        let values = [
            AttributeValue::S("1".to_owned()),
            AttributeValue::S("2".to_owned()),
            AttributeValue::N("1".to_owned()),
            AttributeValue::B(Blob::new("1")),
            AttributeValue::Bool(true),
            AttributeValue::Bool(false),
            AttributeValue::Null(true),
            AttributeValue::M(HashMap::new()),
            AttributeValue::L(Vec::new()),
            AttributeValue::L(one()),
            AttributeValue::L([one(), one()].concat()),
            AttributeValue::Ss(texts(&["1"])),
            AttributeValue::Ns(texts(&["1"])),
            AttributeValue::Bs(vec![Blob::new("1")]),
        ];
        let mut digests: Vec<_> = values.map(|value| item([("a", value)]).digest().to_string()).to_vec();
        let all = digests.len();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), all);
        assert!(!digests.contains(&item([("b", AttributeValue::S("1".to_owned()))]).digest().to_string()));
    }
}
