use std::collections::HashMap;

use super::TransactOp;
use crate::store::rows::Key;

/// Writes of several decisions, joined into one transaction, in which each item is written once.
#[derive(Debug, Default)]
pub(crate) struct JointWrites {
    ops: Vec<TransactOp>,
    /// Place of each item in `ops`.
    places: HashMap<Key, usize>,
}

impl JointWrites {
    /// Adds the writes of a decision that was made after those before it. Returns `false`, and adds nothing, if more than
    /// `max_items` would be written, or an item in a way that DynamoDB cannot join with what is done to it already.
    #[must_use]
    pub(crate) fn add(&mut self, ops: &[TransactOp], max_items: usize) -> bool {
        let mut joined = Vec::new();
        let mut new = Vec::new();
        for op in ops {
            match self.places.get(&op.key()) {
                Some(place) => match self.ops[*place].and_then(op) {
                    Some(both) => joined.push((*place, both)),
                    None => return false,
                },
                None => new.push(op.clone()),
            }
        }
        if self.ops.len() + new.len() > max_items {
            return false;
        }
        for (place, both) in joined {
            self.ops[place] = both;
        }
        for op in new {
            self.places.insert(op.key(), self.ops.len());
            self.ops.push(op);
        }
        true
    }

    /// Returns the writes of the transaction.
    pub(crate) fn into_ops(self) -> Vec<TransactOp> {
        self.ops
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::Code;
    use crate::store::table::{Condition, OnConditionFailed};

    fn delete(code: i64) -> TransactOp {
        TransactOp::delete(Key::code(Code::from(code)), Condition::Exists, OnConditionFailed::Stale)
    }

    #[test]
    fn as_many_items_are_written_as_fit() {
        let mut writes = JointWrites::default();
        assert!(writes.add(&[delete(1), delete(2)], 3));
        assert!(!writes.add(&[delete(3), delete(4)], 3));
        assert!(writes.add(&[delete(5)], 3));
        assert!(!writes.add(&[delete(6)], 3));
        assert_eq!(writes.into_ops(), [delete(1), delete(2), delete(5)]);
    }
}
