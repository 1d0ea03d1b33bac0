//! Operations of a batch.

use serde::Serialize;
use uuid::Uuid;

use super::{
    ClientId, ClientRegister, ClientUpdate, EntityId, EquipementId, EquipementRegister, EquipementUpdate,
    ExpectedVersion, Kind, SiteId, SiteRegister, SiteUpdate, Status,
};

/// Maximum number of operations in one batch.
pub const MAX_OPERATIONS: usize = 1000;

/// A valid operation of a batch, and its place there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BatchOperation {
    /// Index in the batch, from 0.
    pub index: u16,
    /// Version that the entity must have before it is changed.
    pub expected: Option<ExpectedVersion>,
    /// What it does.
    pub operation: Operation,
}

/// What an operation of a batch does. Each is what one route of the API does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "each variant is the store's method of the same name")]
pub enum Operation {
    RegisterClient(ClientRegister),
    UpdateClient(ClientUpdate),
    SetClientStatus(ClientId, Status),
    RegisterSite(SiteRegister),
    UpdateSite(SiteUpdate),
    SetSiteStatus(SiteId, Status),
    RegisterEquipement(EquipementRegister),
    UpdateEquipement(EquipementUpdate),
    SetEquipementStatus(EquipementId, Status),
}

impl Operation {
    /// Returns the kind of the entity that it changes.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::RegisterClient(_) | Self::UpdateClient(_) | Self::SetClientStatus(..) => Kind::Client,
            Self::RegisterSite(_) | Self::UpdateSite(_) | Self::SetSiteStatus(..) => Kind::Site,
            Self::RegisterEquipement(_) | Self::UpdateEquipement(_) | Self::SetEquipementStatus(..) => Kind::Equipement,
        }
    }

    /// Returns `true` if it registers an entity.
    #[must_use]
    pub fn registers(&self) -> bool {
        matches!(self, Self::RegisterClient(_) | Self::RegisterSite(_) | Self::RegisterEquipement(_))
    }

    /// Returns `true` if it makes an entity inactive: its answer is then `true`, and not the entity.
    #[must_use]
    pub fn deactivates(&self) -> bool {
        matches!(
            self,
            Self::SetClientStatus(_, Status::Inactif)
                | Self::SetSiteStatus(_, Status::Inactif)
                | Self::SetEquipementStatus(_, Status::Inactif)
        )
    }

    /// Replaces every identifier.
    #[must_use]
    pub fn with_ids(mut self, replace: impl Fn(Uuid) -> Uuid) -> Self {
        match &mut self {
            Self::RegisterClient(_) => {}
            Self::UpdateClient(ClientUpdate { client_id: id, .. })
            | Self::SetClientStatus(id, _)
            | Self::RegisterSite(SiteRegister { client_id: id, .. }) => replace_id(id, replace),
            Self::UpdateSite(SiteUpdate { site_id: id, .. })
            | Self::SetSiteStatus(id, _)
            | Self::RegisterEquipement(EquipementRegister { site_id: id, .. }) => replace_id(id, replace),
            Self::UpdateEquipement(EquipementUpdate { equipement_id, site_id, .. }) => {
                replace_id(equipement_id, &replace);
                replace_id(site_id, replace);
            }
            Self::SetEquipementStatus(id, _) => replace_id(id, replace),
        }
        self
    }
}

fn replace_id<I: EntityId>(id: &mut I, replace: impl Fn(Uuid) -> Uuid) {
    *id = I::from_uuid(replace(id.as_uuid()));
}

/// Stands for the identifier that an operation of the same batch gives to the entity that it registers, until that
/// identifier is known.
///
/// A UUID of version 8, whose content [RFC 9562](https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8) leaves to
/// its maker. No entity has such an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placeholder(pub u16);

impl Placeholder {
    const FIRST: u128 = 0x7061_7263_0000_8000_8000_0000_0000_0000;

    /// Returns the UUID that stands for the identifier.
    #[must_use]
    pub fn as_uuid(self) -> Uuid {
        Uuid::from_u128(Self::FIRST + u128::from(self.0))
    }

    /// Returns the placeholder that a UUID is, if it is one.
    #[must_use]
    pub fn of_uuid(uuid: Uuid) -> Option<Self> {
        uuid.as_u128().checked_sub(Self::FIRST).and_then(|index| u16::try_from(index).ok()).map(Self)
    }
}

/// Kind of a change of an entity, named as in the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Registers an entity.
    Register,
    /// Changes its fields.
    Update,
    /// Makes it inactive.
    Deactivate,
    /// Makes it active again.
    Reactivate,
}

impl Action {
    /// Every kind of change.
    pub const ALL: [Self; 4] = [Self::Register, Self::Update, Self::Deactivate, Self::Reactivate];

    /// Returns its name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Update => "update",
            Self::Deactivate => "deactivate",
            Self::Reactivate => "reactivate",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_recognized() {
        for index in [0, 1, 999, u16::MAX] {
            assert_eq!(Placeholder::of_uuid(Placeholder(index).as_uuid()), Some(Placeholder(index)));
        }
        let after_the_last = Placeholder(u16::MAX).as_uuid().as_u128() + 1;
        for other in [0, Placeholder::FIRST - 1, after_the_last, u128::MAX] {
            assert_eq!(Placeholder::of_uuid(Uuid::from_u128(other)), None);
        }
        assert_eq!(Placeholder(7).as_uuid().get_version_num(), 8);
    }
}
