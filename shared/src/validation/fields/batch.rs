//! Fields of an operation of a batch.

use serde_json::{Value, json};

use super::Field;
use super::choice::choice;
use super::text::{text, too_long, too_short};
use crate::models::{Action, EntityId, Kind};
use crate::validation::{Json, Violation};

/// Maximum length of a `ref`, in characters.
const MAX_REFERENCE: usize = 64;

impl Field for Action {
    fn coerce(value: &Json) -> Result<Self, Violation> {
        choice(Self::ALL, Self::name, "'register', 'update', 'deactivate' or 'reactivate'", value)
    }

    fn schema() -> Value {
        json!({ "type": "string", "enum": Self::ALL.map(Self::name) })
    }
}

impl Field for Kind {
    fn coerce(value: &Json) -> Result<Self, Violation> {
        choice(Self::ALL, Self::name, "'client', 'site' or 'equipement'", value)
    }

    fn schema() -> Value {
        json!({ "type": "string", "enum": Self::ALL.map(Self::name) })
    }
}

/// Name of an operation of a batch; null is none.
#[derive(Debug)]
pub(in crate::validation) struct Reference(pub(in crate::validation) Option<String>);

impl Field for Reference {
    fn coerce(value: &Json) -> Result<Self, Violation> {
        let Some(name) = text_or_null(value)? else { return Ok(Self(None)) };
        match name.chars().count() {
            0 => Err(too_short(value)),
            1..=MAX_REFERENCE => Ok(Self(Some(name))),
            _ => Err(too_long(MAX_REFERENCE, value)),
        }
    }

    fn schema() -> Value {
        json!({ "type": ["string", "null"], "minLength": 1, "maxLength": MAX_REFERENCE })
    }
}

/// Entity tags, like those of the header `If-Match`; null is none.
#[derive(Debug)]
pub(in crate::validation) struct IfMatch(pub(in crate::validation) Option<String>);

impl Field for IfMatch {
    fn coerce(value: &Json) -> Result<Self, Violation> {
        text_or_null(value).map(Self)
    }

    fn schema() -> Value {
        json!({ "type": ["string", "null"] })
    }
}

/// An identifier that is in the path of the route: any form that Python's `uuid.UUID` accepts. Any other text names an
/// unknown entity.
#[derive(Debug)]
pub(in crate::validation) struct IdInPath<T>(pub(in crate::validation) T);

impl<T: EntityId> Field for IdInPath<T> {
    fn coerce(value: &Json) -> Result<Self, Violation> {
        let Json::Text(text) = value else { return T::coerce(value).map(Self) };
        Ok(Self(T::in_path(text)))
    }

    fn schema() -> Value {
        T::schema()
    }
}

fn text_or_null(value: &Json) -> Result<Option<String>, Violation> {
    if *value == Json::Null { Ok(None) } else { text(value).map(|text| Some(text.to_owned())) }
}
