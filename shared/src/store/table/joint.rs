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
