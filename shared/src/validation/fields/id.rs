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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_identifiers_are_explained_in_the_words_of_pydantic() {
        for (text, reason) in [
            ("", "invalid length: found 0"),
            ("{019A5A1E3C0870008000000000000001}", "invalid group count: expected 5, found 1"),
            // The version that pydantic uses looks at the last byte of each character: here the letter `a`.
            ("\u{661}", "invalid length: found 2"),
            ("019a5a1\u{a12d}-3c08-7000-8000-000000000001", "invalid group count: expected 5, found 6"),
        ] {
            let violation = ClientId::coerce(&Json::Text(text.to_owned())).expect_err(text);
            let violation = serde_json::to_value(&violation).expect("JSON");
            assert_eq!(violation["ctx"]["error"], reason, "{text}");
        }
    }
}
