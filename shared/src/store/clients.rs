//! Clients, and the reservations that make a code unique.

use super::change::{self, Change};
use super::lists::{self, Parent};
use super::replays::{Replay, Written};
use super::rows::{CLIENT_ID, ClientRow, CodeRow, Key, SiteRow};
use super::table::{OnConditionFailed, Table, TransactOp};
use super::{List, Store, StoreError};
use crate::models::{Client, ClientId, ClientRegister, ClientUpdate, Code, Filter, Kind, Pagination, Site, Status};

impl Store {
    /// Registers a client.
    ///
    /// # Errors
    /// Returns [`StoreError::CodeTaken`].
    pub async fn register_client(&self, input: ClientRegister) -> Result<Written<Client>, StoreError> {
        let replay = Replay::of(&self.table, "register_client", &input);
        let client = Client::new(input, self.table.request().new_uuid());
        change::insert(&self.table, replay, new_client(client)).await
    }

    /// Changes a client's nom and code; the old code becomes free.
    ///
    /// # Errors
    /// Returns [`StoreError::Unknown`] or [`StoreError::CodeTaken`].
    pub async fn update_client(&self, input: &ClientUpdate) -> Result<Written<Client>, StoreError> {
        let replay = Replay::of(&self.table, "update_client", input);
        change::apply(&self.table, replay, |_| client(&self.table, input.client_id), |before| update(before, input))
            .await
    }

    /// Sets the status of a client. Writes nothing if it already has that status.
    ///
    /// # Errors
    /// Returns [`StoreError::Unknown`].
    pub async fn set_client_status(&self, id: ClientId, status: Status) -> Result<Written<Client>, StoreError> {
        let replay = Replay::of(&self.table, "set_client_status", &(id, status));
        let decide = |before: &ClientRow| {
            let client = Client { status, ..before.client.clone() };
            Change::update(before, ClientRow { client, ..*before })
        };
        change::apply(&self.table, replay, |_| client(&self.table, id), decide).await
    }

    /// Lists clients; eventually consistent.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub async fn clients(&self, filter: &Filter, page: Pagination) -> Result<List<Client>, StoreError> {
        lists::of_kind::<ClientRow>(&self.table, filter, page).await
    }

    /// Lists the clients with this code, of which there is at most one; strongly consistent.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn clients_with_code(
        &self,
        code: Code,
        filter: &Filter,
        page: Pagination,
    ) -> Result<List<Client>, StoreError> {
        let holder = match self.table.get::<CodeRow>(Key::code(code)).await? {
            Some(CodeRow { client_id, .. }) => self.table.get::<ClientRow>(Key::client(client_id)).await?,
            None => None,
        };
        // The client may have changed its code between the two reads.
        let matches = |client: &Client| client.code == code && page.after.is_none_or(|after| client.rank > after);
        let client = holder.map(|row| row.client).filter(matches);
        Ok(List::of_entities(&self.table, filter, client))
    }

    /// Returns a client, and a list of its sites.
    ///
    /// # Errors
    /// Returns [`StoreError::Unknown`].
    pub async fn client_with_sites(
        &self,
        id: ClientId,
        filter: &Filter,
        page: Pagination,
    ) -> Result<(Client, List<Site>), StoreError> {
        let parent = Parent::of_sites(id);
        let (head, sites) = lists::with_children::<ClientRow, SiteRow>(&self.table, &parent, filter, page).await?;
        Ok((head.ok_or(StoreError::Unknown(Kind::Client))?, sites))
    }
}

/// Adds a client, and reserves its code.
pub(crate) fn new_client(client: Client) -> Change<ClientRow> {
    let reservation = reserve(client.code, client.client_id);
    Change::insert(ClientRow::from(client)).with([reservation])
}

/// Reads a client.
///
/// # Errors
/// Returns [`StoreError::Unknown`].
pub(crate) async fn client(table: &Table, id: ClientId) -> Result<ClientRow, StoreError> {
    table.get(Key::client(id)).await?.ok_or(StoreError::Unknown(Kind::Client))
}

fn update(before: &ClientRow, ClientUpdate { client_id, nom, code }: &ClientUpdate) -> Change<ClientRow> {
    let client = Client { nom: nom.clone(), code: *code, ..before.client.clone() };
    let change = Change::update(before, ClientRow { client, ..*before });
    if before.client.code == *code {
        return change;
    }
    let free = TransactOp::delete(Key::code(before.client.code), CLIENT_ID.is(client_id), OnConditionFailed::Stale);
    change.with([reserve(*code, *client_id), free])
}

fn reserve(code: Code, client_id: ClientId) -> TransactOp {
    TransactOp::insert(&CodeRow { code, client_id }, OnConditionFailed::CodeTaken(code))
}
