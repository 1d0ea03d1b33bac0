//! The steps of the callers of one history, drawn from its seed.
//!
//! A step names entities by the place where they are registered, so that other steps can be left out without changing it.

use std::collections::BTreeMap;
use std::ops::Range;

use shared::models::Kind;

use super::StepId;
use super::faults::FaultRate;
use super::partial::Partial;

/// An entity, by its registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Slot(pub(super) usize);

/// Everything that a seed decides before the history starts.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) fault_rate: FaultRate,
    /// Outage, in milliseconds from the start: nine calls in ten have a fault.
    pub(super) outage: Range<u64>,
    /// Age of eventually consistent reads, in milliseconds; 0 if they are current.
    pub(super) lag: u64,
    /// Which answers of DynamoDB are partial.
    pub(super) partial: Partial,
    /// Whether `parc verify` checks the table at the end.
    pub(super) verified: bool,
    /// Registers the first entities, in one batch.
    pub(super) setup: Vec<PlannedBatched>,
    /// Steps of each caller.
    pub(super) callers: Vec<Vec<Step>>,
}

/// A step of a caller.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// Time before it, in milliseconds.
    pub(super) wait: u64,
    pub(super) action: Action,
    /// Whether the request has an `Idempotency-Key`.
    pub(super) has_key: bool,
    /// Maximum number of sendings.
    pub(super) sendings: usize,
}

#[derive(Debug, Clone)]
pub(super) enum Action {
    Write(PlannedWrite, PlannedIfMatch),
    Infos(Kind, Slot, Option<u32>),
    History(Kind, Slot, Option<u32>),
    List(Kind, BTreeMap<&'static str, String>, Option<(&'static str, Slot)>),
    Batch {
        operations: Vec<PlannedBatched>,
        atomic: bool,
        dry_run: bool,
    },
    /// Sends an earlier step of a caller again, under its key.
    Repeat(StepId),
    /// Sends another request under the key of an earlier step of this caller.
    ReuseKey {
        step: usize,
        with: Variation,
        write: PlannedWrite,
    },
    /// DynamoDB deletes what has expired.
    Sweep,
}

/// How a request differs from an earlier one under its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variation {
    /// It changes something else.
    OtherWrite,
    /// It requires another version.
    OtherVersion,
    /// It makes the entity active instead of inactive, or inactive instead of active.
    OtherStatus,
    /// A batch lacks its last operation.
    FewerOperations,
    /// A batch is atomic, or is not.
    OtherAtomicity,
}

#[derive(Debug, Clone)]
pub(super) struct PlannedBatched {
    pub(super) write: PlannedWrite,
    pub(super) if_match: PlannedIfMatch,
}

/// What a caller requires of the entity that it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PlannedIfMatch {
    /// Nothing.
    Any,
    /// The newest version that the caller has seen; that it exists, if it has seen none.
    Seen,
    /// This one.
    Version(u64),
}

#[derive(Debug, Clone)]
pub(super) enum PlannedWrite {
    Register(Kind, Slot, PlannedFields),
    Update(Kind, Slot, PlannedFields),
    SetStatus(Kind, Slot, bool),
}

#[derive(Debug, Clone)]
pub(super) struct PlannedFields {
    pub(super) nom: &'static str,
    pub(super) code: Option<i64>,
    pub(super) parent: Option<Slot>,
    pub(super) r#type: Option<String>,
    pub(super) numero_serie: Option<String>,
}

impl Plan {
    /// Returns the plan without some steps. They keep their place, and do nothing.
    pub(super) fn without(mut self, left_out: &[StepId]) -> Self {
        for StepId { caller, step } in left_out {
            if let Some(step) = self.callers.get_mut(*caller).and_then(|steps| steps.get_mut(*step)) {
                step.sendings = 0;
            }
        }
        self
    }
}

impl Step {
    /// Returns `true` if it makes an entity active or inactive.
    pub(super) fn sets_status(&self) -> bool {
        matches!(self.action, Action::Write(PlannedWrite::SetStatus(..), _))
    }

    /// Returns `true` if it sends a batch.
    pub(super) fn is_batch(&self) -> bool {
        matches!(self.action, Action::Batch { .. })
    }
}
