use serde_json::{Value, json};

use super::Field;
use crate::models::{Status, response_schema};
use crate::validation::{Json, Violation};

impl Field for Status {
    fn coerce(value: &Json) -> Result<Self, Violation> {
        let named = |status: &Status| matches!(value, Json::Text(name) if name == status.name());
        Status::ALL.into_iter().find(named).ok_or_else(|| {
            Violation::new("literal_error", "Input should be 'actif' or 'inactif'", value)
                .ctx(json!({ "expected": "'actif' or 'inactif'" }))
        })
    }

    fn schema() -> Value {
        json!({ "type": "string", "enum": Self::ALL.map(Self::name) })
    }
}

response_schema!(Status, { "type": "string", "enum": Self::ALL.map(Self::name) });
