use std::collections::BTreeMap;

use serde::Serialize;

use super::is_zero;
use crate::models::{Action, Kind};

/// What a batch did: numbers of operations.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct BatchLog {
    /// Carried out, by the name of their own route's operation, such as `register_new_client`; without those
    /// of a dry run and of earlier requests with the same key.
    #[serde(flatten)]
    done: BTreeMap<String, u32>,
    /// Refused because of what the caller sent or of the state of the table.
    #[serde(skip_serializing_if = "is_zero")]
    pub refused: u32,
    /// Without a result.
    #[serde(skip_serializing_if = "is_zero")]
    pub left: u32,
    /// Failed because of parc or of the table; part of the request's `faults`.
    #[serde(skip)]
    pub faults: u32,
}

impl BatchLog {
    /// Counts an operation that was carried out.
    pub(crate) fn count(&mut self, action: Action, kind: Kind) {
        let new = if action == Action::Register { "new_" } else { "" };
        *self.done.entry(format!("{}_{new}{}", action.name(), kind.name())).or_default() += 1;
    }

    /// Returns the counts by name.
    pub(super) fn counts(&self) -> impl Iterator<Item = (&str, u32)> {
        let done = self.done.iter().map(|(name, count)| (name.as_str(), *count));
        done.chain([("refused", self.refused), ("left", self.left)])
    }
}
