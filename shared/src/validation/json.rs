//! JSON as Python's `json.loads` reads it.
//!
//! `serde_json` cannot be used, because the old service accepted more: `NaN`, integers of any size, lone
//! surrogates and 960 levels of nesting; and a part of the body that no field reads must not fail the
//! request.

mod error;
mod number;
mod parse;
mod reader;

use std::collections::HashMap;
use std::fmt::{self, Write};

pub use error::JsonError;

/// A JSON value, with everything that a violation repeats.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer of any size: an optional minus sign and digits without leading zeros.
    Int(String),
    /// A number with a fraction or an exponent, `NaN` and the infinities included.
    Float(f64),
    /// A string.
    Text(String),
    /// A string with lone surrogates, which are replaced by U+FFFD.
    BrokenText(String),
    /// An array.
    Array(Vec<Json>),
    /// An object.
    Object(Object),
}

/// The members of a JSON object: a repeated key keeps its first position and its last value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Object {
    members: Vec<(String, Json)>,
    positions: HashMap<String, usize>,
}

impl Object {
    /// Returns the value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.positions.get(key).map(|index| &self.members[*index].1)
    }

    fn insert(&mut self, key: String, value: Json) {
        if let Some(index) = self.positions.get(&key) {
            self.members[*index].1 = value;
        } else {
            self.positions.insert(key.clone(), self.members.len());
            self.members.push((key, value));
        }
    }
}

impl FromIterator<(String, Json)> for Object {
    fn from_iter<I: IntoIterator<Item = (String, Json)>>(members: I) -> Self {
        let mut object = Self::default();
        members.into_iter().for_each(|(key, value)| object.insert(key, value));
        object
    }
}

impl Json {
    /// Returns the value of a key, if this is an object that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        if let Self::Object(object) = self { object.get(key) } else { None }
    }

    /// Reads a body.
    ///
    /// # Errors
    /// Returns [`JsonError::Syntax`] if it is text but not JSON, and [`JsonError::Unreadable`] if it is not
    /// text, is nested too deeply or holds an integer with too many digits.
    pub fn parse(body: &[u8]) -> Result<Self, JsonError> {
        let text = super::encoding::decode(body).ok_or(JsonError::Unreadable)?;
        parse::parse(&text)
    }
}

/// Writes compact JSON text, as FastAPI echoes a value.
///
/// `NaN` and the infinities, which JSON does not have, become `null`; FastAPI answers 500 there.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Int(digits) => f.write_str(digits),
            Self::Float(value) => number::write_float(*value, f),
            Self::Text(text) | Self::BrokenText(text) => write_text(text, f),
            Self::Array(items) => write_all(f, ['[', ']'], items, fmt::Display::fmt),
            Self::Object(object) => {
                // FastAPI's encoder leaves out the keys that SQLAlchemy puts on its models.
                let members = object.members.iter().filter(|(key, _)| !key.starts_with("_sa"));
                write_all(f, ['{', '}'], members, |(key, value), f| {
                    write_text(key, f)?;
                    write!(f, ":{value}")
                })
            }
        }
    }
}

fn write_all<T>(
    f: &mut fmt::Formatter<'_>,
    [open, close]: [char; 2],
    items: impl IntoIterator<Item = T>,
    write: impl Fn(T, &mut fmt::Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    f.write_char(open)?;
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            f.write_char(',')?;
        }
        write(item, f)?;
    }
    f.write_char(close)
}

fn write_text(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' => f.write_str("\\\""),
            '\\' => f.write_str("\\\\"),
            '\n' => f.write_str("\\n"),
            '\r' => f.write_str("\\r"),
            '\t' => f.write_str("\\t"),
            '\u{8}' => f.write_str("\\b"),
            '\u{c}' => f.write_str("\\f"),
            '\0'..'\u{20}' => write!(f, "\\u{:04x}", u32::from(character)),
            _ => f.write_char(character),
        }?;
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn echo(text: &str) -> String {
        Json::parse(text.as_bytes()).expect(text).to_string()
    }

    #[test]
    fn a_value_is_echoed_in_compact_form() {
        assert_eq!(echo(" { \"a\" : [ 1 , true, null,\"\\u00e9\\/\" ] } "), r#"{"a":[1,true,null,"é/"]}"#);
    }

    #[test]
    fn a_repeated_key_keeps_its_first_position_and_last_value() {
        assert_eq!(echo(r#"{"a":1,"b":2,"a":3}"#), r#"{"a":3,"b":2}"#);
    }

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(echo(r#""\u0000\u001f\n\"\\""#), r#""\u0000\u001f\n\"\\""#);
    }

    #[test]
    fn non_finite_numbers_are_echoed_as_null() {
        assert_eq!(echo("[NaN,-Infinity,1e400]"), "[null,null,null]");
    }

    #[test]
    fn keys_of_sqlalchemy_are_omitted() {
        assert_eq!(echo(r#"{"_sa":1,"x_sa":2}"#), r#"{"x_sa":2}"#);
    }
}
