use uuid::Uuid;

use super::{Entity, Folded, Rank, Status};

/// The slice of a list that a caller asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pagination<P = Rank> {
    /// Position of the element after which the slice starts; `None` starts at the first element.
    pub after: Option<P>,
    /// Maximum number of elements; `None` is 100 for a history, otherwise as many as one response can carry.
    pub limit: Option<u16>,
}

/// Position of an element in a list, as cursors carry it.
pub trait Position: Copy {
    /// Returns the position as a UUID.
    fn to_uuid(self) -> Uuid;

    /// Returns the position that a UUID stands for, if there is one.
    fn from_uuid(uuid: Uuid) -> Option<Self>;
}

impl Position for Rank {
    fn to_uuid(self) -> Uuid {
        self.as_uuid()
    }

    fn from_uuid(uuid: Uuid) -> Option<Self> {
        Some(Self::from_uuid(uuid))
    }
}

/// A version, as the position of an entry in a history.
impl Position for u64 {
    fn to_uuid(self) -> Uuid {
        Uuid::from_u128(self.into())
    }

    fn from_uuid(uuid: Uuid) -> Option<Self> {
        uuid.as_u128().try_into().ok()
    }
}

impl Pagination {
    /// Largest `limit` that a caller may ask for.
    pub const MAX_LIMIT: u16 = 1000;

    /// The whole list.
    pub const ALL: Self = Self { after: None, limit: None };
}

/// Conditions on the entities of a list that apply to every kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Keeps the entities with this status.
    pub status: Option<Status>,
    /// Keeps the entities whose nom starts with this text.
    pub nom: Option<Folded>,
}

impl Filter {
    /// Keeps every entity.
    pub const ALL: Self = Self { status: None, nom: None };

    /// Keeps the entities with this status.
    #[must_use]
    pub const fn of_status(status: Status) -> Self {
        Self { status: Some(status), nom: None }
    }

    /// Returns `true` if the entity meets every condition.
    pub fn passes(&self, entity: &impl Entity) -> bool {
        self.status.is_none_or(|status| entity.status() == status)
            && self.nom.as_ref().is_none_or(|nom| entity.nom().folded().begins_with(nom))
    }
}
