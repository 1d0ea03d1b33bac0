//! `If-Match` of a request, or of an operation of a batch.

use serde::Serialize;

/// What a caller requires of the entity that it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IfMatch {
    /// It exists.
    Exists,
    /// It has this version.
    Version(u64),
}

impl IfMatch {
    /// Returns another requirement.
    pub(super) fn other_than(if_match: Option<Self>) -> Self {
        match if_match {
            None => Self::Exists,
            Some(Self::Exists) => Self::Version(1),
            Some(Self::Version(version)) => Self::Version(version + 1),
        }
    }

    /// Returns `true` if a version meets the requirement.
    pub(super) fn allows(self, version: u64) -> bool {
        self == Self::Exists || self == Self::Version(version)
    }

    /// Returns the value of the header: `*`, or entity tags of which one has the version, with digests that are not
    /// compared.
    pub(super) fn header(self) -> String {
        match self {
            Self::Exists => "*".to_owned(),
            Self::Version(version) if version.is_multiple_of(2) => {
                format!("W/\"1-x\", \"999-x\", \"{version}-x\"")
            }
            Self::Version(version) => format!("\"{version}-x\""),
        }
    }
}
