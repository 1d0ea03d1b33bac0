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
    /// The entity does not have a version that the caller expects.
    #[error("{kind:?} has another version, {version}")]
    Changed {
        /// Its kind.
        kind: Kind,
        /// Its current version.
        version: u64,
        /// The entity, as JSON text.
        body: String,
    },
    /// The caller used the key for another request before.
    #[error("idempotency key reused")]
    KeyReused,
    /// Only so many operations of an atomic batch fit into one transaction.
    #[error("only {0} operations fit into one transaction")]
    DoNotFit(usize),
    /// The write was refused for a reason that may not last.
    #[error("undecided: {0}")]
    Undecided(&'static str),
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
    /// Returns `true` if the table answered, and refused the request because of its current state.
    pub(crate) fn is_refusal(&self) -> bool {
        match self {
            Self::Unknown(_) | Self::Inactive(_) | Self::CodeTaken(_) | Self::Changed { .. } | Self::Undecided(_) => {
                true
            }
            Self::KeyReused | Self::DoNotFit(_) | Self::Unavailable(_) | Self::Corrupt(_) | Self::Bug(_) => false,
        }
    }

    /// Returns the error for a refused write of which an earlier attempt may arrive late.
    pub(crate) fn uncertain() -> Self {
        Self::Undecided("refused, but an earlier attempt may still be carried out")
    }

    /// Returns the error for an item that is missing, or that exists, only if somebody changed the table by hand.
    pub(crate) fn unexpected(key: &Key) -> Self {
        Self::Corrupt(format!("item {key}: missing, or exists already"))
    }

    /// Returns the error for an item whose transaction is refused though nothing explains it.
    pub(crate) fn unexplained(key: &Key) -> Self {
        let problem = "an item that belongs to it is missing or wrong; `parc verify` finds it";
        Self::Corrupt(format!("item {key}: {problem}"))
    }

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
