use serde_json::{Value, json};

use super::Field;
use super::integer::integer;
use crate::models::Pagination;
use crate::validation::{Json, Violation};

/// Maximum length of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::validation) struct Limit(pub(in crate::validation) u16);

impl Field for Limit {
    fn coerce(value: &Json) -> Result<Self, Violation> {
        let limit = integer([1, Pagination::MAX_LIMIT.into()], value)?;
        Ok(Self(u16::try_from(limit).unwrap_or(Pagination::MAX_LIMIT)))
    }

    fn schema() -> Value {
        json!({ "type": "integer", "minimum": 1, "maximum": Pagination::MAX_LIMIT })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_out_of_bounds_is_refused() {
        for (text, expected) in [
            ("1", Ok(1)),
            ("1000", Ok(1000)),
            ("0", Err("greater_than_equal")),
            ("1001", Err("less_than_equal")),
            ("-99999999999999999999", Err("greater_than_equal")),
            ("x", Err("int_parsing")),
        ] {
            let read = Limit::coerce(&Json::Text(text.to_owned())).map(|Limit(limit)| limit);
            let read = read.map_err(|violation| serde_json::to_value(&violation).expect("JSON")["type"].clone());
            assert_eq!(read, expected.map_err(Value::from), "{text}");
        }
    }
}
