//! What the API says of itself: its OpenAPI document, and the page to read and try it.

mod document;
mod file;
mod french;
pub mod openapi;
pub mod page;
mod schemas;
mod words;

pub use document::{Access, document};

/// What `build.rs` made.
mod files {
    use super::file::File;

    include!(concat!(env!("OUT_DIR"), "/files.rs"));
}
