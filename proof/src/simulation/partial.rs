//! Partial answers of DynamoDB: pages of few items, and batches of which a part is unprocessed.

use serde_json::{Value, json};

use super::engine::Reply;

/// Maximum number of items in a page.
const PAGE: u64 = 2;

/// Which answers are partial.
#[derive(Debug, Clone, Copy)]
pub(super) struct Partial {
    /// Pages of queries have two items.
    pub(super) pages: bool,
    /// Half of the keys of a batch stay unprocessed, and its items come in another order.
    pub(super) batches: bool,
}

impl Partial {
    /// Carries out a read, of which the answer may be partial.
    pub(super) fn read(self, operation: &str, body: &str, read: impl FnOnce(&str) -> Reply) -> Reply {
        match operation {
            "Query" if self.pages => read(&with_small_page(body)),
            "BatchGetItem" if self.batches => {
                let (asked, left) = halved(body);
                let reply = read(&asked);
                if reply.status == 200 { Reply { body: completed(&reply.body, left), ..reply } } else { reply }
            }
            _ => read(body),
        }
    }
}

fn with_small_page(query: &str) -> String {
    let mut query: Value = serde_json::from_str(query).expect("a request of the SDK");
    query["Limit"] = query["Limit"].as_u64().map_or(PAGE, |limit| limit.min(PAGE)).into();
    query.to_string()
}

/// Returns a batch with half of the keys, and what stays unprocessed.
fn halved(batch: &str) -> (String, Value) {
    let mut batch: Value = serde_json::from_str(batch).expect("a request of the SDK");
    let mut left = json!({});
    for (table, part) in batch["RequestItems"].as_object_mut().into_iter().flatten() {
        let mut rest = part.clone();
        let keys = part["Keys"].as_array_mut().expect("keys");
        let kept = keys.len().div_ceil(2);
        rest["Keys"] = keys.split_off(kept).into();
        if rest["Keys"] != json!([]) {
            left[table] = rest;
        }
    }
    (batch.to_string(), left)
}

/// Adds what stays unprocessed to an answer, and reverses its items: DynamoDB promises no order.
fn completed(answer: &str, left: Value) -> String {
    let mut answer: Value = serde_json::from_str(answer).expect("an answer of the engine");
    answer["UnprocessedKeys"] = left;
    for (_, items) in answer["Responses"].as_object_mut().into_iter().flatten() {
        items.as_array_mut().expect("items").reverse();
    }
    answer.to_string()
}
