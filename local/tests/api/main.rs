//! The API behind one port, on the embedded emulator: what callers send and what they are answered.

#![allow(clippy::expect_used, clippy::panic, reason = "a test says what it expected by ending there")]

mod answers;
mod bodies;
mod callers;
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
mod lists;
mod process;
mod races;
mod retries;
mod sizes;
mod stopping;
mod support;
mod transport;
mod verify;
mod versions;
