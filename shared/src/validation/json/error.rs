use thiserror::Error;

/// Error for a body that cannot be parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum JsonError {
    /// The text is not JSON.
    #[error("{reason} at character {position}")]
    Syntax {
        /// Number of characters before the error.
        position: usize,
        /// Cause, in the words of Python's `json`.
        reason: &'static str,
    },
    /// The body is not text, is nested too deeply, or has a number with too many digits.
    #[error("unreadable")]
    Unreadable,
}
