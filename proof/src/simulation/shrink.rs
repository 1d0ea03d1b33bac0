//! Leaves out steps of a history until no single one can be left out without losing the violation.

use std::collections::BTreeSet;

use super::check::Violation;
use super::{Simulator, StepId};

/// A violation, and the steps that are not needed to show it.
#[derive(Debug)]
pub struct Shrunk {
    /// The violation that is left.
    pub violation: Violation,
    /// Steps that were left out.
    pub left_out: Vec<StepId>,
}

/// Leaves out as many steps as possible: first halves of those that are left, then ever smaller parts.
///
/// Returns `None` if the seed shows no violation.
#[must_use]
pub fn shrink(simulator: &mut Simulator, seed: u64) -> Option<Shrunk> {
    let mut violation_without =
        |left_out: &BTreeSet<StepId>| simulator.judge(seed, &left_out.iter().copied().collect::<Vec<_>>()).1.err();
    let mut left_out = BTreeSet::new();
    let mut violation = violation_without(&left_out)?;
    let mut kept = Simulator::steps(seed);
    let mut size = kept.len().div_ceil(2);
    loop {
        let mut is_smaller = false;
        for part in kept.clone().chunks(size) {
            let without: BTreeSet<_> = left_out.iter().chain(part).copied().collect();
            if let Some(found) = violation_without(&without) {
                (left_out, violation, is_smaller) = (without, found, true);
            }
        }
        kept.retain(|step| !left_out.contains(step));
        match size {
            1 if !is_smaller => return Some(Shrunk { violation, left_out: left_out.into_iter().collect() }),
            1 => {}
            _ => size = size.div_ceil(2),
        }
    }
}
