use serde_json::{Value, json};

use super::{Json, Violation, coerce};
use crate::models::{Code, EntityId, Folded, MAX_CHARS, Nom, OptionalText, Pagination, Status};

/// Type of a field of a body or a parameter of a query string.
pub trait Field: Sized {
    /// Reads a value.
    ///
    /// # Errors
    /// Returns the violation, in pydantic's words.
    fn coerce(value: &Json) -> Result<Self, Violation>;

    /// Returns the JSON Schema of the accepted values.
    #[must_use]
    fn schema() -> Value;

    /// Returns the JSON Schema of a parameter of a query string. Parameters are always text; the schema is
    /// that of the value in the text.
    #[must_use]
    fn parameter_schema() -> Value {
        Self::schema()
    }
}

/// Unicode's white space, which is trimmed, for a character class of a regular expression. Spelled out,
/// because the engines of regular expressions disagree about `\s`.
const BLANK: &str = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";

impl Field for Nom {
    fn coerce(value: &Json) -> Result<Self, Violation> {
        coerce::nom(value)
    }

    fn schema() -> Value {
        json!({ "type": "string", "minLength": 1, "maxLength": MAX_CHARS, "pattern": format!("[^{BLANK}]") })
    }
}

impl Field for OptionalText {
    fn coerce(value: &Json) -> Result<Self, Violation> {
        coerce::texte(value)
    }

    fn schema() -> Value {
        json!({ "type": ["string", "null"], "maxLength": MAX_CHARS })
    }
}

impl Field for Code {
    fn coerce(value: &Json) -> Result<Self, Violation> {
        coerce::code(value)
    }

    fn schema() -> Value {
        // So many digits always fit into 64 bits; the longer numbers that fit are accepted as well.
        let digits = format!(r"^[{BLANK}]*[-+]?[0-9](_?[0-9]){{0,17}}(\.0+)?[{BLANK}]*$");
        json!({ "anyOf": [Self::parameter_schema(), { "type": "string", "pattern": digits }, { "type": "boolean" }] })
    }

    fn parameter_schema() -> Value {
        json!({ "type": "integer", "format": "int64", "minimum": i64::MIN, "maximum": i64::MAX })
    }
}

impl Field for Status {
    fn coerce(value: &Json) -> Result<Self, Violation> {
        coerce::status(value)
    }

    fn schema() -> Value {
        json!({ "type": "string", "enum": Self::ALL.map(Self::name) })
    }
}

impl<T: EntityId> Field for T {
    fn coerce(value: &Json) -> Result<Self, Violation> {
        coerce::uuid(value)
    }

    fn schema() -> Value {
        json!({ "type": "string", "format": "uuid" })
    }
}

/// Maximum length of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(pub u16);

impl Field for Limit {
    fn coerce(value: &Json) -> Result<Self, Violation> {
        coerce::limit(value).map(Self)
    }

    fn schema() -> Value {
        json!({ "type": "integer", "minimum": 1, "maximum": Pagination::MAX_LIMIT })
    }
}

/// Start of a nom, folded for searches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix(pub Folded);

impl Field for Prefix {
    fn coerce(value: &Json) -> Result<Self, Violation> {
        coerce::prefix(value).map(Self)
    }

    fn schema() -> Value {
        json!({ "type": "string", "maxLength": MAX_CHARS })
    }
}

/// Text of a cursor, which the list verifies later.
impl Field for String {
    fn coerce(value: &Json) -> Result<Self, Violation> {
        coerce::text(value).map(str::to_owned)
    }

    fn schema() -> Value {
        json!({ "type": "string" })
    }
}
