//! The binaries that are deployed, over the Lambda Runtime API, against a real engine.

#![allow(clippy::expect_used, clippy::panic, reason = "a test says what it expected by ending there")]

mod callers;
mod documentation;
mod events;
mod faults;
mod schedule;
mod start;
mod support;
mod template;
mod wiring;
