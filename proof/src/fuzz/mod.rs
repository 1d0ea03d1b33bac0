//! Targets of the fuzzer in `proof/fuzz`. Each checks one input, and panics if a claim about it does not hold.

#![allow(clippy::missing_panics_doc, clippy::panic, clippy::expect_used, reason = "a panic reports a finding")]

mod api;
pub mod batch;
pub mod event;
pub mod json;
mod mutate;
pub mod query;

pub use mutate::mutate;

/// Checks one input.
pub type Check = fn(&[u8]);

/// Every target, by its name in `proof/fuzz`.
pub const TARGETS: [(&str, Check); 4] =
    [("batch", batch::check), ("event", event::check), ("json", json::check), ("query", query::check)];
