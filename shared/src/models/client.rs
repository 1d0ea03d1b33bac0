use schemars::JsonSchema;
use serde::Serialize;

use super::{ClientId, Code, Entity, EntityId, Nom, Status, Timestamp};

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
    /// How often it has changed, its counters included; no part of an answer's body.
    #[serde(skip)]
    pub version: u64,
}

impl Client {
    /// A client that begins now, active, with nothing installed.
    #[must_use]
    pub fn new(ClientRegister { nom, code }: ClientRegister) -> Self {
        let (client_id, timestamp) = ClientId::generate();
        Self { client_id, nom, code, sites: 0, equipements: 0, status: Status::Actif, timestamp, version: 1 }
    }
}

impl Entity for Client {
    type Id = ClientId;

    fn id(&self) -> ClientId {
        self.client_id
    }

    fn nom(&self) -> &Nom {
        &self.nom
    }

    fn status(&self) -> Status {
        self.status
    }
}

/// What is asked to register a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientRegister {
    /// Its name.
    pub nom: Nom,
    /// Its number.
    pub code: Code,
}

/// What is asked to change a client.
#[derive(Debug, Clone, PartialEq, Eq)]
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
