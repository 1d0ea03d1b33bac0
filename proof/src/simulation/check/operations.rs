//! Which operation of a batch a transaction carries out.

use serde_json::Value;
use shared::models::Kind;

use super::super::call::{BatchedWrite, Write};
use super::super::model::{Entity, State};
use super::super::plain;
use super::super::recording::{Answer, Commit, Entry, Recorded};
use super::super::sending::version_of;
use super::kept::Expiry;
use super::timeline::{Effect, Timeline};

impl Timeline<'_> {
    /// Returns the operation of a batch that asks for an entry, and the entity after it.
    pub(super) fn operation_of(
        &self,
        state: &State,
        operations: &[BatchedWrite],
        entry: &Entry,
        (commit, request, expiry): (&Commit, &Recorded, Expiry),
    ) -> Option<(usize, Entity)> {
        let id = entry.partition.split_once('#')?.1;
        let fields = plain(&entry.item["fields"]);
        let recorded = commit.kept.as_ref().and_then(|kept| kept.body.as_array());
        let is_recorded = |index: usize| {
            let is_it = |done: &Value| done["i"] == index && done["id"] == id && done["v"] == entry.version;
            recorded.is_none_or(|recorded| recorded.iter().any(is_it))
        };
        let attempt = &request.attempts[commit.by.attempt];
        let results = attempt.answer.as_ref().map_or(&[][..], Answer::results);
        let result_of = |index: usize| results.iter().find(|result| result["index"] == index);
        let is_answered = |index: usize| {
            let version = |result: &Value| result["etag"].as_str().and_then(version_of);
            let is_other = |result: &Value| version(result).is_some_and(|version| version != entry.version);
            // After a 503, nobody knows whether the operation was carried out.
            let may_be = |result: &Value| match result["status"].as_u64() {
                Some(200) => !is_other(result) && registered(operations, result).is_none_or(|shown| shown == id),
                status => status == Some(503),
            };
            result_of(index).is_none_or(may_be)
        };
        // An equal registration that is answered 503 may have registered another entity.
        let registers_it = |result: &&Value| entry.version == 1 && registered(operations, result) == Some(id);
        let shown = results.iter().find(registers_it).map(|result| &result["index"]);
        let is_answered = |index: usize| shown.map_or_else(|| is_answered(index), |shown| *shown == index);
        let done = self.effects(request).iter().filter(|effect| effect.kept.expiry == expiry);
        // One sending carries out the operations on one entity in their order.
        let is_own = |effect: &&Effect| {
            effect.kept.attempt == commit.by.attempt && effect.after.as_ref().is_some_and(|after| after.id == id)
        };
        let next = done.clone().filter(is_own).map(|effect| effect.index + 1).max().unwrap_or_default();
        let is_done = |index| index < next || done.clone().any(|effect| effect.index == index);
        let mut left: Vec<_> = operations
            .iter()
            .enumerate()
            .filter(|(index, _)| !is_done(*index) && is_recorded(*index) && is_answered(*index))
            .collect();
        // Only an equal operation may be answered 503 if the transaction was acknowledged in time.
        if attempt.has_acknowledged(commit) {
            left.sort_by_key(|(index, _)| result_of(*index).is_some_and(|result| result["status"] == 503));
        }
        left.into_iter().find_map(|(index, BatchedWrite { write, if_match, .. })| {
            let write = self.resolve(write, operations, request, |effect| effect.kept.expiry == expiry);
            let is_about = match &write {
                Write::Register(Kind::Site, fields) => fields.parent == entry.client,
                Write::Register(..) => state.get(id).is_none(),
                Write::Update(_, own, _) | Write::SetStatus(_, own, _) => own == id,
            };
            let after = state
                .judge(&write, *if_match)
                .ok()
                .filter(|after| is_about && after.version == entry.version && after.fields() == fields)?;
            entry.partition.starts_with(&after.kind.name().to_uppercase()).then_some((index, after))
        })
    }

    /// Replaces references by the identifiers of the entities that the batch registered with the last of these effects.
    pub(super) fn resolve(
        &self,
        write: &Write,
        operations: &[BatchedWrite],
        request: &Recorded,
        counts: impl Fn(&Effect) -> bool,
    ) -> Write {
        let done = self.effects(request);
        let resolve = |id: &String| {
            let Some(name) = id.strip_prefix('$') else { return id.clone() };
            let index = operations.iter().position(|operation| operation.reference.as_deref() == Some(name));
            let effect = done.iter().rev().find(|effect| Some(effect.index) == index && counts(effect));
            effect.and_then(|effect| effect.after.as_ref()).map_or_else(|| id.clone(), |after| after.id.clone())
        };
        let mut write = write.clone();
        match &mut write {
            Write::Register(_, fields) => fields.parent = fields.parent.as_ref().map(resolve),
            Write::Update(_, id, fields) => {
                *id = resolve(id);
                fields.parent = fields.parent.as_ref().map(resolve);
            }
            Write::SetStatus(_, id, _) => *id = resolve(id),
        }
        write
    }
}

/// Returns the identifier that a result 200 shows, if its operation is a registration.
fn registered<'a>(operations: &[BatchedWrite], result: &'a Value) -> Option<&'a str> {
    let index = usize::try_from(result["index"].as_u64()?).ok()?;
    match &operations.get(index)?.write {
        Write::Register(kind, _) if result["status"] == 200 => result["body"][kind.id_name()].as_str(),
        Write::Register(..) | Write::Update(..) | Write::SetStatus(..) => None,
    }
}
