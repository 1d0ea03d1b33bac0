//! Sites, and where each of them is.

use serde::{Deserialize, Serialize};

use super::calls::{Commit, Item, Updated, row};
use super::counts::{at_active_client, fewer_at_client};
use super::equipements::equipement;
use super::keys::{Key, Under, name, shard_of};
use super::write::{Refused, Update, Write};
use super::{List, Store, StoreError};
use crate::models::{
    ClientId, Equipement, EquipementId, Filter, Kind, Nom, Part, Site, SiteId, SiteRegister, SiteUpdate, Status,
    Timestamp,
};

const UNKNOWN: StoreError = StoreError::Unknown(Kind::Site);

/// A site as it stands in the table.
#[derive(Serialize, Deserialize)]
struct SiteRow {
    #[serde(rename = "PK")]
    client_id: Under<ClientId>,
    #[serde(rename = "SK")]
    site_id: Under<SiteId>,
    #[serde(rename = "GSI1PK")]
    shard: String,
    #[serde(rename = "GSI1SK")]
    listed: SiteId,
    #[serde(rename = "GSI2SK", default)]
    searched: String,
    nom: Nom,
    equipements: u32,
    status: Status,
    version: u64,
    created: Timestamp,
}

impl From<Site> for SiteRow {
    fn from(site: Site) -> Self {
        let Site { site_id, client_id, nom, equipements, status, timestamp, version } = site;
        Self {
            client_id: Under(client_id),
            site_id: Under(site_id),
            shard: shard_of(site_id),
            listed: site_id,
            searched: name(&nom.folded()),
            nom,
            equipements,
            status,
            version,
            created: timestamp,
        }
    }
}

impl From<SiteRow> for Site {
    fn from(row: SiteRow) -> Self {
        let SiteRow { client_id: Under(client_id), site_id: Under(site_id), nom, equipements, status, .. } = row;
        Self { site_id, client_id, nom, equipements, status, timestamp: row.created, version: row.version }
    }
}

/// Which client a site belongs to, for good.
#[derive(Serialize, Deserialize)]
pub(super) struct SiteHome {
    #[serde(flatten)]
    pub(super) key: Key,
    pub(super) client_id: ClientId,
}

pub(super) fn site(item: Item) -> Result<Site, StoreError> {
    row::<SiteRow>(item).map(Site::from)
}

impl Store {
    /// Adds a site to an active client.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] and [`StoreError::Inactive`], of the client.
    pub async fn register_site(&self, asked: SiteRegister) -> Result<Site, StoreError> {
        let site = Site::new(asked);
        let home = SiteHome { key: Key::home(site.site_id), client_id: site.client_id };
        self.transact(vec![
            at_active_client(site.client_id, 1, 0)?,
            Write::new(SiteRow::from(site.clone()), Refused::Corrupt)?,
            Write::new(home, Refused::Corrupt)?,
        ])
        .await?;
        Ok(site)
    }

    /// Changes a site's nom.
    ///
    /// # Errors
    /// [`StoreError::Unknown`].
    pub async fn update_site(&self, asked: &SiteUpdate) -> Result<Site, StoreError> {
        let client_id = self.client_of(asked.site_id).await?;
        let key = Key::site(client_id, asked.site_id);
        let rename = Update::new(key, "SET nom = :nom, GSI2SK = :name ADD version :one", "attribute_exists(PK)");
        match self.update(rename.bind_nom(&asked.nom)?.bind(":one", 1)?).await? {
            Updated::Written(item) => site(item),
            Updated::Refused(_) => Err(StoreError::dangling(Kind::Site)),
        }
    }

    /// Makes a site active or inactive, and its client count it and its équipements or not; one that
    /// is so already stays as it is.
    ///
    /// # Errors
    /// [`StoreError::Unknown`]; [`StoreError::Inactive`] for a site that an inactive client should get back.
    pub async fn set_site_status(&self, id: SiteId, status: Status) -> Result<Site, StoreError> {
        loop {
            let before = self.site(id).await?;
            if before.status == status {
                return Ok(before);
            }
            let equipements = i64::from(before.equipements);
            let counted = match status {
                Status::Actif => at_active_client(before.client_id, 1, equipements)?,
                Status::Inactif => fewer_at_client(before.client_id, 1, equipements)?,
            };
            let change = Update::new(
                Key::site(before.client_id, id),
                "SET #status = :status ADD version :one",
                "version = :version",
            );
            let change = change.bind(":status", status)?.bind(":version", before.version)?.bind(":one", 1)?;
            if self.transact(vec![counted, change.or(Refused::Stale)]).await? == Commit::Done {
                return Ok(Site { status, version: before.version + 1, ..before });
            }
        }
    }

    /// A part of the sites; eventually consistent.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn sites(&self, filter: &Filter, part: Part<SiteId>) -> Result<List<Site>, StoreError> {
        self.of_kind(site, filter, part).await
    }

    /// A site, and a part of its équipements.
    ///
    /// # Errors
    /// [`StoreError::Unknown`].
    pub async fn site_with_equipements(
        &self,
        id: SiteId,
        filter: &Filter,
        part: Part<EquipementId>,
    ) -> Result<(Site, List<Equipement>), StoreError> {
        let children = self.children(&Key::home(id).partition, filter, part);
        Ok((self.site(id).await?, List::new(self.clone(), equipement, filter, [children])))
    }

    pub(super) async fn client_of(&self, id: SiteId) -> Result<ClientId, StoreError> {
        let home: SiteHome = row(self.get(Key::home(id)).await?.ok_or(UNKNOWN)?)?;
        Ok(home.client_id)
    }

    /// A site.
    ///
    /// # Errors
    /// [`StoreError::Unknown`].
    pub async fn site(&self, id: SiteId) -> Result<Site, StoreError> {
        self.site_at(self.client_of(id).await?, id).await
    }

    pub(super) async fn site_at(&self, client_id: ClientId, id: SiteId) -> Result<Site, StoreError> {
        let item = self.get(Key::site(client_id, id)).await?;
        site(item.ok_or_else(|| StoreError::dangling(Kind::Site))?)
    }
}
