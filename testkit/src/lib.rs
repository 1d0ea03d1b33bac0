//! Helpers that the tests of several packages share: a table on an embedded engine, a proxy that injects
//! faults between a store and its engine, short constructors of inputs, and a check that concurrent
//! histories are linearizable.

#![allow(clippy::expect_used, clippy::missing_panics_doc, clippy::panic, reason = "a panic in a helper fails the test")]

pub mod embedded;
mod event;
mod fault;
#[cfg(feature = "function")]
pub mod function;
pub mod inputs;
pub mod linear;
mod proxy;
pub mod raw;
mod table;
pub mod template;

/// Any error, for programs that only report it.
pub type AnyError = Box<dyn std::error::Error + Send + Sync>;

pub use event::{event, event_about};
pub use fault::{Fault, Gate};
pub use proxy::{Call, Proxy};
pub use table::{AMPLE_TIME, TestTable, all, connect, connect_to, fresh, store};
