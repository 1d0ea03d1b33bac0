use serde::Serialize;

use super::{AT, BY, CHANGE, CorruptItem, DIGEST, EntityRow, Item, Key, REQUEST_ID, TableRow, fields_attribute};
use crate::models::{ChangeKind, Entity, Timestamp};
use crate::store::digest::Digest;
use crate::store::request::RequestContext;

/// An entry of an entity's history: one version, in the entity's own partition. It never changes.
///
/// Each entry includes the digest of the one before it, and the entity that of the newest one, so that
/// a changed, missing or added entry is found. Whoever may write to the table can compute every digest
/// again: they protect against mistakes, not against an operator.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HistoryRow<E: Entity> {
    pub(crate) id: E::Id,
    pub(crate) version: u64,
    pub(crate) timestamp: Timestamp,
    pub(crate) change: ChangeKind,
    /// Caller named by the token.
    pub(crate) by: Option<String>,
    pub(crate) request_id: String,
    /// The entity's fields from this version on.
    pub(crate) fields: E::Fields,
    /// SHA-256 of everything above, and of the digest of the entry before.
    pub(crate) digest: Digest,
}

impl<E: Entity> HistoryRow<E> {
    /// Creates the entry of a change. `after` has its new version.
    pub(crate) fn of_change<R>(request: &RequestContext, before: Option<&R>, after: &E) -> Self
    where
        R: EntityRow<Entity = E>,
    {
        let mut entry = Self {
            id: after.id(),
            version: after.version(),
            timestamp: Timestamp::of(request.now),
            change: ChangeKind::between(before.map(EntityRow::entity), after),
            by: request.caller.as_ref().map(|caller| caller.name.clone()),
            request_id: request.request_id.clone(),
            fields: after.fields(),
            digest: Digest::default(),
        };
        entry.digest = entry.digest_after(before.map(EntityRow::history));
        entry
    }

    /// Returns the digest that this entry should have after the one with the digest `previous`.
    pub(crate) fn digest_after(&self, previous: Option<&Digest>) -> Digest {
        let Self { id, version, timestamp, change, by, request_id, fields, digest: _ } = self;
        Digest::of(&Content { id, version: *version, timestamp, change, by, request_id, fields, previous })
    }
}

/// Content that the digest of an entry covers, in this order.
#[derive(Serialize)]
struct Content<'a, I, F> {
    id: &'a I,
    version: u64,
    timestamp: &'a Timestamp,
    change: &'a ChangeKind,
    by: &'a Option<String>,
    request_id: &'a str,
    fields: &'a F,
    previous: Option<&'a Digest>,
}

impl<E: Entity> TableRow for HistoryRow<E> {
    fn to_item(&self) -> Item {
        let Self { id, version, timestamp, change, by, request_id, fields, digest } = self;
        Item::at(Key::history_entry(*id, *version))
            .with(AT, timestamp)
            .with(CHANGE, change)
            .with(BY, by)
            .with(REQUEST_ID, request_id)
            .with(fields_attribute(), fields)
            .with(DIGEST, digest)
    }

    fn from_item(mut item: Item) -> Result<Self, CorruptItem> {
        Ok(Self {
            id: item.id_in_key()?,
            version: item.version_in_key()?,
            timestamp: item.take(AT)?,
            change: item.take(CHANGE)?,
            by: item.take(BY)?,
            request_id: item.take(REQUEST_ID)?,
            fields: item.take(fields_attribute())?,
            digest: item.take(DIGEST)?,
        })
    }
}
