//! The one way to write.
//!
//! 1. **Read** what the decision needs.
//! 2. **Decide**, without calls: a [`Change`] of one entity, and the writes that go with it.
//! 3. **Write** one transaction, conditional on the version that was read. It holds the entity, its history entry,
//!    its copy and, if the request has a key, its kept answer.
//! 4. If something changed since it was read, start again, until the deadline. If the request is
//!    refused, look up whether it was answered before.

use std::future::{Future, ready};

use super::StoreError;
use super::replays::{Replay, Written};
use super::request::RequestContext;
use super::rows::{EntityRow, HistoryRow, Item, VERSION};
use super::table::{Condition, OnConditionFailed, Refusal, Table, TransactOp, TransactOutcome, Update};
use crate::models::{Entity, ExpectedVersion};

/// Maximum consecutive refusals that a fresh read does not explain. After these, an item counts as corrupt.
const MAX_UNEXPLAINED_REFUSALS: u32 = 3;

/// Counts refusals in a row for which everything was read again, and was the same.
#[derive(Debug)]
pub(crate) struct Unexplained<T> {
    last: Option<T>,
    count: u32,
}

impl<T> Default for Unexplained<T> {
    fn default() -> Self {
        Self { last: None, count: 0 }
    }
}

impl<T: PartialEq> Unexplained<T> {
    /// Counts a refusal of what was read. Returns `true` after the last one that is tolerated.
    pub(crate) fn add(&mut self, refused: T) -> bool {
        self.count = if self.last.as_ref() == Some(&refused) { self.count + 1 } else { 1 };
        self.last = Some(refused);
        self.count == MAX_UNEXPLAINED_REFUSALS
    }
}

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

    /// Adds a condition on the entity, in addition to its version.
    pub(crate) fn only_if(self, guard: Condition) -> Self {
        Self { guard: Some(guard), ..self }
    }

    /// Adds writes of other items. The first failed condition is reported, starting with the entity's.
    pub(crate) fn with(mut self, writes: impl IntoIterator<Item = TransactOp>) -> Self {
        self.writes.extend(writes);
        self
    }

    /// Returns the row after the change, and the transaction (empty if nothing changes).
    fn into_transaction(self, request: &RequestContext) -> (R, Vec<TransactOp>) {
        let Self { before, after, guard, writes } = self;
        if before.as_ref() == Some(&after) {
            return (after, Vec::new());
        }
        let after = after.with_version(before.as_ref().map_or(0, EntityRow::version) + 1);
        let entry = HistoryRow::of_change(request, before.as_ref(), after.entity());
        let after = after.with_history(entry.digest);
        let own = match &before {
            None => TransactOp::insert(&after, OnConditionFailed::Corrupt),
            Some(before) => {
                let seen = VERSION.is(&before.version());
                let seen = guard.into_iter().fold(seen, Condition::and);
                let update = Update::changes(&before.to_item(), &after.to_item());
                TransactOp::update(after.key(), update, seen, OnConditionFailed::Stale)
            }
        };
        let entry = TransactOp::insert(&entry, OnConditionFailed::Corrupt);
        let copies = copies(before.and_then(|before| before.copy()), after.copy());
        (after, [vec![own], writes, vec![entry], copies].concat())
    }

    /// Checks the version that the caller expects.
    ///
    /// # Errors
    /// Returns [`StoreError::Changed`] if the entity has another version.
    fn check(&self, expected: Option<&ExpectedVersion>) -> Result<(), StoreError> {
        match (&self.before, expected) {
            (Some(before), Some(expected)) if !expected.includes(before.version()) => {
                let (kind, version) = (R::Entity::KIND, before.version());
                Err(StoreError::Changed { kind, version, body: before.entity().json() })
            }
            _ => Ok(()),
        }
    }
}

/// Returns the writes that move or replace the copy. The entity's version condition protects them.
fn copies(before: Option<Item>, after: Option<Item>) -> Vec<TransactOp> {
    let old = before.map(|item| item.key()).filter(|key| after.as_ref().is_none_or(|after| after.key() != *key));
    old.map(TransactOp::remove).into_iter().chain(after.map(TransactOp::replace)).collect()
}

/// Reads, decides and writes; starts again if something changed in between. A request that was answered
/// before gets that answer, whatever has changed since.
///
/// # Errors
/// Returns the errors of `read`; [`StoreError::Changed`]; [`StoreError::Unknown`],
/// [`StoreError::Inactive`] and [`StoreError::CodeTaken`] if the transaction is refused for that reason;
/// [`StoreError::KeyReused`]; [`StoreError::Undecided`] if an earlier attempt of this request
/// may still be carried out, or its kept answer has expired; [`StoreError::Corrupt`] if the transaction is refused though nothing
/// changes; [`StoreError::Unavailable`] at the deadline.
pub(crate) async fn apply<S, R, F>(
    table: &Table,
    replay: Option<Replay<'_>>,
    read: impl Fn(Attempt) -> F,
    decide: impl Fn(&S) -> Change<R>,
) -> Result<Written<R::Entity>, StoreError>
where
    S: PartialEq,
    R: EntityRow,
    F: Future<Output = Result<S, StoreError>>,
{
    let written = write(table, replay.as_ref(), read, decide).await;
    if let (Some(replay), Err(error)) = (replay, &written)
        && error.is_refusal()
        && let Some(kept) = replay.find().await?
    {
        return Ok(Written::Replayed(kept));
    }
    written
}

/// Registers an entity without reading first.
///
/// # Errors
/// Returns the errors of [`apply`].
pub(crate) async fn insert<R: EntityRow>(
    table: &Table,
    replay: Option<Replay<'_>>,
    change: Change<R>,
) -> Result<Written<R::Entity>, StoreError> {
    apply(table, replay, |_| ready(Ok(())), |()| change.clone()).await
}

async fn write<S, R, F>(
    table: &Table,
    replay: Option<&Replay<'_>>,
    read: impl Fn(Attempt) -> F,
    decide: impl Fn(&S) -> Change<R>,
) -> Result<Written<R::Entity>, StoreError>
where
    S: PartialEq,
    R: EntityRow,
    F: Future<Output = Result<S, StoreError>>,
{
    let request = table.request();
    let mut backoff = table.backoff();
    let (mut attempt, mut unexplained, mut uncertain) = (Attempt::First, Unexplained::default(), false);
    loop {
        let seen = read(attempt).await?;
        let change = decide(&seen);
        match change.check(request.expected.as_ref()) {
            // The new version may be that of an earlier attempt of this request.
            Err(StoreError::Changed { .. }) if uncertain => {
                return Err(StoreError::Undecided("changed, perhaps by an earlier attempt of this request"));
            }
            checked => checked?,
        }
        let (after, writes) = change.into_transaction(request);
        // The kept answer comes first: if one exists, it takes precedence over other failed conditions.
        let keep = replay.map(|replay| replay.keep(after.entity()));
        let transaction: Vec<_> = keep.into_iter().chain(writes).collect();
        if transaction.is_empty() {
            return Ok(Written::Fresh(after.into_entity()));
        }
        let TransactOutcome::Refused(refusal) = table.transact(transaction).await? else {
            return Ok(Written::Fresh(after.into_entity()));
        };
        uncertain |= refusal.uncertain;
        check_refusal(&refusal, uncertain)?;
        let key = after.key();
        // Versions only increase: no earlier attempt can succeed any more.
        uncertain &= refusal.key != key;
        if unexplained.add(seen) {
            return Err(StoreError::unexplained(&key));
        }
        if !backoff.wait().await {
            return Err(StoreError::Unavailable(format!("item {key} kept changing until the deadline")));
        }
        attempt = Attempt::Again;
    }
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
fn check_refusal(Refusal { on_failed, key, exists, .. }: &Refusal, uncertain: bool) -> Result<(), StoreError> {
    match on_failed {
        OnConditionFailed::Stale => Ok(()),
        OnConditionFailed::Answered => Err(StoreError::Undecided("answered before, but the kept answer has expired")),
        _ if uncertain => Err(StoreError::uncertain()),
        OnConditionFailed::CodeTaken(code) => Err(StoreError::CodeTaken(*code)),
        OnConditionFailed::UnknownOrInactive(kind) if !exists => Err(StoreError::Unknown(*kind)),
        OnConditionFailed::Inactive(_) if !exists => Err(StoreError::missing(key)),
        OnConditionFailed::UnknownOrInactive(kind) | OnConditionFailed::Inactive(kind) => {
            Err(StoreError::Inactive(*kind))
        }
        OnConditionFailed::Corrupt => Err(StoreError::unexpected(key)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::Kind;
    use crate::store::rows::Key;

    #[test]
    fn an_item_that_another_one_points_to_is_not_inactive_but_missing() {
        let check = |exists| {
            let on_failed = OnConditionFailed::Inactive(Kind::Site);
            check_refusal(&Refusal { on_failed, key: Key::layout(), exists, uncertain: false }, false)
        };
        assert!(matches!(check(true), Err(StoreError::Inactive(Kind::Site))));
        assert!(matches!(check(false), Err(StoreError::Corrupt(_))));
    }
}
