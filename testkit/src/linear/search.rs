use std::collections::HashSet;

use super::{Model, OperationOf, Outcome, Violation};

/// Maximum number of operations in a history: a set of them is the bits of an integer.
pub const MAX_OPERATIONS: usize = 128;

/// A set of operations: bit `n` is the operation with index `n`.
type Set = u128;

/// A depth-first search for an order of a history.
struct Search<'a, M: Model> {
    history: &'a [OperationOf<M>],
    /// The operations that must take effect.
    answered: Set,
    /// Sets of operations in effect, each with a state after them, that were already tried.
    visited: HashSet<(Set, M::State)>,
    order: Vec<usize>,
    /// The order with the most answered operations so far.
    longest: Vec<usize>,
}

pub(super) fn search<M: Model>(history: &[OperationOf<M>]) -> Result<Vec<usize>, Violation> {
    let mut search = Search::<M>::new(history);
    if search.extend(0, &M::initial()) {
        return Ok(search.order);
    }
    let done = search.longest.iter().copied().fold(0, with);
    let next = search.candidates(done).filter(|index| search.answered & with(0, *index) != 0);
    let next: Vec<_> = next.collect();
    Err(Violation::new::<M>(history, search.longest, &next))
}

pub(super) fn visited_states<M: Model>(history: &[OperationOf<M>]) -> usize {
    let mut search = Search::<M>::new(history);
    search.extend(0, &M::initial());
    search.visited.len()
}

/// Adds an operation to a set.
fn with(set: Set, index: usize) -> Set {
    set | (1 << index)
}

impl<'a, M: Model> Search<'a, M> {
    fn new(history: &'a [OperationOf<M>]) -> Self {
        assert!(history.len() <= MAX_OPERATIONS, "a history of more than {MAX_OPERATIONS} operations");
        let answered = (0..history.len()).filter(|index| history[*index].outcome != Outcome::Unknown);
        let answered = answered.fold(0, with);
        Self { history, answered, visited: HashSet::new(), order: Vec::new(), longest: Vec::new() }
    }

    /// Extends the order until every answered operation is in it; returns `false` if that is impossible.
    fn extend(&mut self, done: Set, state: &M::State) -> bool {
        if self.answered & !done == 0 {
            return true;
        }
        let mut candidates: Vec<_> = self.candidates(done).collect();
        // Most operations with an unknown outcome need not take effect.
        candidates.sort_by_key(|index| self.answered & with(0, *index) == 0);
        for index in candidates {
            let operation = &self.history[index];
            let (after, expected) = M::apply(state, &operation.call);
            let possible = match &operation.outcome {
                Outcome::Answered { reply, .. } => *reply == expected,
                // Without an effect, its place in the order makes no difference.
                Outcome::Unknown => after != *state,
            };
            let done = with(done, index);
            if !possible || !self.visited.insert((done, after.clone())) {
                continue;
            }
            self.order.push(index);
            self.keep_longest();
            if self.extend(done, &after) {
                return true;
            }
            self.order.pop();
        }
        false
    }

    /// Returns the operations that may take effect next: those invoked before any remaining one was answered.
    fn candidates(&self, done: Set) -> impl Iterator<Item = usize> {
        let remaining = (0..self.history.len()).filter(move |index| done & with(0, *index) == 0);
        let answers = remaining.clone().filter_map(|index| match self.history[index].outcome {
            Outcome::Answered { at, .. } => Some(at),
            Outcome::Unknown => None,
        });
        let first_answer = answers.min().unwrap_or(u64::MAX);
        remaining.filter(move |index| self.history[*index].invoked <= first_answer)
    }

    fn keep_longest(&mut self) {
        let answered = |order: &[usize]| order.iter().filter(|index| self.answered & with(0, **index) != 0).count();
        if answered(&self.order) > answered(&self.longest) {
            self.longest.clone_from(&self.order);
        }
    }
}
