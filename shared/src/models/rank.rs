use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::EntityId;

/// Position of an entity in every list: entities are listed in order of creation.
///
/// A version 7 UUID, so that the order of ranks, and of their texts, is the order of creation. The
/// rank of an entity that parc registered is its identifier. An entity that was taken over from
/// another service keeps its identifier, whose order means nothing, and has a rank made from its
/// timestamp. Ranks are unique within a kind, and their last byte is random.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rank(Uuid);

impl Rank {
    /// Returns the rank of an entity that parc registered.
    #[must_use]
    pub fn of(id: impl EntityId) -> Self {
        Self(id.as_uuid())
    }

    /// Returns the rank with this value.
    #[must_use]
    pub fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// Returns its value.
    #[must_use]
    pub fn as_uuid(&self) -> Uuid {
        self.0
    }
}

impl fmt::Display for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
