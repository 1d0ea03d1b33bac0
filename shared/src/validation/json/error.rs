use thiserror::Error;

/// Why a body is not a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum JsonError {
    /// The text is not JSON from some character on.
    #[error("{reason} at character {position}")]
    Syntax {
        /// Number of characters before the error.
        position: usize,
        /// What is wrong there, in the words of Python's `json`.
        reason: &'static str,
    },
    /// The body is not text, or has more nesting or digits than are read.
    #[error("unreadable")]
    Unreadable,
}
