use serde_json::json;

use crate::validation::{Json, Violation};

/// Reads a value by its name. `expected` lists the names in the words of pydantic.
pub(super) fn choice<T: Copy, const N: usize>(
    all: [T; N],
    name: impl Fn(T) -> &'static str,
    expected: &str,
    value: &Json,
) -> Result<T, Violation> {
    let is_named = |one: &T| matches!(value, Json::Text(text) if text == name(*one));
    all.into_iter().find(is_named).ok_or_else(|| {
        Violation::new("literal_error", format!("Input should be {expected}"), value)
            .ctx(json!({ "expected": expected }))
    })
}
