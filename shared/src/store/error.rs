use thiserror::Error;

use super::rows::{CorruptItem, Key};
use crate::models::{Code, Kind};

/// Error of a store operation. Its text is for the log: it names keys and error codes, and quotes no
/// other attribute.
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
    /// A bug in parc: the request can never succeed.
    #[error("bug: {0}")]
    Bug(String),
}

impl StoreError {
    /// Returns the error for a missing item that another one points to.
    pub(crate) fn missing(key: &Key) -> Self {
        Self::Corrupt(format!("item {key}: missing, though another item points to it"))
    }
}

impl From<CorruptItem> for StoreError {
    fn from(corrupt: CorruptItem) -> Self {
        Self::Corrupt(corrupt.to_string())
    }
}
