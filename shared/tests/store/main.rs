//! The store on a real engine.

#![allow(clippy::expect_used, clippy::panic, reason = "a test says what it expected by ending there")]

mod answers;
mod clients;
mod equipements;
mod ledger;
mod names;
mod sites;
mod support;
mod table;
