//! From planned steps to requests with the identifiers and versions that the caller knows.

use std::collections::HashMap;

use super::StepId;
use super::call::{BatchedWrite, Call, Fields, Write};
use super::caller::{Callers, user_of};
use super::if_match::IfMatch;
use super::plan::{Action, PlannedBatched, PlannedFields, PlannedIfMatch, PlannedWrite, Slot, Step, Variation};
use super::recording::Recorded;

/// An identifier that no entity has.
const UNKNOWN: &str = "00000000-0000-7000-8000-000000000000";

/// A request before it is sent.
pub(super) struct Prepared {
    pub(super) call: Call,
    pub(super) if_match: Option<IfMatch>,
    pub(super) key: Option<String>,
    /// The entity that it registers or changes, if it is one.
    pub(super) slot: Option<Slot>,
}

/// What a step does.
pub(super) enum Next {
    New(Prepared),
    /// Sends an earlier request again.
    Repeat(StepId),
    /// DynamoDB deletes what has expired.
    Sweep,
    /// The request that it should repeat was left out, or has no key.
    Nothing,
}

impl Callers<'_> {
    fn id(&self, slot: Slot) -> String {
        self.ids.borrow().get(&slot).cloned().unwrap_or_else(|| UNKNOWN.to_owned())
    }

    /// Returns what a step does.
    pub(super) fn prepare(&self, id: StepId, step: &Step, seen: &HashMap<Slot, u64>) -> Next {
        let StepId { caller, step: number } = id;
        // Callers with different names choose the same keys.
        let own_key = step.has_key.then(|| format!("{} {}-{number}", user_of(caller), caller / 2));
        let prepared = match &step.action {
            Action::Sweep => return Next::Sweep,
            Action::Repeat(of) => {
                let recorded = self.recorded.borrow();
                let has_key = recorded.get(of).is_some_and(|recorded| recorded.key.is_some());
                return if has_key { Next::Repeat(*of) } else { Next::Nothing };
            }
            Action::ReuseKey { step, with, write } => {
                let of = StepId { caller, step: *step };
                let recorded = self.recorded.borrow();
                let earlier = recorded.get(&of).filter(|earlier| earlier.key.is_some());
                let key = earlier.and_then(|earlier| earlier.key.clone()).or(own_key);
                let other = self.prepare_write(write, PlannedIfMatch::Any, key, seen);
                let Some(earlier) = earlier else { return Next::New(other) };
                let prepared = Prepared::varied(earlier, *with, other);
                // It may happen to be the same request.
                let same = |one: &&Recorded| {
                    one.key == prepared.key && one.call == prepared.call && one.if_match == prepared.if_match
                };
                if let Some(same) = recorded.values().find(same) {
                    return Next::Repeat(same.step_id());
                }
                prepared
            }
            Action::Write(write, if_match) => self.prepare_write(write, *if_match, own_key, seen),
            Action::Infos(kind, slot, limit) => {
                Prepared::reading(Call::Infos { kind: *kind, id: self.id(*slot), limit: *limit })
            }
            Action::History(kind, slot, limit) => {
                Prepared::reading(Call::History { kind: *kind, id: self.id(*slot), limit: *limit })
            }
            Action::List(kind, filter, parent) => {
                let mut filter = filter.clone();
                filter.extend(parent.map(|(name, slot)| (name, self.id(slot))));
                Prepared::reading(Call::List { kind: *kind, filter })
            }
            Action::Batch { operations, atomic, dry_run } => {
                self.prepare_batch(operations, [*atomic, *dry_run], own_key, seen)
            }
        };
        Next::New(prepared)
    }

    fn prepare_write(
        &self,
        write: &PlannedWrite,
        if_match: PlannedIfMatch,
        key: Option<String>,
        seen: &HashMap<Slot, u64>,
    ) -> Prepared {
        Prepared {
            call: Call::Write(write.resolve(|slot| self.id(slot))),
            if_match: if_match.resolve(write.slot(), seen),
            key,
            slot: Some(write.slot()),
        }
    }

    fn prepare_batch(
        &self,
        planned: &[PlannedBatched],
        [atomic, dry_run]: [bool; 2],
        key: Option<String>,
        seen: &HashMap<Slot, u64>,
    ) -> Prepared {
        let mut registered = Vec::new();
        let mut operations = Vec::new();
        for PlannedBatched { write, if_match } in planned {
            let id = |slot: Slot| if registered.contains(&slot) { format!("${}", slot.0) } else { self.id(slot) };
            let resolved = write.resolve(id);
            let registers = matches!(write, PlannedWrite::Register(..));
            operations.push(BatchedWrite {
                write: resolved,
                if_match: if_match.resolve(write.slot(), seen),
                reference: registers.then(|| write.slot().0.to_string()),
            });
            if registers {
                registered.push(write.slot());
            }
        }
        Prepared { call: Call::Batch { operations, atomic, dry_run }, if_match: None, key, slot: None }
    }
}

impl Prepared {
    /// Returns the request that differs from an earlier one in this way, or `other` if it cannot.
    fn varied(earlier: &Recorded, with: Variation, other: Self) -> Self {
        let (call, if_match) = match (&earlier.call, with) {
            (Call::Write(write @ (Write::Update(..) | Write::SetStatus(..))), Variation::OtherVersion) => {
                (Call::Write(write.clone()), Some(IfMatch::other_than(earlier.if_match)))
            }
            (Call::Write(Write::SetStatus(kind, id, active)), Variation::OtherStatus) => {
                (Call::Write(Write::SetStatus(*kind, id.clone(), !active)), earlier.if_match)
            }
            (Call::Batch { operations, atomic, dry_run: false }, Variation::OtherVersion) => {
                let mut operations = operations.clone();
                let Some(changed) = operations.iter_mut().find(|operation| operation.reference.is_none()) else {
                    return other;
                };
                changed.if_match = Some(IfMatch::other_than(changed.if_match));
                (Call::Batch { operations, atomic: *atomic, dry_run: false }, None)
            }
            (Call::Batch { operations, atomic, dry_run: false }, Variation::FewerOperations)
                if operations.len() > 1 =>
            {
                let operations = operations[..operations.len() - 1].to_vec();
                (Call::Batch { operations, atomic: *atomic, dry_run: false }, None)
            }
            (Call::Batch { operations, atomic, dry_run: false }, Variation::OtherAtomicity) => {
                (Call::Batch { operations: operations.clone(), atomic: !atomic, dry_run: false }, None)
            }
            _ => return other,
        };
        Self { call, if_match, key: other.key, slot: None }
    }

    fn reading(call: Call) -> Self {
        Self { call, if_match: None, key: None, slot: None }
    }
}

impl PlannedIfMatch {
    fn resolve(self, slot: Slot, seen: &HashMap<Slot, u64>) -> Option<IfMatch> {
        match self {
            Self::Any => None,
            Self::Seen => Some(seen.get(&slot).map_or(IfMatch::Exists, |version| IfMatch::Version(*version))),
            Self::Version(version) => Some(IfMatch::Version(version)),
        }
    }
}

impl PlannedWrite {
    fn slot(&self) -> Slot {
        let (Self::Register(_, slot, _) | Self::Update(_, slot, _) | Self::SetStatus(_, slot, _)) = self;
        *slot
    }

    fn resolve(&self, id: impl Fn(Slot) -> String) -> Write {
        match self {
            Self::Register(kind, _, fields) => Write::Register(*kind, fields.resolve(id)),
            Self::Update(kind, slot, fields) => Write::Update(*kind, id(*slot), fields.resolve(&id)),
            Self::SetStatus(kind, slot, active) => Write::SetStatus(*kind, id(*slot), *active),
        }
    }
}

impl PlannedFields {
    fn resolve(&self, id: impl Fn(Slot) -> String) -> Fields {
        Fields {
            nom: self.nom.to_owned(),
            code: self.code,
            parent: self.parent.map(id),
            r#type: self.r#type.clone(),
            numero_serie: self.numero_serie.clone(),
        }
    }
}
