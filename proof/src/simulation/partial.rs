//! Partial answers of DynamoDB: pages of few items, and batches of which a part is unprocessed.

use serde_json::{Value, json};

/// Maximum number of items in a page.
const PAGE: u64 = 2;

/// Asks for less than a call does. Returns the changed call, and what stays unprocessed.
pub(super) fn reduced(operation: &str, body: &str) -> (String, Value) {
    let mut request: Value = serde_json::from_str(body).expect("a request of the SDK");
    let mut left = json!({});
    match operation {
        "Query" => {
            let limit = request["Limit"].as_u64().map_or(PAGE, |limit| limit.min(PAGE));
            request["Limit"] = limit.into();
        }
        "BatchGetItem" => {
            for (table, part) in request["RequestItems"].as_object_mut().into_iter().flatten() {
                let mut rest = part.clone();
                let keys = part["Keys"].as_array_mut().expect("keys");
                let kept = keys.len().div_ceil(2);
                rest["Keys"] = keys.split_off(kept).into();
                if rest["Keys"] != json!([]) {
                    left[table] = rest;
                }
            }
        }
        _ => {}
    }
    (request.to_string(), left)
}

/// Adds what stays unprocessed to an answer, and changes the order of its items, which DynamoDB does not promise.
pub(super) fn completed(operation: &str, body: String, left: Value) -> String {
    if operation != "BatchGetItem" {
        return body;
    }
    let mut answer: Value = serde_json::from_str(&body).expect("an answer of the engine");
    answer["UnprocessedKeys"] = left;
    for (_, items) in answer["Responses"].as_object_mut().into_iter().flatten() {
        items.as_array_mut().expect("items").reverse();
    }
    answer.to_string()
}
