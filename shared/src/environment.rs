//! The settings that the template gives a function.

use std::{env, fmt};

/// A setting that a function cannot start without.
#[derive(Debug, PartialEq, Eq)]
pub struct MissingSetting(&'static str);

impl fmt::Display for MissingSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the environment variable {} is not set", self.0)
    }
}

impl std::error::Error for MissingSetting {}

/// The value of a variable; an empty one is none.
pub(crate) fn optional(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// As [`optional`], for what must be there.
///
/// # Errors
/// That it is not.
pub(crate) fn required(name: &'static str) -> Result<String, MissingSetting> {
    optional(name).ok_or(MissingSetting(name))
}
