//! An item as one line of JSON, which reads back as an equal item.
//!
//! `PK` and `SK` come first, and the other attributes in the order of their names. Texts, integers, booleans, nulls,
//! lists and maps are plain JSON. A binary value is `{"$hex": "…"}`. parc writes no other values, and an item with
//! another one has no line: a set, a fraction, an integer of more than 64 bits, a map with the only member `$hex`.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Number, Value};
use thiserror::Error;

use super::{Item, Key, PARTITION, SORT};

/// The only member of the object that stands for a binary value.
const HEX: &str = "$hex";

/// An item that has no line.
#[derive(Debug, Error)]
#[error("item {key}: attribute {attribute} has a value that a line of JSON cannot hold, and that parc never writes")]
pub(crate) struct NoLine {
    key: Key,
    attribute: String,
}

/// A line that is not one of an item.
#[derive(Debug, Error)]
pub enum InvalidLine {
    /// The line is not JSON.
    #[error("is not JSON: {0}")]
    NotJson(String),
    /// The line is JSON, but not an object.
    #[error("is not a JSON object")]
    NotAnObject,
    /// The text `PK` or `SK` is missing or empty.
    #[error("has no {0}, or it is not a text")]
    NoKey(&'static str),
    /// An attribute has a value that no item has.
    #[error("has an attribute {0} that no exported item has: a fraction, a large number, or an invalid {HEX}")]
    NoValue(String),
    /// The line differs from the one of its item, for example in its spaces or the order of its members.
    #[error("is not written as an export writes it")]
    NotCanonical,
}

impl Item {
    /// Returns the item as a line, without a line break.
    ///
    /// # Errors
    /// Returns [`NoLine`] if reading the line would not return an equal item.
    pub(crate) fn to_line(&self) -> Result<String, NoLine> {
        let mut attributes: Vec<_> = self.attributes().iter().collect();
        let is_other = |name: &str| name != PARTITION.name() && name != SORT.name();
        attributes.sort_unstable_by_key(|(name, _)| (is_other(name), *name));
        let mut members = Map::new();
        for (name, value) in attributes {
            let json = to_json(value).ok_or_else(|| self.without_line(name))?;
            members.insert(name.clone(), json);
        }
        let line = Value::Object(members).to_string();
        match parse(&line) {
            Ok(read) if read == *self => Ok(line),
            Ok(read) => {
                let changes = read.changes_to(self);
                Err(self.without_line(changes.first().map_or(PARTITION.name(), |(name, _)| name)))
            }
            Err(InvalidLine::NoValue(name)) => Err(self.without_line(&name)),
            Err(InvalidLine::NoKey(name)) => Err(self.without_line(name)),
            Err(InvalidLine::NotJson(_) | InvalidLine::NotAnObject | InvalidLine::NotCanonical) => {
                Err(self.without_line(PARTITION.name()))
            }
        }
    }

    /// Reads the item of a line.
    ///
    /// # Errors
    /// Returns [`InvalidLine`] if the line is not exactly the one of an item.
    pub(crate) fn from_line(line: &str) -> Result<Self, InvalidLine> {
        let item = parse(line)?;
        if item.to_line().is_ok_and(|canonical| canonical == line) { Ok(item) } else { Err(InvalidLine::NotCanonical) }
    }

    fn without_line(&self, attribute: &str) -> NoLine {
        NoLine { key: self.key(), attribute: attribute.to_owned() }
    }
}

fn parse(line: &str) -> Result<Item, InvalidLine> {
    let json = serde_json::from_str(line).map_err(|error| {
        // The line is the whole text.
        InvalidLine::NotJson(error.to_string().replace(" at line 1 column", " at column"))
    })?;
    let Value::Object(members) = json else { return Err(InvalidLine::NotAnObject) };
    for name in [PARTITION.name(), SORT.name()] {
        if members.get(name).and_then(Value::as_str).is_none_or(str::is_empty) {
            return Err(InvalidLine::NoKey(name));
        }
    }
    let attribute = |(name, json)| match to_value(json) {
        Some(value) => Ok((name, value)),
        None => Err(InvalidLine::NoValue(name)),
    };
    members.into_iter().map(attribute).collect::<Result<HashMap<_, _>, _>>().map(Item::from)
}

/// Returns the JSON of a value; `None` if there is none.
#[expect(clippy::wildcard_enum_match_arm, reason = "the SDK's last variant is private")]
fn to_json(value: &AttributeValue) -> Option<Value> {
    match value {
        AttributeValue::S(text) => Some(Value::from(text.as_str())),
        AttributeValue::N(digits) => integer(digits).map(Value::Number),
        AttributeValue::B(bytes) => Some(Value::Object(Map::from_iter([(HEX.to_owned(), hex(bytes.as_ref()).into())]))),
        AttributeValue::Bool(value) => Some(Value::Bool(*value)),
        AttributeValue::Null(true) => Some(Value::Null),
        AttributeValue::L(values) => values.iter().map(to_json).collect::<Option<_>>().map(Value::Array),
        AttributeValue::M(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            let member = |(name, value): (&String, _)| Some((name.clone(), to_json(value)?));
            members.into_iter().map(member).collect::<Option<_>>().map(Value::Object)
        }
        _ => None,
    }
}

/// Returns the value of a JSON value; `None` if there is none.
fn to_value(json: Value) -> Option<AttributeValue> {
    Some(match json {
        Value::String(text) => AttributeValue::S(text),
        Value::Number(number) => AttributeValue::N(integer(&number.to_string())?.to_string()),
        Value::Bool(value) => AttributeValue::Bool(value),
        Value::Null => AttributeValue::Null(true),
        Value::Array(values) => AttributeValue::L(values.into_iter().map(to_value).collect::<Option<_>>()?),
        Value::Object(members) => match members.get(HEX) {
            Some(digits) if members.len() == 1 => AttributeValue::B(Blob::new(bytes(digits.as_str()?)?)),
            Some(_) | None => {
                let member = |(name, json)| Some((name, to_value(json)?));
                AttributeValue::M(members.into_iter().map(member).collect::<Option<_>>()?)
            }
        },
    })
}

/// Returns an integer of 64 bits, signed or not, if its digits are written in the only usual way.
fn integer(digits: &str) -> Option<Number> {
    let number = match digits.parse::<i64>() {
        Ok(number) => Number::from(number),
        Err(_) => Number::from(digits.parse::<u64>().ok()?),
    };
    (number.to_string() == digits).then_some(number)
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// Returns the bytes of hexadecimal digits.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let digits: Vec<_> = digits.chars().map(|digit| digit.to_digit(16)).collect::<Option<_>>()?;
    let byte = |pair: &[u32]| match *pair {
        [high, low] => u8::try_from(high << 4 | low).ok(),
        _ => None,
    };
    digits.chunks(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item<const N: usize>(attributes: [(&str, AttributeValue); N]) -> Item {
        let attributes = HashMap::from(attributes.map(|(name, value)| (name.to_owned(), value)));
        let key = Item::at(Key { partition: "CLIENT#1".to_owned(), sort: "CLIENT".to_owned() });
        Item::from(key.into_attributes().into_iter().chain(attributes).collect::<HashMap<_, _>>())
    }

    fn text(text: &str) -> AttributeValue {
        AttributeValue::S(text.to_owned())
    }

    fn number(digits: &str) -> AttributeValue {
        AttributeValue::N(digits.to_owned())
    }

    fn map<const N: usize>(members: [(&str, AttributeValue); N]) -> AttributeValue {
        AttributeValue::M(HashMap::from(members.map(|(name, value)| (name.to_owned(), value))))
    }

    #[test]
    fn an_item_is_one_line_in_a_fixed_order() {
        let item = item([
            ("nom", text("Été\n🥐 \u{2028}\0\"")),
            ("GSI1PK", text("CLIENT#0")),
            ("history", AttributeValue::B(Blob::new([0, 0x0f, 0xff]))),
            ("fields", map([("b", AttributeValue::Bool(true)), ("a", AttributeValue::Null(true)), ("é", number("7"))])),
            ("code", number("-9223372036854775808")),
        ]);
        let line = "{\"PK\":\"CLIENT#1\",\"SK\":\"CLIENT\",\"GSI1PK\":\"CLIENT#0\",\"code\":-9223372036854775808,\
                    \"fields\":{\"a\":null,\"b\":true,\"é\":7},\"history\":{\"$hex\":\"000fff\"},\
                    \"nom\":\"Été\\n🥐 \u{2028}\\u0000\\\"\"}";
        assert_eq!(item.to_line().expect("a line"), line);
        assert_eq!(Item::from_line(line).expect("an item"), item);
    }

    #[test]
    fn each_type_of_value_is_read_back_or_refused() {
        let bytes = || AttributeValue::B(Blob::new("é"));
        let same = [
            text(""),
            text("\u{1f9d1}\u{200d}\u{1f33e}"),
            number("0"),
            number("18446744073709551615"),
            number("-1"),
            AttributeValue::B(Blob::new("")),
            bytes(),
            AttributeValue::Bool(false),
            AttributeValue::Null(true),
            AttributeValue::L(vec![]),
            AttributeValue::L(vec![bytes(), number("1"), map([])]),
            map([]),
            map([("$hex", text("00")), ("x", bytes())]),
            map([("$hex ", text("00"))]),
        ];
        for value in same {
            let item = item([("x", value)]);
            let line = item.to_line().expect("a line");
            assert_eq!(Item::from_line(&line).expect("an item"), item, "{line}");
        }
        let refused = [
            number("1.5"),
            number("1.0"),
            number("-0"),
            number("007"),
            number("1E+2"),
            number("18446744073709551616"),
            number("-9223372036854775809"),
            AttributeValue::Null(false),
            AttributeValue::Ss(vec!["a".to_owned()]),
            AttributeValue::Ns(vec!["1".to_owned()]),
            AttributeValue::Bs(vec![Blob::new("a")]),
            AttributeValue::L(vec![number("0.1")]),
            map([("a", AttributeValue::Ss(vec![]))]),
            map([("$hex", text("00"))]),
            map([("$hex", text("zz"))]),
            map([("$hex", number("1"))]),
        ];
        for value in refused {
            let error = item([("x", value.clone())]).to_line().expect_err("a refusal");
            assert!(
                error.to_string().starts_with("item CLIENT#1 CLIENT: attribute x has a value"),
                "{value:?}: {error}"
            );
        }
    }

    #[test]
    fn lines_that_no_item_has_are_refused() {
        let refused = |line: &str| Item::from_line(line).expect_err(line).to_string();
        let with = |members: &str| refused(&format!(r#"{{"PK":"A","SK":"B"{members}}}"#));
        assert_eq!(refused("{"), "is not JSON: EOF while parsing an object at column 1");
        assert_eq!(refused("[]"), "is not a JSON object");
        assert_eq!(refused(r#"{"SK":"B"}"#), "has no PK, or it is not a text");
        assert_eq!(refused(r#"{"PK":"A","SK":""}"#), "has no SK, or it is not a text");
        for value in ["1.5", "1e3", "1.0", "-0", "18446744073709551616", r#"{"$hex":"0"}"#, r#"{"$hex":1}"#] {
            let error = with(&format!(r#","x":{value}"#));
            assert!(error.starts_with("has an attribute x that no exported item has"), "{value}: {error}");
        }
        for members in [r#","b":1,"a":2"#, r#","a":1,"a":2"#, r#", "a":1"#, r#","a":{"$hex":"FF"}"#, r#","a":"\u0041""#]
        {
            assert_eq!(with(members), "is not written as an export writes it", "{members}");
        }
        assert_eq!(refused(r#"{"SK":"B","PK":"A"}"#), "is not written as an export writes it");
        assert!(Item::from_line(r#"{"PK":"A","SK":"B"}"#).is_ok());
    }
}
