//! One file per type of field: conversion in pydantic's lax mode, the words of its violations, and its JSON
//! Schemas in requests and responses.

mod batch;
mod choice;
mod code;
mod flag;
mod id;
mod integer;
mod limit;
mod nom;
mod optional_text;
mod prefix;
mod status;
mod text;

use serde_json::Value;

pub(super) use batch::{IdInPath, IfMatch, Reference};
pub(super) use limit::Limit;
pub(super) use prefix::Prefix;

use super::{Json, Violation};

/// Type of a field of a body or of a parameter of a query string.
pub trait Field: Sized {
    /// Reads a value.
    ///
    /// # Errors
    /// Returns the violation, in pydantic's words.
    fn coerce(value: &Json) -> Result<Self, Violation>;

    /// Returns the JSON Schema of the values that callers should send. [`Field::coerce`] accepts more, like the
    /// service that parc replaces.
    #[must_use]
    fn schema() -> Value;
}
