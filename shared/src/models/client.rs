use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ClientId, Code, Entity, EntityId, Nom, Rank, Status, Timestamp};

/// A client, as every response shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Client {
    /// Its identifier.
    pub client_id: ClientId,
    /// Its name.
    pub nom: Nom,
    /// Its code.
    pub code: Code,
    /// Number of active sites.
    pub sites: u32,
    /// Number of active équipements at its active sites.
    pub equipements: u32,
    /// Whether it is in use.
    pub status: Status,
    /// Instant of creation.
    pub timestamp: Timestamp,
    /// 1 at registration, plus one for each change of `nom`, `code` or `status`; not part of a
    /// response body. Counters do not change it.
    #[serde(skip)]
    pub version: u64,
    /// Position in lists; not part of a response body.
    #[serde(skip)]
    pub rank: Rank,
}

impl Client {
    /// Creates an active client without sites. `uuid`, of version 7, becomes its identifier and
    /// its rank, and carries its timestamp.
    #[must_use]
    pub fn new(ClientRegister { nom, code }: ClientRegister, uuid: Uuid) -> Self {
        let (client_id, rank, timestamp) = (ClientId::from_uuid(uuid), Rank::from_uuid(uuid), Timestamp::of_v7(uuid));
        Self { client_id, nom, code, sites: 0, equipements: 0, status: Status::Actif, timestamp, version: 1, rank }
    }
}

impl Entity for Client {
    type Id = ClientId;
    type Fields = ClientFields;

    fn id(&self) -> ClientId {
        self.client_id
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
        [self.sites, self.equipements]
    }

    fn fields(&self) -> ClientFields {
        let Self { nom, code, status, .. } = self;
        ClientFields { nom: nom.clone(), code: *code, status: *status }
    }
}

/// The fields of a client whose changes make a new version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Client")]
pub struct ClientFields {
    /// Its name.
    pub nom: Nom,
    /// Its code.
    pub code: Code,
    /// Whether it is in use.
    pub status: Status,
}

/// Input of a registration of a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClientRegister {
    /// Its name.
    pub nom: Nom,
    /// Its code.
    pub code: Code,
}

/// Input of an update of a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClientUpdate {
    /// The client to change.
    pub client_id: ClientId,
    /// New name.
    pub nom: Nom,
    /// New code.
    pub code: Code,
}

/// Response of `GET /clients/{client_id}/infos`, without its sites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClientInfos {
    /// Its identifier.
    pub client_id: ClientId,
    /// Its name.
    pub nom: Nom,
    /// Its code.
    pub code: Code,
    /// Instant of creation.
    pub timestamp: Timestamp,
}

impl From<Client> for ClientInfos {
    fn from(Client { client_id, nom, code, timestamp, .. }: Client) -> Self {
        Self { client_id, nom, code, timestamp }
    }
}
