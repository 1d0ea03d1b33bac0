use serde_json::{Value, json};

use super::Field;
use super::integer::integer;
use crate::models::{Code, response_schema};
use crate::validation::{Json, Violation};

/// Strings of digits, whole floats and booleans are read as pydantic reads them. The schema leaves them out:
/// generated clients cannot send a union of types.
impl Field for Code {
    fn coerce(value: &Json) -> Result<Self, Violation> {
        integer([i64::MIN, i64::MAX], value).map(Code::from)
    }

    fn schema() -> Value {
        json!({ "type": "integer", "format": "int64", "minimum": i64::MIN, "maximum": i64::MAX })
    }
}

response_schema!(Code, { "type": "integer", "format": "int64" });
