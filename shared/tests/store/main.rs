//! The store on an embedded DynamoDB emulator.

#![allow(clippy::expect_used, clippy::panic, reason = "a panic fails the test")]

mod answers;
mod clients;
mod connection;
mod equipements;
mod ledger;
mod names;
mod sites;
mod support;
mod table;
