use serde::{Deserialize, Serialize};

/// Whether an entity is in use. Nothing is ever erased: it becomes inactive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// In use.
    Actif,
    /// Kept, but out of use.
    Inactif,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 2] = [Self::Actif, Self::Inactif];

    /// The status in the API's words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Actif => "actif",
            Self::Inactif => "inactif",
        }
    }
}
