use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ClientId, Entity, EntityId, Nom, Rank, SiteId, Status, Timestamp};

/// A site, as every response shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Site {
    /// Its identifier.
    pub site_id: SiteId,
    /// The client that it belongs to; never changes.
    pub client_id: ClientId,
    /// Its name.
    pub nom: Nom,
    /// Number of active équipements.
    pub equipements: u32,
    /// Whether it is in use.
    pub status: Status,
    /// Instant of creation.
    pub timestamp: Timestamp,
    /// 1 at registration, plus one for each change of `nom` or `status`; not part of a response
    /// body. The counter does not change it.
    #[serde(skip)]
    pub version: u64,
    /// Position in lists; not part of a response body.
    #[serde(skip)]
    pub rank: Rank,
}

impl Site {
    /// Creates an active site without équipements. `uuid`, of version 7, becomes its identifier and
    /// its rank, and carries its timestamp.
    #[must_use]
    pub fn new(SiteRegister { client_id, nom }: SiteRegister, uuid: Uuid) -> Self {
        let (site_id, rank, timestamp) = (SiteId::from_uuid(uuid), Rank::from_uuid(uuid), Timestamp::of_v7(uuid));
        Self { site_id, client_id, nom, equipements: 0, status: Status::Actif, timestamp, version: 1, rank }
    }

    /// Returns the site, as its client's page shows it.
    #[must_use]
    pub fn summary(&self) -> SiteSummary<'_> {
        let Self { site_id, nom, equipements, .. } = self;
        SiteSummary { site_id: *site_id, nom, equipements: *equipements }
    }
}

impl Entity for Site {
    type Id = SiteId;
    type Fields = SiteFields;

    fn id(&self) -> SiteId {
        self.site_id
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

    fn counters(&self) -> [u32; 2] {
        [0, self.equipements]
    }

    fn fields(&self) -> SiteFields {
        let Self { nom, status, .. } = self;
        SiteFields { nom: nom.clone(), status: *status }
    }
}

/// The fields of a site whose changes make a new version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Site")]
pub struct SiteFields {
    /// Its name.
    pub nom: Nom,
    /// Whether it is in use.
    pub status: Status,
}

/// Input of a registration of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SiteRegister {
    /// The client that it belongs to.
    pub client_id: ClientId,
    /// Its name.
    pub nom: Nom,
}

/// Input of an update of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SiteUpdate {
    /// The site to change.
    pub site_id: SiteId,
    /// New name.
    pub nom: Nom,
}

/// Response of `GET /sites/{site_id}/infos`, without its équipements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SiteInfos {
    /// Its identifier.
    pub site_id: SiteId,
    /// The client that it belongs to.
    pub client_id: ClientId,
    /// Its name.
    pub nom: Nom,
    /// Instant of creation.
    pub timestamp: Timestamp,
}

impl From<Site> for SiteInfos {
    fn from(Site { site_id, client_id, nom, timestamp, .. }: Site) -> Self {
        Self { site_id, client_id, nom, timestamp }
    }
}

/// A site, as its client's page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SiteSummary<'a> {
    /// Its identifier.
    pub site_id: SiteId,
    /// Its name.
    pub nom: &'a Nom,
    /// Number of active équipements.
    pub equipements: u32,
}
