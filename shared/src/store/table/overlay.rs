//! Planned writes: what a request reads is remembered, and what it writes is recorded instead of sent.

use std::collections::HashMap;
use std::mem::take;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::transact::Action;
use super::{Condition, MAX_BATCH, OnConditionFailed, Refusal, Table, TransactOp, TransactOutcome};
use crate::store::error::StoreError;
use crate::store::rows::{Item, Key};

/// Number of calls that read items ahead at the same time. Each needs a connection.
const CONCURRENT_READS: usize = 2;

/// The items that were read, as they are after the planned writes. Clones share them.
///
/// A [`Table`] under an overlay reads each item at most once, and decides transactions by itself, as DynamoDB would
/// if nobody else wrote.
#[derive(Debug, Clone, Default)]
pub(crate) struct Overlay(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    items: HashMap<Key, Option<Item>>,
    /// Items with planned writes, as they were before them.
    before: HashMap<Key, Option<Item>>,
    planned: PlannedWrites,
}

/// What was read and written since [`Overlay::take_planned`] was called last.
#[derive(Debug, Default)]
pub(crate) struct PlannedWrites {
    pub(crate) ops: Vec<TransactOp>,
    /// Keys of the items that were read or written; one may be repeated.
    pub(crate) keys: Vec<Key>,
}

impl Overlay {
    /// Reads items ahead, strongly consistent, as far as they are not known yet.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub(crate) async fn read_ahead(&self, table: &Table, keys: Vec<Key>) -> Result<(), StoreError> {
        let mut missing: Vec<_> = self.with(|state| {
            let is_unknown = |key: &Key| !state.items.contains_key(key);
            keys.into_iter().filter(is_unknown).collect()
        });
        missing.sort_unstable();
        missing.dedup();
        let reads: Vec<_> = missing.chunks(MAX_BATCH).map(|keys| table.batch_consistently(keys.to_vec())).collect();
        let found: Vec<_> = stream::iter(reads).buffer_unordered(CONCURRENT_READS).try_concat().await?;
        self.with(|state| {
            state.items.extend(missing.into_iter().map(|key| (key, None)));
            state.items.extend(found.into_iter().map(|item| (item.key(), Some(item))));
        });
        Ok(())
    }

    /// Returns what was planned since the last call.
    pub(crate) fn take_planned(&self) -> PlannedWrites {
        self.with(|state| take(&mut state.planned))
    }

    /// Forgets every item and every planned write.
    pub(crate) fn clear(&self) {
        self.with(|state| *state = State::default());
    }

    /// Returns an item, and reads it if it is not known yet.
    pub(super) async fn get(&self, table: &Table, key: Key) -> Result<Option<Item>, StoreError> {
        let known = self.with(|state| {
            state.planned.keys.push(key.clone());
            state.items.get(&key).cloned()
        });
        if let Some(known) = known {
            return Ok(known);
        }
        let item = table.read_item(key.clone()).await?;
        self.with(|state| state.items.insert(key, item.clone()));
        Ok(item)
    }

    /// Decides a transaction, and records it if it is not refused.
    pub(super) async fn transact(&self, table: &Table, ops: Vec<TransactOp>) -> Result<TransactOutcome, StoreError> {
        let mut after = Vec::with_capacity(ops.len());
        for op in &ops {
            let key = op.key();
            let before =
                if op.is_assumed_to_be_new() { self.known(&key) } else { self.get(table, key.clone()).await? };
            if op.condition.as_ref().is_some_and(|condition| !condition.holds(before.as_ref())) {
                let (on_failed, exists) = (op.on_failed, before.is_some());
                return Ok(TransactOutcome::Refused(Refusal { on_failed, key, exists, uncertain: false }));
            }
            after.push((key, op.action.applied_to(before)?));
        }
        self.with(|state| {
            state.planned.keys.extend(after.iter().map(|(key, _)| key.clone()));
            for (key, item) in after {
                let before = state.items.insert(key.clone(), item).flatten();
                state.before.entry(key).or_insert(before);
            }
            state.planned.ops.extend(ops);
        });
        Ok(TransactOutcome::Done)
    }

    /// Returns an item as it was before the planned writes, if it existed.
    pub(crate) fn before(&self, key: &Key) -> Option<Item> {
        self.with(|state| state.before.get(key).or_else(|| state.items.get(key)).cloned().flatten())
    }

    /// Returns an item that was read or written, if it exists.
    pub(crate) fn known(&self, key: &Key) -> Option<Item> {
        self.with(|state| state.items.get(key).cloned().flatten())
    }

    fn with<T>(&self, access: impl FnOnce(&mut State) -> T) -> T {
        access(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl TransactOp {
    /// Returns `true` if the item is replaced as a whole, and can exist only if somebody changed the table by hand:
    /// the plan need not read it.
    fn is_assumed_to_be_new(&self) -> bool {
        let replaces = matches!(self.action, Action::Put(_) | Action::Delete(_)) && self.condition.is_none();
        let inserts = matches!(self.action, Action::Put(_)) && self.condition == Some(Condition::Absent);
        replaces || (inserts && self.on_failed == OnConditionFailed::Corrupt)
    }

    /// Returns one write of an item that does what this one and then `next` do; `None` if DynamoDB cannot do both in
    /// one transaction. Both conditions must have held when `next` was planned.
    pub(crate) fn and_then(&self, next: &Self) -> Option<Self> {
        match (&self.action, &next.action) {
            (Action::Put(item), Action::Update(_, update)) => {
                Some(Self { action: Action::Put(update.applied_to(item.clone())?), ..self.clone() })
            }
            (Action::Put(_), Action::Put(item)) if next.condition.is_none() => {
                Some(Self { action: Action::Put(item.clone()), ..self.clone() })
            }
            (Action::Put(_), Action::Check(_)) => Some(self.clone()),
            (Action::Update(key, update), Action::Update(_, other)) => {
                self.joined_with(next, Action::Update(key.clone(), update.and_then(other)?))
            }
            (Action::Update(..), Action::Check(_)) => self.joined_with(next, self.action.clone()),
            (Action::Check(_), Action::Update(..) | Action::Check(_)) => self.joined_with(next, next.action.clone()),
            _ => None,
        }
    }

    /// Returns one write with the conditions of both; `None` if that of `next` depends on what this one changes.
    fn joined_with(&self, next: &Self, action: Action) -> Option<Self> {
        let changes = |name: &str| matches!(&self.action, Action::Update(_, update) if update.changes_attribute(name));
        if next.condition.as_ref().is_some_and(|condition| condition.attributes().into_iter().any(changes)) {
            return None;
        }
        let (condition, on_failed) = match (self.condition.clone(), next.condition.clone()) {
            (Some(mine), Some(other)) if mine.includes(&other) => (Some(mine), self.on_failed),
            // DynamoDB does not report which of them failed.
            (Some(mine), Some(other)) if self.on_failed != next.on_failed => {
                (Some(mine.and(other)), OnConditionFailed::Stale)
            }
            (Some(mine), Some(other)) => (Some(mine.and(other)), self.on_failed),
            (Some(mine), None) => (Some(mine), self.on_failed),
            (None, other) => (other, next.on_failed),
        };
        Some(Self { action, condition, on_failed })
    }
}

impl Action {
    fn applied_to(&self, before: Option<Item>) -> Result<Option<Item>, StoreError> {
        match self {
            Self::Put(item) => Ok(Some(item.clone())),
            Self::Update(key, update) => {
                let item = before.unwrap_or_else(|| Item::at(key.clone()));
                let after = update.applied_to(item);
                let corrupt =
                    || StoreError::Corrupt(format!("item {key}: an attribute is not the number that parc writes"));
                after.map(Some).ok_or_else(corrupt)
            }
            Self::Delete(_) => Ok(None),
            Self::Check(_) => Ok(before),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{Kind, Status};
    use crate::store::rows::STATUS;
    use crate::store::table::Update;

    #[test]
    fn a_failed_joint_condition_means_that_an_item_changed() {
        let key = Key::layout();
        let update = |condition, on_failed| TransactOp::update(key.clone(), Update::default(), condition, on_failed);
        let exists = update(Condition::Exists, OnConditionFailed::Corrupt);
        let active = update(STATUS.is(&Status::Actif), OnConditionFailed::Inactive(Kind::Client));
        let on_failed = |one: &TransactOp, next: &TransactOp| one.and_then(next).expect("one write").on_failed;
        assert_eq!(on_failed(&exists, &active), OnConditionFailed::Stale);
        let check =
            TransactOp::check(key.clone(), STATUS.is(&Status::Actif), OnConditionFailed::Inactive(Kind::Client));
        assert_eq!(on_failed(&exists, &check), OnConditionFailed::Stale);
        // An active item exists: the second condition adds nothing.
        assert_eq!(on_failed(&active, &exists), active.on_failed);
    }
}
