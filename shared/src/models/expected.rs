use std::collections::BTreeSet;

use serde::Serialize;

/// The version that a caller expects an entity to have before a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum ExpectedVersion {
    /// Any version: the entity must exist.
    Any,
    /// One of these versions.
    OneOf(BTreeSet<u64>),
}

impl ExpectedVersion {
    /// Returns `true` if the caller expects this version.
    #[must_use]
    pub fn includes(&self, version: u64) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(versions) => versions.contains(&version),
        }
    }
}
