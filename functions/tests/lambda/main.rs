//! The deployed binaries, over the Lambda Runtime API, on an embedded DynamoDB emulator.

#![allow(clippy::expect_used, clippy::panic, reason = "a panic fails the test")]

mod callers;
mod documentation;
mod events;
mod faults;
mod recordings;
mod schedule;
mod start;
mod support;
mod template;
mod wiring;
