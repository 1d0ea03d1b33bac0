use serde_json::{Value, json};

use super::Field;
use super::choice::choice;
use crate::models::{Status, response_schema};
use crate::validation::{Json, Violation};

impl Field for Status {
    fn coerce(value: &Json) -> Result<Self, Violation> {
        choice(Self::ALL, Self::name, "'actif' or 'inactif'", value)
    }

    fn schema() -> Value {
        json!({ "type": "string", "enum": Self::ALL.map(Self::name) })
    }
}

response_schema!(Status, { "type": "string", "enum": Self::ALL.map(Self::name) });
