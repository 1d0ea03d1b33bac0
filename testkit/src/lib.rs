//! Helpers that the tests of several packages share: a table on an embedded engine, a proxy that
//! makes faults between a store and its engine, short ways to write inputs, and a check that concurrent
//! histories are linearizable.

#![allow(clippy::expect_used, clippy::missing_panics_doc, reason = "a helper of tests panics where a test would fail")]

pub mod embedded;
mod fault;
pub mod inputs;
pub mod linear;
mod proxy;
pub mod raw;
mod table;
pub mod template;

pub use fault::{Fault, Gate};
pub use proxy::{Call, Proxy};
pub use table::{TestTable, all, connect, fresh};
