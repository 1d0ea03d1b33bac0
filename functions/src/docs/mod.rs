//! The documentation: the OpenAPI document, and the page that shows it.

mod document;
mod file;
mod french;
pub mod openapi;
pub mod page;
mod schemas;
mod words;

pub use document::{Access, document};

/// Written by `build.rs`.
mod files {
    use super::file::File;

    include!(concat!(env!("OUT_DIR"), "/files.rs"));
}
