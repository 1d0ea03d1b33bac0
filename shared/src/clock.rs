//! The time of day.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};

/// The clock of a process. Clones share it.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// Returns the clock of the system.
    #[must_use]
    pub fn system() -> Self {
        Self::new(Utc::now)
    }

    /// Returns a clock that shows what a function returns. For simulations.
    pub fn new(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Returns the time of day.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.0()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
