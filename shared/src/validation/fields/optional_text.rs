use serde_json::{Value, json};

use super::Field;
use super::text::{invalid, text};
use crate::models::{MAX_CHARS, OptionalText, response_schema};
use crate::validation::{Json, Violation};

impl Field for OptionalText {
    fn coerce(value: &Json) -> Result<Self, Violation> {
        let text = if *value == Json::Null { None } else { Some(text(value)?.to_owned()) };
        OptionalText::try_from(text).map_err(|why| invalid(why, value))
    }

    fn schema() -> Value {
        json!({ "type": ["string", "null"], "maxLength": MAX_CHARS })
    }
}

response_schema!(OptionalText, { "type": ["string", "null"], "minLength": 1, "maxLength": MAX_CHARS });
