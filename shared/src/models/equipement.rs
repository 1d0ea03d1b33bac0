use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ClientId, Entity, EntityId, EquipementId, Nom, OptionalText, Rank, SiteId, Status, Timestamp};

/// An équipement, as every response shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Equipement {
    /// Its identifier.
    pub equipement_id: EquipementId,
    /// The site where it is installed.
    pub site_id: SiteId,
    /// The client of that site.
    pub client_id: ClientId,
    /// Its name.
    pub nom: Nom,
    /// Its type.
    pub r#type: OptionalText,
    /// Its serial number.
    pub numero_serie: OptionalText,
    /// Whether it is in use.
    pub status: Status,
    /// Instant of creation.
    pub timestamp: Timestamp,
    /// 1 at registration, plus one for each change of its fields, its status or its site; not part
    /// of a response body.
    #[serde(skip)]
    pub version: u64,
    /// Position in lists; not part of a response body.
    #[serde(skip)]
    pub rank: Rank,
}

impl Equipement {
    /// Creates an active équipement; `client_id` is the client of its site. `uuid`, of version 7,
    /// becomes its identifier and its rank, and carries its timestamp.
    #[must_use]
    pub fn new(input: EquipementRegister, client_id: ClientId, uuid: Uuid) -> Self {
        let EquipementRegister { site_id, nom, r#type, numero_serie } = input;
        Self {
            equipement_id: EquipementId::from_uuid(uuid),
            site_id,
            client_id,
            nom,
            r#type,
            numero_serie,
            status: Status::Actif,
            timestamp: Timestamp::of_v7(uuid),
            version: 1,
            rank: Rank::from_uuid(uuid),
        }
    }

    /// Returns the équipement, as its site's page shows it.
    #[must_use]
    pub fn summary(&self) -> EquipementSummary<'_> {
        let Self { equipement_id, nom, r#type, numero_serie, .. } = self;
        EquipementSummary { equipement_id: *equipement_id, nom, r#type, numero_serie }
    }
}

impl Entity for Equipement {
    type Id = EquipementId;
    type Fields = EquipementFields;

    fn id(&self) -> EquipementId {
        self.equipement_id
    }

    fn rank(&self) -> Rank {
        self.rank
    }

    fn nom(&self) -> &Nom {
        &self.nom
    }

    fn status(&self) -> Status {
        self.status
    }

    fn version(&self) -> u64 {
        self.version
    }

    fn fields(&self) -> EquipementFields {
        let Self { site_id, nom, r#type, numero_serie, status, .. } = self;
        EquipementFields {
            site_id: *site_id,
            nom: nom.clone(),
            r#type: r#type.clone(),
            numero_serie: numero_serie.clone(),
            status: *status,
        }
    }

    fn has_moved(&self, before: &Self) -> bool {
        self.site_id != before.site_id
    }
}

/// The fields of an équipement whose changes make a new version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Equipement")]
pub struct EquipementFields {
    /// The site where it is installed.
    pub site_id: SiteId,
    /// Its name.
    pub nom: Nom,
    /// Its type.
    pub r#type: OptionalText,
    /// Its serial number.
    pub numero_serie: OptionalText,
    /// Whether it is in use.
    pub status: Status,
}

/// Input of a registration of an équipement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EquipementRegister {
    /// The site where it is installed.
    pub site_id: SiteId,
    /// Its name.
    pub nom: Nom,
    /// Its type.
    pub r#type: OptionalText,
    /// Its serial number.
    pub numero_serie: OptionalText,
}

/// Input of an update of an équipement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EquipementUpdate {
    /// The équipement to change.
    pub equipement_id: EquipementId,
    /// New site, or the same.
    pub site_id: SiteId,
    /// New name.
    pub nom: Nom,
    /// New type.
    pub r#type: OptionalText,
    /// New serial number.
    pub numero_serie: OptionalText,
}

/// An équipement, as its site's page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EquipementSummary<'a> {
    /// Its identifier.
    pub equipement_id: EquipementId,
    /// Its name.
    pub nom: &'a Nom,
    /// Its type.
    pub r#type: &'a OptionalText,
    /// Its serial number.
    pub numero_serie: &'a OptionalText,
}
