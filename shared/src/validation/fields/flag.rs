use serde_json::{Value, json};

use super::Field;
use crate::validation::{Json, Violation};

const TRUE: [&str; 6] = ["1", "on", "t", "true", "y", "yes"];
const FALSE: [&str; 6] = ["0", "off", "f", "false", "n", "no"];

/// A flag of a query string.
impl Field for bool {
    fn coerce(value: &Json) -> Result<Self, Violation> {
        let text = if let Json::Text(text) = value { text.to_ascii_lowercase() } else { String::new() };
        match text.as_str() {
            text if TRUE.contains(&text) => Ok(true),
            text if FALSE.contains(&text) => Ok(false),
            _ => {
                let message = "Input should be a valid boolean, unable to interpret input";
                Err(Violation::new("bool_parsing", message, value))
            }
        }
    }

    fn schema() -> Value {
        json!({ "type": "boolean" })
    }
}
