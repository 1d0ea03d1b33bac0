//! Schemas of request bodies and failures.

use serde_json::{Map, Value, json};
use shared::validation::FieldSpec;

use super::french;
use super::words::{reference, title};

pub(super) fn body_schema(name: &str, fields: &[FieldSpec]) -> Value {
    let properties: Map<_, _> = fields.iter().map(|field| (field.name.to_owned(), field.schema.clone())).collect();
    let required: Vec<_> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    json!({ "title": name, "type": "object", "properties": properties, "required": required })
}

pub(super) fn failure_schemas() -> [(String, Value); 4] {
    let object = |name: &str, properties: Value, required: Value| {
        let schema = json!({ "title": name, "type": "object", "properties": properties, "required": required });
        (name.to_owned(), schema)
    };
    // openapi-generator makes an empty type of `anyOf`.
    let step = json!({ "oneOf": [{ "type": "string" }, { "type": "integer" }] });
    let violation = json!({
        "type": { "type": "string" },
        "loc": { "type": "array", "items": step },
        "msg": { "type": "string" },
        "input": {},
        "ctx": { "type": "object" },
    });
    let violations = json!({ "type": "array", "items": { "$ref": reference("ValidationError") } });
    [
        object("HTTPValidationError", json!({ "detail": violations }), json!(["detail"])),
        object("ValidationError", violation, json!(["type", "loc", "msg", "input"])),
        object("HTTPError", json!({ "detail": { "type": "string" } }), json!(["detail"])),
        object("GatewayError", json!({ "message": { "type": "string" } }), json!(["message"])),
    ]
}

/// Replaces the English descriptions of the code by French ones.
pub(super) fn in_french(schema: &str, described: &mut Value) {
    let Some(object) = described.as_object_mut() else { return };
    object.remove("$schema");
    object.remove("description");
    let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for (name, property) in properties {
        in_french(schema, property);
        if let Some(object) = property.as_object_mut() {
            object.insert("title".to_owned(), title(name).into());
            if let Some((description, example)) = french::property(schema, name) {
                object.insert("description".to_owned(), description.into());
                if !example.is_null() {
                    object.insert("examples".to_owned(), json!([example]));
                }
            }
        }
    }
}
