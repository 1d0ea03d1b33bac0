//! The planted bugs.

mod answers;
mod batches;
mod reads;
mod writes;

use super::Mutant;

/// Returns every planted bug.
pub fn mutants() -> impl Iterator<Item = &'static Mutant> {
    [writes::MUTANTS, batches::MUTANTS, reads::MUTANTS, answers::MUTANTS].into_iter().flatten()
}
