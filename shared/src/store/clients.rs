//! Clients, and the reservations that make a code unique.

use serde::{Deserialize, Serialize};

use super::calls::{Commit, Item, Updated, row};
use super::keys::{Key, name, shard_of};
use super::sites::site;
use super::write::{Refused, Update, Write};
use super::{List, Store, StoreError};
use crate::models::{
    Client, ClientId, ClientRegister, ClientUpdate, Code, Filter, Kind, Nom, Part, Site, SiteId, Status, Timestamp,
};

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
    #[serde(rename = "GSI2SK", default)]
    searched: String,
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
            searched: name(&nom.folded()),
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
pub(super) struct CodeRow {
    #[serde(flatten)]
    pub(super) key: Key,
    pub(super) client_id: ClientId,
}

impl CodeRow {
    pub(super) fn reserve(code: Code, client_id: ClientId, refused: Refused) -> Result<Write, StoreError> {
        Write::new(Self { key: Key::code(code), client_id }, refused)
    }
}

pub(super) fn client(item: Item) -> Result<Client, StoreError> {
    row::<ClientRow>(item).map(Client::from)
}

impl Store {
    /// Adds a client.
    ///
    /// # Errors
    /// [`StoreError::CodeTaken`].
    pub async fn register_client(&self, asked: ClientRegister) -> Result<Client, StoreError> {
        let client = Client::new(asked);
        let reserve = CodeRow::reserve(client.code, client.client_id, Refused::CodeTaken(client.code))?;
        let add = Write::new(ClientRow::from(client.clone()), Refused::Corrupt)?;
        self.transact(vec![reserve, add]).await?;
        Ok(client)
    }

    /// Changes a client's nom and code; the old code is free from then on.
    ///
    /// # Errors
    /// [`StoreError::Unknown`], [`StoreError::CodeTaken`].
    pub async fn update_client(&self, asked: &ClientUpdate) -> Result<Client, StoreError> {
        loop {
            let rename = Update::new(
                Key::client(asked.client_id),
                "SET nom = :nom, GSI2SK = :name ADD version :one",
                "attribute_exists(PK) AND code = :code",
            );
            let rename = rename.bind_nom(&asked.nom)?.bind(":code", asked.code)?.bind(":one", 1)?;
            let before = match self.update(rename).await? {
                Updated::Written(item) => return client(item),
                Updated::Refused(Some(item)) => client(item)?,
                Updated::Refused(None) => return Err(UNKNOWN),
            };
            if self.change_code(&before, asked).await? == Commit::Done {
                let version = before.version + 1;
                return Ok(Client { nom: asked.nom.clone(), code: asked.code, version, ..before });
            }
        }
    }

    async fn change_code(&self, before: &Client, asked: &ClientUpdate) -> Result<Commit, StoreError> {
        let change = Update::new(
            Key::client(before.client_id),
            "SET nom = :nom, GSI2SK = :name, code = :code ADD version :one",
            "version = :version",
        );
        let change = change
            .bind_nom(&asked.nom)?
            .bind(":code", asked.code)?
            .bind(":version", before.version)?
            .bind(":one", 1)?;
        let reserve = CodeRow::reserve(asked.code, before.client_id, Refused::CodeTaken(asked.code))?;
        let free = Update::new(Key::code(before.code), "", "client_id = :client").bind(":client", before.client_id)?;
        self.transact(vec![change.or(Refused::Stale), reserve, Write::delete(free, Refused::Stale)]).await
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
            Updated::Written(item) | Updated::Refused(Some(item)) => client(item),
            Updated::Refused(None) => Err(UNKNOWN),
        }
    }

    /// A part of the clients; eventually consistent.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn clients(&self, filter: &Filter, part: Part<ClientId>) -> Result<List<Client>, StoreError> {
        self.of_kind(client, filter, part).await
    }

    /// A part of the clients with this code: at the most one; strongly consistent.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn clients_of_code(
        &self,
        code: Code,
        filter: &Filter,
        part: Part<ClientId>,
    ) -> Result<List<Client>, StoreError> {
        let reserved = self.get(Key::code(code)).await?.map(row::<CodeRow>).transpose()?;
        let holder = match reserved {
            Some(CodeRow { client_id, .. }) => self.get(Key::client(client_id)).await?.map(client).transpose()?,
            None => None,
        };
        // Between the two reads it may have changed its code.
        let asked = |client: &Client| client.code == code && part.after.is_none_or(|after| client.client_id > after);
        Ok(List::of_rows(self.clone(), client, filter, holder.filter(asked)))
    }

    /// A client, and a part of its sites.
    ///
    /// # Errors
    /// [`StoreError::Unknown`].
    pub async fn client_with_sites(
        &self,
        id: ClientId,
        filter: &Filter,
        part: Part<SiteId>,
    ) -> Result<(Client, List<Site>), StoreError> {
        let Key { partition, .. } = Key::client(id);
        if part.after.is_some() {
            let sites = List::new(self.clone(), site, filter, [self.children(&partition, filter, part)]);
            let item = self.get(Key::client(id)).await?.ok_or(UNKNOWN)?;
            return Ok((client(item)?, sites));
        }
        let query = self.client_and_sites(&partition, filter, part.limit);
        let mut page = self.query(query.clone()).await?;
        if page.items.is_empty() {
            return Err(UNKNOWN);
        }
        let first = page.items.remove(0);
        Ok((client(first)?, List::of_page(self.clone(), site, filter, query, page)?))
    }
}
