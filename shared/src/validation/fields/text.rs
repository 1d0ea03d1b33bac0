use serde_json::{Value, json};

use super::Field;
use crate::models::{InvalidText, MAX_CHARS};
use crate::validation::{Json, Violation};

/// Unicode's white space, which is trimmed, for a character class of a regular expression. Spelled out,
/// because the engines of regular expressions disagree about `\s`.
pub(super) const BLANK: &str = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";

/// Any text, such as that of a cursor, which is verified later.
impl Field for String {
    fn coerce(value: &Json) -> Result<Self, Violation> {
        text(value).map(str::to_owned)
    }

    fn schema() -> Value {
        json!({ "type": "string" })
    }
}

pub(super) fn text(value: &Json) -> Result<&str, Violation> {
    match value {
        Json::Text(text) => Ok(text),
        Json::BrokenText(_) => Err(Violation::new(
            "string_unicode",
            "Input should be a valid string, unable to parse raw data as a unicode string",
            value,
        )),
        Json::Null | Json::Bool(_) | Json::Int(_) | Json::Float(_) | Json::Array(_) | Json::Object(_) => {
            Err(Violation::new("string_type", "Input should be a valid string", value))
        }
    }
}

pub(super) fn invalid(why: InvalidText, value: &Json) -> Violation {
    match why {
        InvalidText::Blank => too_short(value),
        InvalidText::TooLong => too_long(MAX_CHARS, value),
    }
}

pub(super) fn too_short(value: &Json) -> Violation {
    Violation::new("string_too_short", "String should have at least 1 character", value).ctx(json!({ "min_length": 1 }))
}

/// Returns the violation of a text with more than `max` characters.
pub(super) fn too_long(max: usize, value: &Json) -> Violation {
    Violation::new("string_too_long", format!("String should have at most {max} characters"), value)
        .ctx(json!({ "max_length": max }))
}
