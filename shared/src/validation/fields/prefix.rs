use serde_json::{Value, json};

use super::Field;
use super::text::{invalid, text};
use crate::models::{Folded, InvalidText, MAX_CHARS};
use crate::validation::{Json, Violation};

/// Start of a nom, folded for searches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::validation) struct Prefix(pub(in crate::validation) Folded);

impl Field for Prefix {
    fn coerce(value: &Json) -> Result<Self, Violation> {
        let prefix = text(value)?;
        if prefix.chars().count() > MAX_CHARS {
            Err(invalid(InvalidText::TooLong, value))
        } else {
            Ok(Self(Folded::of(prefix.trim_start())))
        }
    }

    fn schema() -> Value {
        json!({ "type": "string", "maxLength": MAX_CHARS })
    }
}
