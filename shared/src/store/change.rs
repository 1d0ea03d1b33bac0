//! The one way to write.
//!
//! 1. **Read** what the decision needs.
//! 2. **Decide**, without calls: a [`Change`] of one entity, and the writes that go with it.
//! 3. **Write** all of it in one transaction, under the version that was read.
//! 4. If something changed since it was read, start again, until the deadline.

use std::future::Future;

use super::rows::{EntityRow, Item, VERSION};
use super::table::{Condition, OnConditionFailed, Table, TransactOp, TransactOutcome, Update};
use super::{Store, StoreError};

/// Times that a transaction may be refused though a fresh read shows no change.
const MAX_UNEXPLAINED_REFUSALS: u32 = 3;

/// A decided change of one entity.
#[derive(Debug)]
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

    /// Changes the fields of an entity. `after` has the version of `before`: the path counts it up,
    /// and writes nothing if the two are equal.
    pub(crate) fn update(before: &R, after: R) -> Self {
        Self { before: Some(before.clone()), after, guard: None, writes: Vec::new() }
    }

    /// Requires more of the entity than its version.
    pub(crate) fn only_if(self, guard: Condition) -> Self {
        Self { guard: Some(guard), ..self }
    }

    /// Adds writes of other items to the transaction. Of several conditions that do not hold, the
    /// first is reported, after that of the entity itself.
    pub(crate) fn with(mut self, writes: impl IntoIterator<Item = TransactOp>) -> Self {
        self.writes.extend(writes);
        self
    }

    /// Returns the row that the transaction leaves, and the transaction; none if nothing changes.
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
        let update = Update::changes(&before.to_item(), &after.to_item());
        let update = TransactOp::update(after.key(), update, seen, OnConditionFailed::Stale);
        let copies = copies(before.copy(), after.copy());
        (after, [vec![update], writes, copies].concat())
    }
}

/// Replaces the copy of an entity, which may move. The version of the entity guards it.
fn copies(before: Option<Item>, after: Option<Item>) -> Vec<TransactOp> {
    let old = before.map(|item| item.key()).filter(|key| after.as_ref().is_none_or(|after| after.key() != *key));
    old.map(TransactOp::remove).into_iter().chain(after.map(TransactOp::replace)).collect()
}

/// Result of one transaction.
#[must_use = "a stale change was not written"]
enum Applied {
    Done,
    /// Something changed since it was read.
    Stale,
}

/// Carries out a change: reads, decides and writes, again if something changed in between.
///
/// # Errors
/// Returns what `read` and `decide` return; [`StoreError::Unknown`], [`StoreError::Inactive`] and
/// [`StoreError::CodeTaken`] if the transaction finds it so; [`StoreError::Corrupt`] if the transaction
/// is refused though nothing changes; [`StoreError::Unavailable`] at the deadline.
pub(crate) async fn apply<S, R, F>(
    store: &Store,
    read: impl Fn(Attempt) -> F,
    decide: impl Fn(&S) -> Result<Change<R>, StoreError>,
) -> Result<R::Entity, StoreError>
where
    S: PartialEq,
    R: EntityRow,
    F: Future<Output = Result<S, StoreError>>,
{
    let mut backoff = store.table.backoff();
    let (mut attempt, mut refused, mut unexplained) = (Attempt::First, None, 0);
    loop {
        let seen = read(attempt).await?;
        let (after, transaction) = decide(&seen)?.into_transaction();
        let key = after.key();
        if transaction.is_empty() {
            return Ok(after.into_entity());
        }
        match transact(&store.table, transaction).await? {
            Applied::Done => return Ok(after.into_entity()),
            Applied::Stale => {}
        }
        unexplained = if refused.as_ref() == Some(&seen) { unexplained + 1 } else { 1 };
        if unexplained == MAX_UNEXPLAINED_REFUSALS {
            return Err(StoreError::Corrupt(format!("item {key}: an item that belongs to it is missing or wrong")));
        }
        if !backoff.wait().await {
            return Err(StoreError::Unavailable("it kept changing until the deadline".to_owned()));
        }
        (attempt, refused) = (Attempt::Again, Some(seen));
    }
}

/// Registers an entity: nothing has to be read.
///
/// # Errors
/// As [`apply`].
pub(crate) async fn insert<R: EntityRow>(
    store: &Store,
    decide: impl Fn() -> Change<R>,
) -> Result<R::Entity, StoreError> {
    apply(store, |_| std::future::ready(Ok(())), |()| Ok(decide())).await
}

/// Whether a decision is made for the first time in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// Nothing has been refused yet.
    First,
    /// A transaction was refused, since something changed or was not as assumed.
    Again,
}

async fn transact(table: &Table, transaction: Vec<TransactOp>) -> Result<Applied, StoreError> {
    match table.transact(transaction).await? {
        TransactOutcome::Done => Ok(Applied::Done),
        TransactOutcome::Refused { on_failed, key, exists } => match on_failed {
            OnConditionFailed::Stale => Ok(Applied::Stale),
            OnConditionFailed::CodeTaken(code) => Err(StoreError::CodeTaken(code)),
            OnConditionFailed::Parent(kind) if exists => Err(StoreError::Inactive(kind)),
            OnConditionFailed::Parent(kind) => Err(StoreError::Unknown(kind)),
            OnConditionFailed::Corrupt => {
                Err(StoreError::Corrupt(format!("item {key}: it is missing, or exists where none should")))
            }
        },
    }
}
