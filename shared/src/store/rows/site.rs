use super::client::displayed;
use super::{
    CLIENT_ID, COUNTS_VERSION, CREATED, CorruptItem, EQUIPEMENTS, HISTORY, Item, Key, NOM, PartialRow, SITE_ID,
    SITE_RANK, STATUS, TableRow, VERSION,
};
use crate::models::{ClientId, Rank, Site, SiteId};
use crate::store::digest::Digest;

/// A site, in the partition of its client.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SiteRow {
    pub(crate) site: Site,
    /// The counter as it stands in the table; that of `site` is at least zero.
    pub(crate) equipements: i64,
    /// Number of changes of the counter.
    pub(crate) counts_version: u64,
    /// Digest of the newest history entry.
    pub(crate) history: Digest,
}

impl From<Site> for SiteRow {
    /// The row of a site that is being registered.
    fn from(site: Site) -> Self {
        Self { site, equipements: 0, counts_version: 1, history: Digest::default() }
    }
}

impl TableRow for SiteRow {
    fn to_item(&self) -> Item {
        let Self { site, equipements, counts_version, history } = self;
        let Site { site_id, client_id, nom, equipements: _, status, timestamp, version, rank } = site;
        Item::at(Key::site(*client_id, *rank))
            .listed(site)
            .with(SITE_ID, site_id)
            .with(NOM, nom)
            .with(EQUIPEMENTS, equipements)
            .with(COUNTS_VERSION, counts_version)
            .with(STATUS, status)
            .with(VERSION, version)
            .with(CREATED, timestamp)
            .with(HISTORY, history)
    }

    fn from_item(mut item: Item) -> Result<Self, CorruptItem> {
        let equipements = item.get(EQUIPEMENTS)?;
        let site = Self::part_from_item(&mut item)?;
        Ok(Self { site, equipements, counts_version: item.take(COUNTS_VERSION)?, history: item.take(HISTORY)? })
    }
}

impl PartialRow for SiteRow {
    type Part = Site;

    const ATTRIBUTES: &'static [&'static str] =
        &[SITE_ID.name(), NOM.name(), EQUIPEMENTS.name(), STATUS.name(), CREATED.name(), VERSION.name()];

    fn part_from_item(item: &mut Item) -> Result<Site, CorruptItem> {
        Ok(Site {
            site_id: item.take(SITE_ID)?,
            client_id: item.id_in_key()?,
            nom: item.take(NOM)?,
            equipements: displayed(item.take(EQUIPEMENTS)?),
            status: item.take(STATUS)?,
            timestamp: item.take(CREATED)?,
            version: item.take(VERSION)?,
            rank: item.rank_in_key()?,
        })
    }
}

entity_row!(SiteRow, site: Site);

/// Pointer from a site to its client, in the partition of the site. It never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SiteParentRow {
    pub(crate) site_id: SiteId,
    pub(crate) client_id: ClientId,
    pub(crate) site_rank: Rank,
}

impl SiteParentRow {
    /// Returns the key of the site.
    pub(crate) fn site_key(self) -> Key {
        Key::site(self.client_id, self.site_rank)
    }
}

impl TableRow for SiteParentRow {
    fn to_item(&self) -> Item {
        let Self { site_id, client_id, site_rank } = self;
        Item::at(Key::site_parent(*site_id)).with(CLIENT_ID, client_id).with(SITE_RANK, site_rank)
    }

    fn from_item(mut item: Item) -> Result<Self, CorruptItem> {
        Self::part_from_item(&mut item)
    }
}

impl PartialRow for SiteParentRow {
    type Part = Self;

    const ATTRIBUTES: &'static [&'static str] = &[CLIENT_ID.name(), SITE_RANK.name()];

    fn part_from_item(item: &mut Item) -> Result<Self, CorruptItem> {
        Ok(Self { site_id: item.id_in_key()?, client_id: item.take(CLIENT_ID)?, site_rank: item.take(SITE_RANK)? })
    }
}
