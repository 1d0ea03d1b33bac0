use thiserror::Error;

use super::rows::{CorruptItem, Key};
use crate::models::{Code, Kind};

/// Why the store did not do what it was asked to do. Texts are for the log: they name keys and
/// codes of errors, never a value.
#[derive(Debug, Error)]
pub enum StoreError {
    /// No entity of this kind has the identifier.
    #[error("unknown {0:?}")]
    Unknown(Kind),
    /// The parent of this kind is inactive.
    #[error("inactive {0:?}")]
    Inactive(Kind),
    /// Another client has the code.
    #[error("code taken")]
    CodeTaken(Code),
    /// The table did not answer before the deadline, or refuses to answer. If the call was a write, it
    /// may have been carried out.
    #[error("table unavailable: {0}")]
    Unavailable(String),
    /// An item is not one that parc wrote: somebody changed the table by hand.
    #[error("corrupt {0}")]
    Corrupt(String),
    /// parc did something that cannot work, whatever the table holds.
    #[error("bug: {0}")]
    Bug(String),
}

impl StoreError {
    /// An item that another one points to is missing.
    pub(crate) fn missing(key: &Key) -> Self {
        Self::Corrupt(format!("item {key}: it is missing, and another item points to it"))
    }
}

impl From<CorruptItem> for StoreError {
    fn from(corrupt: CorruptItem) -> Self {
        Self::Corrupt(corrupt.to_string())
    }
}
