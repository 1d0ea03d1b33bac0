//! Reads the caller's input into models, or reports every violation at once, in FastAPI's words.
//!
//! The callers parse the 422 bodies of the service that parc replaces, which were made by
//! Python's `json` and by [pydantic](https://docs.pydantic.dev/latest/errors/validation_errors/).
//! This module accepts, refuses and reports the same input in the same words.

mod batch;
mod client;
mod cursor;
mod decoder;
mod encoding;
mod equipement;
mod fields;
mod json;
mod list;
mod model;
mod site;
mod violation;

pub use batch::{Batch, BatchEntry, BatchParams};
pub use cursor::CursorKey;
pub use decoder::{Decoder, FieldSpec, Input, Invalid};
pub use fields::Field;
pub use json::{Json, JsonError};
pub use list::{ChildFilter, ClientFilter, ListFilter, ListParams, ListScope};
pub use model::Model;
pub use violation::{Violation, Violations};
