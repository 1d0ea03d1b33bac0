//! The simulation: a minute of histories, and histories that were tampered with.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

mod campaign;
mod tampering;
