//! The report of a takeover: one line for everything that parc does not hold as the old service does.

use std::collections::HashSet;
use std::fmt::Display;

use shared::models::{Code, Entity, EntityId, Kind};
use uuid::Uuid;

use crate::progress::Lines;

/// Prints each line as it comes.
#[derive(Default)]
pub(super) struct Report {
    /// Number of lines.
    pub(super) lines: u64,
    /// Number of entities of the old service that are not taken over.
    pub(super) left_out: u64,
    left_out_ids: HashSet<(Kind, Uuid)>,
    /// Codes of clients that are left out because of another member.
    pub(super) codes: HashSet<Code>,
    pub(super) printed: Lines,
}

impl Report {
    /// Reports an entity that is not taken over.
    pub(super) fn left_out(&mut self, kind: Kind, id: Uuid, reason: impl Display) {
        self.left_out_ids.insert((kind, id));
        self.left_out += 1;
        self.about(kind, id, format_args!("left out: {reason}"));
    }

    /// Reports an element of a list that is not taken over, and has no readable identifier.
    pub(super) fn element_left_out(&mut self, number: u64, path: &str, reason: impl Display) {
        self.left_out += 1;
        self.line(format_args!("element {number} of {path}: left out: {reason}"));
    }

    /// Reports something about an entity.
    pub(super) fn about(&mut self, kind: Kind, id: Uuid, text: impl Display) {
        self.line(format_args!("{} {id}: {text}", kind.label()));
    }

    pub(super) fn line(&mut self, line: impl Display) {
        self.lines += 1;
        self.printed.print(line);
    }

    /// Returns `true` if the entity is not taken over.
    pub(super) fn is_left_out<E: Entity>(&self, id: E::Id) -> bool {
        self.left_out_ids.contains(&(E::KIND, id.as_uuid()))
    }
}
