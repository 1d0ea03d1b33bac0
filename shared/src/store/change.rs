//! The one way to write.
//!
//! 1. **Read** what the decision needs.
//! 2. **Decide**, without calls: a [`Change`] of one entity, and the writes that go with it.
//! 3. **Write** all of it in one transaction, under the version that was read.
//! 4. If something changed since it was read, start again, until the deadline.

use std::future::{Future, ready};

use super::rows::{EntityRow, Item, VERSION};
use super::table::{Condition, OnConditionFailed, Refusal, TransactOp, TransactOutcome, Update};
use super::{Store, StoreError};

/// Refusals in a row that a fresh read does not explain, after which an item counts as corrupt.
const MAX_UNEXPLAINED_REFUSALS: u32 = 3;

/// A decided change of one entity.
#[derive(Debug, Clone)]
pub(crate) struct Change<R> {
    before: Option<R>,
    after: R,
    guard: Option<Condition>,
    writes: Vec<TransactOp>,
}

impl<R: EntityRow> Change<R> {
    /// Registers an entity.
    pub(crate) fn insert(after: R) -> Self {
        Self { before: None, after, guard: None, writes: Vec::new() }
    }

    /// Changes the fields of an entity. `after` keeps the version of `before`; the transaction writes
    /// the next one. Writes nothing if both are equal.
    pub(crate) fn update(before: &R, after: R) -> Self {
        Self { before: Some(before.clone()), after, guard: None, writes: Vec::new() }
    }

    /// Adds a condition on the entity, beside its version.
    pub(crate) fn only_if(self, guard: Condition) -> Self {
        Self { guard: Some(guard), ..self }
    }

    /// Adds writes of other items. The first failed condition is reported, starting with the entity's.
    pub(crate) fn with(mut self, writes: impl IntoIterator<Item = TransactOp>) -> Self {
        self.writes.extend(writes);
        self
    }

    /// Returns the row after the change, and the transaction (empty if nothing changes).
    fn into_transaction(self) -> (R, Vec<TransactOp>) {
        let Self { before, after, guard, writes } = self;
        let Some(before) = before else {
            let transaction = vec![TransactOp::insert(&after, OnConditionFailed::Corrupt)];
            return (after.clone(), [transaction, writes, copies(None, after.copy())].concat());
        };
        if before == after {
            return (after, Vec::new());
        }
        let seen = VERSION.is(&before.version());
        let seen = guard.into_iter().fold(seen, Condition::and);
        let after = after.with_version(before.version() + 1);
        let (old, new) = (before.to_item(), after.to_item());
        let update = Update::changes(&old, &new);
        let update = TransactOp::update(new.key(), update, seen, OnConditionFailed::Stale);
        let copies = copies(before.copy(), after.copy());
        (after, [vec![update], writes, copies].concat())
    }
}

/// Returns the writes that move or replace the copy. The entity's version condition protects them.
fn copies(before: Option<Item>, after: Option<Item>) -> Vec<TransactOp> {
    let old = before.map(|item| item.key()).filter(|key| after.as_ref().is_none_or(|after| after.key() != *key));
    old.map(TransactOp::remove).into_iter().chain(after.map(TransactOp::replace)).collect()
}

/// Reads, decides and writes; starts again if something changed in between.
///
/// # Errors
/// Returns the errors of `read`; [`StoreError::Unknown`], [`StoreError::Inactive`] and
/// [`StoreError::CodeTaken`] if the transaction is refused for that reason; [`StoreError::Corrupt`] if it
/// is refused though nothing changes; [`StoreError::Unavailable`] at the deadline.
pub(crate) async fn apply<S, R, F>(
    store: &Store,
    read: impl Fn(Attempt) -> F,
    decide: impl Fn(&S) -> Change<R>,
) -> Result<R::Entity, StoreError>
where
    S: PartialEq,
    R: EntityRow,
    F: Future<Output = Result<S, StoreError>>,
{
    let mut backoff = store.table.backoff();
    let (mut attempt, mut refused, mut unexplained) = (Attempt::First, None, 0);
    let mut uncertain = false;
    loop {
        let seen = read(attempt).await?;
        let (after, transaction) = decide(&seen).into_transaction();
        if transaction.is_empty() {
            return Ok(after.into_entity());
        }
        match store.table.transact(transaction).await? {
            TransactOutcome::Done => return Ok(after.into_entity()),
            TransactOutcome::Refused(refusal) => {
                uncertain |= refusal.uncertain;
                stale(&refusal, uncertain)?;
            }
        }
        unexplained = if refused.as_ref() == Some(&seen) { unexplained + 1 } else { 1 };
        let key = after.key();
        if unexplained == MAX_UNEXPLAINED_REFUSALS {
            let problem = "an item that belongs to it is missing or wrong; `parc verify` finds it";
            return Err(StoreError::Corrupt(format!("item {key}: {problem}")));
        }
        if !backoff.wait().await {
            return Err(StoreError::Unavailable(format!("item {key} kept changing until the deadline")));
        }
        (attempt, refused) = (Attempt::Again, Some(seen));
    }
}

/// Registers an entity without reading first.
///
/// # Errors
/// Returns the errors of [`apply`].
pub(crate) async fn insert<R: EntityRow>(store: &Store, change: Change<R>) -> Result<R::Entity, StoreError> {
    apply(store, |_| ready(Ok(())), |()| change.clone()).await
}

/// First decision of a request, or a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// Nothing has been refused yet.
    First,
    /// A transaction was refused, because something changed or was not as assumed.
    Again,
}

/// Returns the error that a refusal means, unless it means that something changed since it was read.
///
/// A refusal is an answer to the caller only if it is certain that nothing was written and nothing will
/// be: an earlier attempt of this request may arrive late, when its conditions hold.
fn stale(Refusal { on_failed, key, exists, .. }: &Refusal, uncertain: bool) -> Result<(), StoreError> {
    match on_failed {
        OnConditionFailed::Stale => Ok(()),
        _ if uncertain => {
            Err(StoreError::Unavailable("refused, but an earlier attempt may still be carried out".to_owned()))
        }
        OnConditionFailed::CodeTaken(code) => Err(StoreError::CodeTaken(*code)),
        OnConditionFailed::UnknownOrInactive(kind) if !exists => Err(StoreError::Unknown(*kind)),
        OnConditionFailed::Inactive(_) if !exists => Err(StoreError::missing(key)),
        OnConditionFailed::UnknownOrInactive(kind) | OnConditionFailed::Inactive(kind) => {
            Err(StoreError::Inactive(*kind))
        }
        OnConditionFailed::Corrupt => Err(StoreError::Corrupt(format!("item {key}: missing, or exists already"))),
    }
}
