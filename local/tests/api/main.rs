//! The API behind one port, over an embedded DynamoDB emulator: requests and their answers.

#![allow(clippy::expect_used, clippy::panic, reason = "a panic fails the test")]

mod adopt;
mod answers;
mod backup;
mod batch;
mod bodies;
mod callers;
mod changes;
mod compare;
mod copy;
mod cursors;
mod document;
mod editors;
mod effects;
mod entities;
mod faults;
mod gateway;
mod histories;
mod history;
mod late;
mod linear;
mod list_races;
mod lists;
mod old;
mod process;
mod races;
mod retries;
mod sizes;
mod stopping;
mod support;
mod transport;
mod verify;
mod versions;
