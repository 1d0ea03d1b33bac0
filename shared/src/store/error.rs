use std::fmt;

use crate::models::{Code, Kind};

/// Why the store did not do what it was asked; nothing was written.
#[derive(Debug)]
pub enum StoreError {
    /// No entity of this kind has the identifier.
    Unknown(Kind),
    /// The entity of this kind that something should hang on is inactive.
    Inactive(Kind),
    /// Another client has the code.
    CodeTaken(Code),
    /// The table did not answer, or not in time; what stands beside it is for the log.
    Unavailable(String),
    /// An item of the table is not what parc writes; what stands beside it is for the log.
    Corrupt(String),
}

impl StoreError {
    /// That something is not where the table says that it is.
    pub(super) fn dangling(kind: Kind) -> Self {
        Self::Corrupt(format!("no {kind:?} where it should be"))
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(kind) => write!(f, "unknown {kind:?}"),
            Self::Inactive(kind) => write!(f, "inactive {kind:?}"),
            Self::CodeTaken(_) => f.write_str("code taken"),
            Self::Unavailable(cause) => write!(f, "table unavailable: {cause}"),
            Self::Corrupt(cause) => write!(f, "corrupt item: {cause}"),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<serde_dynamo::Error> for StoreError {
    fn from(error: serde_dynamo::Error) -> Self {
        Self::Corrupt(error.to_string())
    }
}
