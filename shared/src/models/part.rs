use super::{Entity, Folded, Status};

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<T> {
    /// The entity that it begins after; `None` is the beginning of the list.
    pub after: Option<T>,
    /// The most entities that it has; `None` is all that an answer may carry.
    pub limit: Option<u16>,
}

impl<T> Part<T> {
    /// The most that may be asked for.
    pub const MAX_LIMIT: u16 = 1000;

    /// The whole list.
    pub const ALL: Self = Self { after: None, limit: None };
}

/// Which entities of a list are asked for, whatever their kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Only those of this status.
    pub status: Option<Status>,
    /// Only those whose nom begins so.
    pub nom: Option<Folded>,
}

impl Filter {
    /// Every entity.
    pub const ALL: Self = Self { status: None, nom: None };

    /// The entities of one status.
    #[must_use]
    pub const fn of_status(status: Status) -> Self {
        Self { status: Some(status), nom: None }
    }

    /// Whether an entity is asked for.
    pub fn passes(&self, entity: &impl Entity) -> bool {
        self.status.is_none_or(|status| entity.status() == status)
            && self.nom.as_ref().is_none_or(|nom| entity.nom().folded().begins_with(nom))
    }
}
