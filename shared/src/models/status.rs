use serde::{Deserialize, Serialize};

/// Status of an entity. Entities are never deleted; they become inactive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// In use.
    Actif,
    /// No longer in use.
    Inactif,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 2] = [Self::Actif, Self::Inactif];

    /// Returns the status as the API writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Actif => "actif",
            Self::Inactif => "inactif",
        }
    }
}
