//! Groups of operations whose writes fit into one transaction.

use std::collections::HashMap;
use std::mem;

use super::plan::Planned;
use crate::store::rows::Key;
use crate::store::table::JointWrites;

/// Limits of a group.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Maximum number of items that it writes. Each has less than 8 KB, so that 100 of them stay below the 4 MB of a
    /// transaction.
    pub(super) items: usize,
    /// Maximum number of operations that write.
    pub(super) operations: usize,
}

/// Operations in the order in which they were planned, and one transaction that carries them out.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) members: Vec<Planned>,
    pub(super) writes: JointWrites,
    /// Number of members that write.
    pub(super) writers: usize,
}

impl Group {
    /// Adds an operation. Returns it if it does not fit, or writes an item in a way that DynamoDB cannot join with what the
    /// group does to it.
    #[must_use]
    pub(super) fn add(&mut self, planned: Planned, limits: Limits) -> Option<Planned> {
        if !planned.writes() {
            self.members.push(planned);
            return None;
        }
        if self.writers == limits.operations || !self.writes.add(&planned.writes.ops, limits.items) {
            return Some(planned);
        }
        self.writers += 1;
        self.members.push(planned);
        None
    }
}

/// Divides operations into groups, to be committed in this order. Operations that touch the same item stay in their
/// order; others are put beside those that they share a parent with.
pub(super) fn groups(planned: Vec<Planned>, limits: Limits) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut last = Group::default();
    for planned in by_shared_items(planned) {
        if let Some(planned) = last.add(planned, limits) {
            groups.push(mem::take(&mut last));
            // One operation alone always fits: it writes at most eight items.
            let _ = last.add(planned, limits);
        }
    }
    groups.push(last);
    groups
}

/// Orders operations so that those that are connected by items that they touch follow each other.
fn by_shared_items(planned: Vec<Planned>) -> Vec<Planned> {
    let mut sets = Sets { first: (0..planned.len()).collect() };
    let mut touched_by: HashMap<&Key, usize> = HashMap::new();
    for (number, planned) in planned.iter().enumerate() {
        for key in &planned.writes.keys {
            let other = *touched_by.entry(key).or_insert(number);
            sets.join(other, number);
        }
    }
    let firsts: Vec<_> = (0..planned.len()).map(|number| sets.first_of(number)).collect();
    let mut ordered: Vec<_> = firsts.into_iter().zip(planned).collect();
    // A stable sort: the order inside each set is kept.
    ordered.sort_by_key(|(first, _)| *first);
    ordered.into_iter().map(|(_, planned)| planned).collect()
}

/// Disjoint sets of numbers.
struct Sets {
    /// A smaller number of the same set, or the number itself if it is the smallest.
    first: Vec<usize>,
}

impl Sets {
    /// Returns the smallest number of a set.
    fn first_of(&mut self, number: usize) -> usize {
        let mut at = number;
        while self.first[at] != at {
            self.first[at] = self.first[self.first[at]];
            at = self.first[at];
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.first_of(one), self.first_of(other));
        self.first[one.max(other)] = one.min(other);
    }
}
