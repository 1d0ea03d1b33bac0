//! What the steps of a history prefer.

use fastrand::Rng;

/// The first seed of contended histories, in which most steps change the same few entities.
pub const FIRST_CONTENDED: u64 = 1_000_000_000_000_000;

/// Which entities and operations the steps of a history prefer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Focus {
    /// No preference.
    None,
    /// Few sites and équipements; changes of existing ones are mostly of their status.
    Entities,
    /// Few clients, sites and équipements; three steps in four are batches, and most others repeat an earlier request.
    Batches,
    /// Few sites and équipements; most steps change the status of one.
    Statuses,
}

impl Focus {
    /// Draws the preference of the history of a seed.
    pub(super) fn draw(seed: u64, rng: &mut Rng) -> Self {
        match (seed >= FIRST_CONTENDED, rng.u8(0..5)) {
            (true, 0..3) => Self::Batches,
            (true, _) => Self::Statuses,
            (false, 0) => Self::Entities,
            (false, _) => Self::None,
        }
    }

    pub(super) fn is_on_few_entities(self) -> bool {
        self != Self::None
    }

    pub(super) fn includes_clients(self) -> bool {
        matches!(self, Self::None | Self::Batches)
    }

    /// Returns how many of ten changes register an entity, and how many register or update one. The others set a
    /// status.
    pub(super) fn changes(self) -> (u8, u8) {
        match self {
            Self::None => (3, 7),
            Self::Entities => (4, 6),
            Self::Batches => (2, 6),
            Self::Statuses => (0, 2),
        }
    }

    /// Returns the largest code. There are few, so that callers compete for them.
    pub(super) fn max_code(self) -> i64 {
        if self == Self::Batches { 3 } else { 7 }
    }
}
