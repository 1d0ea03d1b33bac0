//! Clients, and the reservations that make a code unique.

use serde::{Deserialize, Serialize};

use super::calls::{Item, Outcome, Refusal};
use super::keys::{Key, shard_of};
use super::write::{Update, Write};
use super::{List, Store, StoreError};
use crate::models::{Client, ClientId, ClientInfos, ClientRegister, ClientUpdate, Code, Kind, Nom, Status, Timestamp};

const UNKNOWN: StoreError = StoreError::Unknown(Kind::Client);

/// A client as it stands in the table.
#[derive(Serialize, Deserialize)]
struct ClientRow {
    #[serde(flatten)]
    key: Key,
    #[serde(rename = "GSI1PK")]
    shard: String,
    #[serde(rename = "GSI1SK")]
    client_id: ClientId,
    nom: Nom,
    code: Code,
    sites: u32,
    equipements: u32,
    status: Status,
    version: u64,
    created: Timestamp,
}

impl From<Client> for ClientRow {
    fn from(client: Client) -> Self {
        let Client { client_id, nom, code, sites, equipements, status, timestamp, version } = client;
        Self {
            key: Key::client(client_id),
            shard: shard_of(client_id),
            client_id,
            nom,
            code,
            sites,
            equipements,
            status,
            version,
            created: timestamp,
        }
    }
}

impl From<ClientRow> for Client {
    fn from(row: ClientRow) -> Self {
        let ClientRow { client_id, nom, code, sites, equipements, status, version, created, .. } = row;
        Self { client_id, nom, code, sites, equipements, status, timestamp: created, version }
    }
}

/// That a code names a client.
#[derive(Serialize, Deserialize)]
struct CodeRow {
    #[serde(flatten)]
    key: Key,
    client_id: ClientId,
}

impl CodeRow {
    fn reserve(code: Code, client_id: ClientId) -> Result<Write, StoreError> {
        Write::new(Self { key: Key::code(code), client_id })
    }
}

pub(super) fn client(item: Item) -> Result<Client, StoreError> {
    Ok(serde_dynamo::from_item::<_, ClientRow>(item)?.into())
}

impl Store {
    /// Adds a client.
    ///
    /// # Errors
    /// [`StoreError::CodeTaken`].
    pub async fn register_client(&self, asked: ClientRegister) -> Result<Client, StoreError> {
        let client = Client::new(asked);
        let row = ClientRow::from(client.clone());
        match self.transact([CodeRow::reserve(client.code, client.client_id)?, Write::new(row)?]).await? {
            Outcome::Written(()) => Ok(client),
            Outcome::Refused(_) => Err(StoreError::CodeTaken(client.code)),
        }
    }

    /// Changes a client's nom and code; the old code is free from then on.
    ///
    /// # Errors
    /// [`StoreError::Unknown`], [`StoreError::CodeTaken`].
    pub async fn update_client(&self, asked: &ClientUpdate) -> Result<Client, StoreError> {
        loop {
            let rename = Update::new(
                Key::client(asked.client_id),
                "SET nom = :nom ADD version :one",
                "attribute_exists(PK) AND code = :code",
            );
            let rename = rename.bind(":nom", &asked.nom)?.bind(":code", asked.code)?.bind(":one", 1)?;
            let before = match self.update(rename).await? {
                Outcome::Written(item) => return client(item),
                Outcome::Refused(Refusal { found: Some(item), .. }) => client(item)?,
                Outcome::Refused(Refusal { found: None, .. }) => return Err(UNKNOWN),
            };
            if let Some(after) = self.change_code(before, asked).await? {
                return Ok(after);
            }
        }
    }

    /// The change of a code; `None` where the client is no longer as it was `before`.
    async fn change_code(&self, before: Client, asked: &ClientUpdate) -> Result<Option<Client>, StoreError> {
        let change = Update::new(
            Key::client(before.client_id),
            "SET nom = :nom, code = :code ADD version :one",
            "version = :version",
        );
        let change = change
            .bind(":nom", &asked.nom)?
            .bind(":code", asked.code)?
            .bind(":version", before.version)?
            .bind(":one", 1)?;
        let reserve = CodeRow::reserve(asked.code, before.client_id)?;
        match self.transact([Write::Update(change), reserve, Write::Delete(Key::code(before.code))]).await? {
            Outcome::Written(()) => {
                let version = before.version + 1;
                Ok(Some(Client { nom: asked.nom.clone(), code: asked.code, version, ..before }))
            }
            Outcome::Refused(Refusal { place: 0, .. }) => Ok(None),
            Outcome::Refused(_) => Err(StoreError::CodeTaken(asked.code)),
        }
    }

    /// Makes a client active or inactive; one that is so already stays as it is.
    ///
    /// # Errors
    /// [`StoreError::Unknown`].
    pub async fn set_client_status(&self, id: ClientId, status: Status) -> Result<Client, StoreError> {
        let change = Update::new(
            Key::client(id),
            "SET #status = :status ADD version :one",
            "attribute_exists(PK) AND #status <> :status",
        );
        match self.update(change.bind(":status", status)?.bind(":one", 1)?).await? {
            Outcome::Written(item) | Outcome::Refused(Refusal { found: Some(item), .. }) => client(item),
            Outcome::Refused(Refusal { found: None, .. }) => Err(UNKNOWN),
        }
    }

    /// A client's page, as of now.
    ///
    /// # Errors
    /// [`StoreError::Unknown`].
    pub async fn client_infos(&self, id: ClientId) -> Result<ClientInfos, StoreError> {
        let query = self
            .db
            .query()
            .consistent_read(true)
            .key_condition_expression("PK = :client")
            .expression_attribute_values(":client", serde_dynamo::to_attribute_value(Key::client(id).partition)?);
        let first = self.query(query).await?.items.into_iter().next().ok_or(UNKNOWN)?;
        let Client { client_id, nom, code, timestamp, .. } = client(first)?;
        Ok(ClientInfos { client_id, nom, code, timestamp, sites: Vec::new() })
    }

    /// The clients of one status or of all, oldest first, from the one after `after`.
    #[must_use]
    pub fn clients(&self, status: Option<Status>, after: Option<ClientId>) -> List<Client> {
        List::new(self.clone(), client, status, after)
    }
}
