use serde_json::{Value, json};

use super::Field;
use super::text::{BLANK, invalid, text};
use crate::models::{MAX_CHARS, Nom, response_schema};
use crate::validation::{Json, Violation};

impl Field for Nom {
    fn coerce(value: &Json) -> Result<Self, Violation> {
        Nom::try_from(text(value)?.to_owned()).map_err(|why| invalid(why, value))
    }

    /// The pattern matches the whole text, because some generated clients compare it from the start.
    fn schema() -> Value {
        let pattern = format!(r"^[\s\S]*[^{BLANK}][\s\S]*$");
        json!({ "type": "string", "minLength": 1, "maxLength": MAX_CHARS, "pattern": pattern })
    }
}

response_schema!(Nom, { "type": "string", "minLength": 1, "maxLength": MAX_CHARS });
