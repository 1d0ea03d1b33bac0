//! Checks of parc's claims that take longer than the tests: `docs/proof.md`.

pub mod endurance;
pub mod fuzz;
pub mod mutants;
pub mod simulation;
pub mod worst;
