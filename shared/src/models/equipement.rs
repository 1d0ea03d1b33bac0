use schemars::JsonSchema;
use serde::Serialize;

use super::{ClientId, Entity, EntityId, EquipementId, Nom, SiteId, Status, Texte, Timestamp};

/// An équipement as every answer gives it.
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
    /// What it is.
    pub r#type: Texte,
    /// Its maker's number.
    pub numero_serie: Texte,
    /// Whether it is in use.
    pub status: Status,
    /// When it was created.
    pub timestamp: Timestamp,
    /// How often it has changed; no part of an answer's body.
    #[serde(skip)]
    pub version: u64,
}

impl Equipement {
    /// An équipement of this client that begins now, active.
    #[must_use]
    pub fn new(asked: EquipementRegister, client_id: ClientId) -> Self {
        let EquipementRegister { site_id, nom, r#type, numero_serie } = asked;
        let (equipement_id, timestamp) = EquipementId::generate();
        let status = Status::Actif;
        Self { equipement_id, site_id, client_id, nom, r#type, numero_serie, status, timestamp, version: 1 }
    }

    /// It as its site's page gives it.
    #[must_use]
    pub fn summary(&self) -> EquipementSummary<'_> {
        let Self { equipement_id, nom, r#type, numero_serie, .. } = self;
        EquipementSummary { equipement_id: *equipement_id, nom, r#type, numero_serie }
    }
}

impl Entity for Equipement {
    type Id = EquipementId;

    fn id(&self) -> EquipementId {
        self.equipement_id
    }

    fn nom(&self) -> &Nom {
        &self.nom
    }

    fn status(&self) -> Status {
        self.status
    }
}

/// What is asked to register an équipement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EquipementRegister {
    /// The site where it is installed.
    pub site_id: SiteId,
    /// Its name.
    pub nom: Nom,
    /// What it is.
    pub r#type: Texte,
    /// Its maker's number.
    pub numero_serie: Texte,
}

/// What is asked to change an équipement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EquipementUpdate {
    /// Which équipement.
    pub equipement_id: EquipementId,
    /// The site where it is installed from now on.
    pub site_id: SiteId,
    /// Its name from now on.
    pub nom: Nom,
    /// What it is, from now on.
    pub r#type: Texte,
    /// Its maker's number from now on.
    pub numero_serie: Texte,
}

/// An équipement as its site's page gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EquipementSummary<'a> {
    /// Its identifier.
    pub equipement_id: EquipementId,
    /// Its name.
    pub nom: &'a Nom,
    /// What it is.
    pub r#type: &'a Texte,
    /// Its maker's number.
    pub numero_serie: &'a Texte,
}
