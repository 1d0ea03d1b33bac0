//! Schemas of request bodies and failures.

use std::mem::replace;

use serde_json::{Map, Value, json};
use shared::validation::FieldSpec;

use super::french;
use super::words::{reference, title};

/// Returns the schema of a request body, and those of the items of its lists, by name.
pub(super) fn body_schemas(name: &str, fields: &[FieldSpec]) -> Vec<(String, Value)> {
    let mut properties = Map::new();
    let mut named = Vec::new();
    for FieldSpec { name, schema, .. } in fields {
        let mut schema = schema.clone();
        named.extend(schema.get_mut("items").and_then(replace_by_reference));
        properties.insert((*name).to_owned(), schema);
    }
    let required: Vec<_> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let schema = json!({ "title": name, "type": "object", "properties": properties, "required": required });
    named.push((name.to_owned(), schema));
    named
}

/// Replaces a schema that has a title by a reference to it. Returns the schema, with its title as its name.
fn replace_by_reference(schema: &mut Value) -> Option<(String, Value)> {
    let name = schema["title"].as_str()?.to_owned();
    let reference = json!({ "$ref": reference(&name) });
    Some((name, replace(schema, reference)))
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
            // A reference has the title of its schema.
            if !object.contains_key("$ref") {
                object.insert("title".to_owned(), title(name).into());
            }
            if let Some((description, example)) = french::property(schema, name) {
                object.insert("description".to_owned(), description.into());
                if !example.is_null() {
                    object.insert("examples".to_owned(), json!([example]));
                }
            }
        }
    }
}
