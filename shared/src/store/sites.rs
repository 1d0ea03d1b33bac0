//! Sites.

use super::change::{self, Change};
use super::counters::{ONE_SITE, add_to_active_client, add_to_client, counted};
use super::lists::{self, Parent};
use super::replays::{Replay, Written};
use super::rows::{COUNTS_VERSION, ClientCounts, EquipementCopyRow, Key, SiteParentRow, SiteRow};
use super::table::{OnConditionFailed, Table, TransactOp};
use super::{List, Store, StoreError};
use crate::models::{ClientId, Equipement, Filter, Kind, Pagination, Site, SiteId, SiteRegister, SiteUpdate, Status};

impl Store {
    /// Registers a site of an active client.
    ///
    /// # Errors
    /// Returns [`StoreError::Unknown`] or [`StoreError::Inactive`], of the client.
    pub async fn register_site(&self, input: SiteRegister) -> Result<Written<Site>, StoreError> {
        let replay = Replay::of(&self.table, "register_site", &input);
        let site = Site::new(input, self.table.request().new_uuid());
        let on_failed = OnConditionFailed::UnknownOrInactive(Kind::Client);
        let client = add_to_active_client(site.client_id, ONE_SITE, on_failed);
        change::insert(&self.table, replay, new_site(site, [client])).await
    }

    /// Changes a site's nom.
    ///
    /// # Errors
    /// Returns [`StoreError::Unknown`].
    pub async fn update_site(&self, input: &SiteUpdate) -> Result<Written<Site>, StoreError> {
        let replay = Replay::of(&self.table, "update_site", input);
        let SiteUpdate { site_id, nom } = input;
        let decide = |before: &SiteRow| {
            let site = Site { nom: nom.clone(), ..before.site.clone() };
            Change::update(before, SiteRow { site, ..*before })
        };
        change::apply(&self.table, replay, |_| site(&self.table, *site_id), decide).await
    }

    /// Sets the status of a site, and updates the counters of its client, which count active sites and
    /// their équipements. Writes nothing if it already has that status.
    ///
    /// # Errors
    /// Returns [`StoreError::Unknown`], or [`StoreError::Inactive`] if the client of a site that is
    /// activated is inactive.
    pub async fn set_site_status(&self, id: SiteId, status: Status) -> Result<Written<Site>, StoreError> {
        let replay = Replay::of(&self.table, "set_site_status", &(id, status));
        change::apply(&self.table, replay, |_| site(&self.table, id), |before| set_status(before, status)).await
    }

    /// Lists sites; eventually consistent.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub async fn sites(&self, filter: &Filter, page: Pagination) -> Result<List<Site>, StoreError> {
        lists::of_kind::<SiteRow>(&self.table, filter, page).await
    }

    /// Lists the sites of a client.
    ///
    /// # Errors
    /// Returns [`StoreError::Unknown`], of the client.
    pub async fn sites_of_client(
        &self,
        id: ClientId,
        filter: &Filter,
        page: Pagination,
    ) -> Result<List<Site>, StoreError> {
        Ok(self.client_with_sites(id, filter, page).await?.1)
    }

    /// Returns a site.
    ///
    /// # Errors
    /// Returns [`StoreError::Unknown`].
    pub async fn site(&self, id: SiteId) -> Result<Site, StoreError> {
        site(&self.table, id).await.map(|row| row.site)
    }

    /// Returns a site, and a list of its équipements.
    ///
    /// # Errors
    /// Returns [`StoreError::Unknown`].
    pub async fn site_with_equipements(
        &self,
        id: SiteId,
        filter: &Filter,
        page: Pagination,
    ) -> Result<(Site, List<Equipement>), StoreError> {
        let (parent, equipements) = equipements_of(&self.table, id, filter, page).await?;
        Ok((site_at(&self.table, parent.site_key()).await?.site, equipements))
    }

    /// Lists the équipements of a site.
    ///
    /// # Errors
    /// Returns [`StoreError::Unknown`], of the site.
    pub async fn equipements_of_site(
        &self,
        id: SiteId,
        filter: &Filter,
        page: Pagination,
    ) -> Result<List<Equipement>, StoreError> {
        equipements_of(&self.table, id, filter, page).await.map(|(_, equipements)| equipements)
    }
}

/// Adds a site with its parent pointer; `counters` count it.
pub(crate) fn new_site(site: Site, counters: impl IntoIterator<Item = TransactOp>) -> Change<SiteRow> {
    let parent = SiteParentRow { site_id: site.site_id, client_id: site.client_id, site_rank: site.rank };
    let pointer = TransactOp::insert(&parent, OnConditionFailed::Corrupt);
    Change::insert(SiteRow::from(site)).with(counters).with([pointer])
}

fn set_status(before: &SiteRow, status: Status) -> Change<SiteRow> {
    let after = SiteRow { site: Site { status, ..before.site.clone() }, ..*before };
    let (old, new) = (counted(before), counted(&after));
    let counts = ClientCounts { sites: new.sites - old.sites, equipements: new.equipements - old.equipements };
    let client_id = before.site.client_id;
    let client = match status {
        Status::Actif => add_to_active_client(client_id, counts, OnConditionFailed::Inactive(Kind::Client)),
        Status::Inactif => add_to_client(client_id, counts),
    };
    // The client's counter changes by the number that was read, so that number must still be current.
    Change::update(before, after).only_if(COUNTS_VERSION.is(&before.counts_version)).with([client])
}

/// Reads a site's parent pointer.
///
/// # Errors
/// Returns [`StoreError::Unknown`].
pub(crate) async fn parent_of_site(table: &Table, id: SiteId) -> Result<SiteParentRow, StoreError> {
    table.get(Key::site_parent(id)).await?.ok_or(StoreError::Unknown(Kind::Site))
}

/// Reads a site that another item points to.
///
/// # Errors
/// Returns [`StoreError::Corrupt`] if there is none.
pub(crate) async fn site_at(table: &Table, key: Key) -> Result<SiteRow, StoreError> {
    table.get(key.clone()).await?.ok_or_else(|| StoreError::missing(&key))
}

/// Reads a site.
///
/// # Errors
/// Returns [`StoreError::Unknown`].
pub(crate) async fn site(table: &Table, id: SiteId) -> Result<SiteRow, StoreError> {
    site_at(table, parent_of_site(table, id).await?.site_key()).await
}

async fn equipements_of(
    table: &Table,
    id: SiteId,
    filter: &Filter,
    page: Pagination,
) -> Result<(SiteParentRow, List<Equipement>), StoreError> {
    let parent = Parent::of_equipements(id);
    let (head, equipements) =
        lists::with_children::<SiteParentRow, EquipementCopyRow>(table, &parent, filter, page).await?;
    Ok((head.ok_or(StoreError::Unknown(Kind::Site))?, equipements))
}
