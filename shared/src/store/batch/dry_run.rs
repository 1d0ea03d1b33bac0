use std::collections::HashSet;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::BatchAnswer;

/// Replaces by `null` what a run would make anew: identifiers of registered entities, and their instants of creation.
pub(super) fn without_new_ids(answer: BatchAnswer, new_ids: &HashSet<Uuid>) -> BatchAnswer {
    let BatchAnswer::Entity { version, body } = answer else { return answer };
    let Ok(mut entity) = serde_json::from_str::<Map<String, Value>>(&body) else {
        return BatchAnswer::Entity { version, body };
    };
    let is_new =
        |value: &Value| value.as_str().and_then(|text| text.parse().ok()).is_some_and(|id| new_ids.contains(&id));
    // The entity's own identifier comes first.
    let is_registered = entity.values().next().is_some_and(is_new);
    for (name, value) in &mut entity {
        let is_id = name.ends_with("_id");
        if (is_id && is_new(value)) || (is_registered && name == "timestamp") {
            *value = Value::Null;
        }
    }
    BatchAnswer::Entity { version, body: Value::Object(entity).to_string() }
}
