use serde_json::{Value, json};
use uuid::Uuid;

use super::Field;
use crate::models::{ClientId, EntityId, EquipementId, SiteId, response_schema};
use crate::validation::{Json, Violation};

impl<T: EntityId> Field for T {
    fn coerce(value: &Json) -> Result<Self, Violation> {
        let Json::Text(text) = value else {
            return Err(Violation::new("uuid_type", "UUID input should be a string, bytes or UUID object", value));
        };
        Uuid::parse_str(text).map(T::from_uuid).map_err(|error| {
            Violation::new("uuid_parsing", format!("Input should be a valid UUID, {error}"), value)
                .ctx(json!({ "error": error.to_string() }))
        })
    }

    fn schema() -> Value {
        json!({ "type": "string", "format": "uuid" })
    }
}

response_schema!(ClientId, { "type": "string", "format": "uuid" });
response_schema!(SiteId, { "type": "string", "format": "uuid" });
response_schema!(EquipementId, { "type": "string", "format": "uuid" });
