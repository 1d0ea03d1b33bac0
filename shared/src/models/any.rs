use uuid::Uuid;

use super::{Client, Entity, EntityId, Equipement, Kind, Site};

/// An entity of any kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnyEntity {
    /// A client.
    Client(Client),
    /// A site.
    Site(Site),
    /// An équipement.
    Equipement(Equipement),
}

impl AnyEntity {
    /// Returns its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Client(_) => Kind::Client,
            Self::Site(_) => Kind::Site,
            Self::Equipement(_) => Kind::Equipement,
        }
    }

    /// Returns the value of its identifier.
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        match self {
            Self::Client(client) => client.id().as_uuid(),
            Self::Site(site) => site.id().as_uuid(),
            Self::Equipement(equipement) => equipement.id().as_uuid(),
        }
    }
}
