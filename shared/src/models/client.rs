use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ClientId, Code, Entity, EntityId, Nom, Rank, Status, Timestamp};

/// A client as every answer gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Client {
    /// Its identifier.
    pub client_id: ClientId,
    /// Its name.
    pub nom: Nom,
    /// Its number.
    pub code: Code,
    /// How many active sites it has.
    pub sites: u32,
    /// How many équipements are counted at its active sites.
    pub equipements: u32,
    /// Whether it is in use.
    pub status: Status,
    /// When it was created.
    pub timestamp: Timestamp,
    /// 1 at registration, plus one for each change of `nom`, `code` or `status`; not part of a
    /// response body. Counters do not change it.
    #[serde(skip)]
    pub version: u64,
    /// Its place in lists; not part of a response body.
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
    /// Its number.
    pub code: Code,
    /// Whether it is in use.
    pub status: Status,
}

/// What is asked to register a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClientRegister {
    /// Its name.
    pub nom: Nom,
    /// Its number.
    pub code: Code,
}

/// What is asked to change a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClientUpdate {
    /// Which client.
    pub client_id: ClientId,
    /// Its name from now on.
    pub nom: Nom,
    /// Its number from now on.
    pub code: Code,
}

/// A client's own page, but for its sites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClientInfos {
    /// Its identifier.
    pub client_id: ClientId,
    /// Its name.
    pub nom: Nom,
    /// Its number.
    pub code: Code,
    /// When it was created.
    pub timestamp: Timestamp,
}

impl From<Client> for ClientInfos {
    fn from(Client { client_id, nom, code, timestamp, .. }: Client) -> Self {
        Self { client_id, nom, code, timestamp }
    }
}
