//! What the steps of all callers of a history have in common.

use fastrand::Rng;

/// The first seed of histories in which nearly all steps change the same few entities.
pub const FIRST_CONTENDED: u64 = 1_000_000_000_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Focus {
    /// Nothing.
    None,
    /// They change the same few entities, and mostly their status.
    Entities,
    /// Like [`Focus::Entities`], but clients too, and nearly all of them are batches.
    Batches,
    /// Like [`Focus::Entities`], and nearly all of them change the status of one site or of its équipement.
    Statuses,
}

impl Focus {
    /// Draws what the steps of the history of a seed have in common.
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

    /// Returns how many of ten changes register an entity, and how many register or update one. The others set a status.
    pub(super) fn changes(self) -> (u8, u8) {
        match self {
            Self::None => (3, 7),
            Self::Entities => (4, 6),
            Self::Batches => (2, 6),
            Self::Statuses => (0, 2),
        }
    }

    /// Returns the largest code. There are few, so that callers meet.
    pub(super) fn max_code(self) -> i64 {
        if self == Self::Batches { 3 } else { 7 }
    }
}
