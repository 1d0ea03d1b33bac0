//! Settings of a function, from the environment that the template defines.

use std::env;

use thiserror::Error;

/// Error for a required variable that is unset or empty.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("the environment variable {0} is not set")]
pub struct MissingSetting(&'static str);

/// Returns the value of a variable; `None` if it is unset or empty.
pub(crate) fn optional(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Like [`optional`], for required variables.
///
/// # Errors
/// Returns [`MissingSetting`] if the variable is unset or empty.
pub(crate) fn required(name: &'static str) -> Result<String, MissingSetting> {
    optional(name).ok_or(MissingSetting(name))
}
