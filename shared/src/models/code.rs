use std::fmt;

use serde::{Deserialize, Serialize};

/// Number by which people know a client; unique among all clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Code(i64);

impl From<i64> for Code {
    fn from(number: i64) -> Self {
        Self(number)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
