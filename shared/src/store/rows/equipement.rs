use super::{
    CLIENT_ID, CREATED, CorruptItem, EQUIPEMENT_ID, HISTORY, Item, Key, NOM, NUMERO_SERIE, PartialRow, RANK, SITE_ID,
    SITE_RANK, STATUS, TYPE, TableRow, VERSION,
};
use crate::models::{Equipement, EquipementId, Rank, SiteId};
use crate::store::digest::Digest;

/// An équipement, under its own identifier.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EquipementRow {
    pub(crate) equipement: Equipement,
    /// Rank of its site: with `client_id`, the key of the site follows from it.
    pub(crate) site_rank: Rank,
    /// Digest of the newest history entry.
    pub(crate) history: Digest,
}

impl EquipementRow {
    /// Returns the key of its site.
    pub(crate) fn site_key(&self) -> Key {
        Key::site(self.equipement.client_id, self.site_rank)
    }
}

impl TableRow for EquipementRow {
    fn to_item(&self) -> Item {
        let Self { equipement, site_rank, history } = self;
        let Equipement { equipement_id, site_id, client_id, .. } = equipement;
        with_fields(Item::at(Key::equipement(*equipement_id)).listed(equipement), equipement)
            .with(SITE_ID, site_id)
            .with(SITE_RANK, site_rank)
            .with(CLIENT_ID, client_id)
            .with(HISTORY, history)
    }

    fn from_item(mut item: Item) -> Result<Self, CorruptItem> {
        let equipement = Self::part_from_item(&mut item)?;
        Ok(Self { equipement, site_rank: item.take(SITE_RANK)?, history: item.take(HISTORY)? })
    }

    fn copy(&self) -> Option<Item> {
        Some(EquipementCopyRow(self.equipement.clone()).to_item())
    }
}

impl PartialRow for EquipementRow {
    type Part = Equipement;

    const ATTRIBUTES: &'static [&'static str] = &[
        SITE_ID.name(),
        CLIENT_ID.name(),
        NOM.name(),
        TYPE.name(),
        NUMERO_SERIE.name(),
        STATUS.name(),
        CREATED.name(),
        VERSION.name(),
        RANK.name(),
    ];

    fn part_from_item(item: &mut Item) -> Result<Equipement, CorruptItem> {
        let (equipement_id, site_id, rank) = (item.id_in_key()?, item.take(SITE_ID)?, item.take(RANK)?);
        equipement_from(item, equipement_id, site_id, rank)
    }
}

entity_row!(EquipementRow, equipement: Equipement);

/// The copy of an équipement in the partition of its site: everything that lists of the site show.
/// It is written in the transaction that writes the équipement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EquipementCopyRow(pub(crate) Equipement);

impl TableRow for EquipementCopyRow {
    fn to_item(&self) -> Item {
        let Self(equipement) = self;
        let Equipement { equipement_id, site_id, client_id, rank, .. } = equipement;
        with_fields(Item::at(Key::equipement_copy(*site_id, *rank)), equipement)
            .with(EQUIPEMENT_ID, equipement_id)
            .with(CLIENT_ID, client_id)
    }

    fn from_item(mut item: Item) -> Result<Self, CorruptItem> {
        Self::part_from_item(&mut item).map(Self)
    }
}

/// Lists of a site show all of it.
impl PartialRow for EquipementCopyRow {
    type Part = Equipement;

    const ATTRIBUTES: &'static [&'static str] = &[
        EQUIPEMENT_ID.name(),
        CLIENT_ID.name(),
        NOM.name(),
        TYPE.name(),
        NUMERO_SERIE.name(),
        STATUS.name(),
        CREATED.name(),
        VERSION.name(),
    ];

    fn part_from_item(item: &mut Item) -> Result<Equipement, CorruptItem> {
        let (equipement_id, site_id, rank) = (item.take(EQUIPEMENT_ID)?, item.id_in_key()?, item.rank_in_key()?);
        equipement_from(item, equipement_id, site_id, rank)
    }
}

/// Adds the attributes that an équipement and its copy share. Both callers write the identifiers
/// and the rank, which are in the key of one or of the other.
fn with_fields(item: Item, equipement: &Equipement) -> Item {
    let Equipement {
        equipement_id: _,
        site_id: _,
        client_id: _,
        nom,
        r#type,
        numero_serie,
        status,
        timestamp,
        version,
        rank: _,
    } = equipement;
    item.with(NOM, nom)
        .with(TYPE, r#type)
        .with(NUMERO_SERIE, numero_serie)
        .with(STATUS, status)
        .with(VERSION, version)
        .with(CREATED, timestamp)
}

/// Reads the attributes that an équipement and its copy share.
fn equipement_from(
    item: &mut Item,
    equipement_id: EquipementId,
    site_id: SiteId,
    rank: Rank,
) -> Result<Equipement, CorruptItem> {
    Ok(Equipement {
        equipement_id,
        site_id,
        client_id: item.take(CLIENT_ID)?,
        nom: item.take(NOM)?,
        r#type: item.take(TYPE)?,
        numero_serie: item.take(NUMERO_SERIE)?,
        status: item.take(STATUS)?,
        timestamp: item.take(CREATED)?,
        version: item.take(VERSION)?,
        rank,
    })
}
