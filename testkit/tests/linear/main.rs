//! The linearizability check, on histories of one entity that are known to be valid or invalid.

#![allow(clippy::expect_used, clippy::panic, reason = "a panic fails the test")]

mod accepted;
mod random;
mod refused;

use testkit::linear::entity::{Call, Entity, EntityModel, Fields, Operation, Reply};
use testkit::linear::{Outcome, Violation, check};

/// Returns an active entity.
fn entity(version: u64, nom: &str) -> Entity {
    Entity { version, fields: Fields::new(nom), active: true }
}

fn inactive(version: u64, nom: &str) -> Entity {
    Entity { active: false, ..entity(version, nom) }
}

fn written(version: u64, nom: &str) -> Reply {
    Reply::Written(entity(version, nom))
}

fn found(version: u64, nom: &str) -> Reply {
    Reply::Found(entity(version, nom))
}

fn register(nom: &str) -> Call {
    Call::Register(Fields::new(nom))
}

fn update(nom: &str, expected: Option<u64>) -> Call {
    Call::Update { fields: Fields::new(nom), expected }
}

fn set_status(active: bool) -> Call {
    Call::SetStatus { active, expected: None }
}

/// Returns a call that was sent and answered at these times.
fn answered([invoked, at]: [u64; 2], call: Call, reply: Reply) -> Operation {
    Operation { caller: 0, invoked, call, outcome: Outcome::Answered { at, reply } }
}

/// Returns a call without an answer.
fn unknown(invoked: u64, call: Call) -> Operation {
    Operation { caller: 0, invoked, call, outcome: Outcome::Unknown }
}

/// Returns a history that starts with the registration of "a", before time 2.
fn after_registration(operations: impl IntoIterator<Item = Operation>) -> Vec<Operation> {
    let registered = answered([0, 1], register("a"), written(1, "a"));
    std::iter::once(registered).chain(operations).collect()
}

/// Checks a history that starts with the registration of "a", before time 2.
fn check_after_registration(operations: impl IntoIterator<Item = Operation>) -> Result<Vec<usize>, Violation> {
    check::<EntityModel>(&after_registration(operations))
}
