//! Équipements, and where each of them is.

use serde::{Deserialize, Serialize};

use super::calls::{Commit, Item, Updated, row};
use super::counts::{arrival, at_active_client, counted, departure};
use super::keys::{Key, Under, name, shard_of};
use super::write::{Refused, Update, Write};
use super::{List, Store, StoreError};
use crate::models::{
    ClientId, Equipement, EquipementId, EquipementRegister, EquipementUpdate, Filter, Kind, Nom, Part, SiteId, Status,
    Texte, Timestamp,
};

const UNKNOWN: StoreError = StoreError::Unknown(Kind::Equipement);

/// An équipement as it stands in the table.
///
/// It repeats the client of its site, which never changes: a list of équipements gives it, and
/// would otherwise read every site.
#[derive(Serialize, Deserialize)]
struct EquipementRow {
    #[serde(rename = "PK")]
    site_id: Under<SiteId>,
    #[serde(rename = "SK")]
    equipement_id: Under<EquipementId>,
    #[serde(rename = "GSI1PK")]
    shard: String,
    #[serde(rename = "GSI1SK")]
    listed: EquipementId,
    #[serde(rename = "GSI2SK", default)]
    searched: String,
    client_id: ClientId,
    nom: Nom,
    r#type: Texte,
    numero_serie: Texte,
    status: Status,
    version: u64,
    created: Timestamp,
}

impl From<Equipement> for EquipementRow {
    fn from(equipement: Equipement) -> Self {
        let Equipement { equipement_id, site_id, client_id, nom, r#type, numero_serie, status, .. } = equipement;
        Self {
            site_id: Under(site_id),
            equipement_id: Under(equipement_id),
            shard: shard_of(equipement_id),
            listed: equipement_id,
            searched: name(&nom.folded()),
            client_id,
            nom,
            r#type,
            numero_serie,
            status,
            version: equipement.version,
            created: equipement.timestamp,
        }
    }
}

impl From<EquipementRow> for Equipement {
    fn from(row: EquipementRow) -> Self {
        let EquipementRow { client_id, nom, r#type, numero_serie, status, version, created, .. } = row;
        let (Under(site_id), Under(equipement_id)) = (row.site_id, row.equipement_id);
        Self { equipement_id, site_id, client_id, nom, r#type, numero_serie, status, timestamp: created, version }
    }
}

/// At which site an équipement is installed.
#[derive(Serialize, Deserialize)]
pub(super) struct EquipementHome {
    #[serde(flatten)]
    pub(super) key: Key,
    pub(super) site_id: SiteId,
}

pub(super) fn equipement(item: Item) -> Result<Equipement, StoreError> {
    row::<EquipementRow>(item).map(Equipement::from)
}

impl Store {
    /// Adds an équipement to an active site of an active client.
    ///
    /// # Errors
    /// [`StoreError::Unknown`], of the site; [`StoreError::Inactive`], of the client or the site.
    pub async fn register_equipement(&self, asked: EquipementRegister) -> Result<Equipement, StoreError> {
        let client_id = self.client_of(asked.site_id).await?;
        let equipement = Equipement::new(asked, client_id);
        let Equipement { equipement_id, site_id, .. } = equipement;
        let mut writes = Vec::from(arrival(client_id, site_id, 1)?);
        writes.push(Write::new(EquipementRow::from(equipement.clone()), Refused::Corrupt)?);
        writes.push(Write::new(EquipementHome { key: Key::home(equipement_id), site_id }, Refused::Corrupt)?);
        self.transact(writes).await?;
        Ok(equipement)
    }

    /// Changes what is said of an équipement, and moves it where it is at another site.
    ///
    /// # Errors
    /// [`StoreError::Unknown`], of the équipement or the site; [`StoreError::Inactive`], of the client or the
    /// site that it should move to.
    pub async fn update_equipement(&self, asked: &EquipementUpdate) -> Result<Equipement, StoreError> {
        loop {
            let before = self.equipement(asked.equipement_id).await?;
            let client_id = self.client_of(asked.site_id).await?;
            let EquipementUpdate { site_id, nom, r#type, numero_serie, .. } = asked.clone();
            let version = before.version + 1;
            let after = Equipement { site_id, client_id, nom, r#type, numero_serie, version, ..before };
            let done = if before.site_id == asked.site_id {
                self.change_equipement(&after).await?
            } else {
                self.move_equipement(&before, &after).await?.then_some(after)
            };
            if let Some(equipement) = done {
                return Ok(equipement);
            }
        }
    }

    /// `None` where it has been moved meanwhile.
    async fn change_equipement(&self, after: &Equipement) -> Result<Option<Equipement>, StoreError> {
        let change = Update::new(
            Key::equipement(after.site_id, after.equipement_id),
            "SET nom = :nom, GSI2SK = :name, #type = :type, numero_serie = :numero ADD version :one",
            "attribute_exists(PK)",
        );
        let change = change
            .bind_nom(&after.nom)?
            .bind(":type", &after.r#type)?
            .bind(":numero", &after.numero_serie)?
            .bind(":one", 1)?;
        match self.update(change).await? {
            Updated::Written(item) => equipement(item).map(Some),
            Updated::Refused(_) => Ok(None),
        }
    }

    /// Whether it was as it is `before`, and is as it is `after` from now on.
    async fn move_equipement(&self, before: &Equipement, after: &Equipement) -> Result<bool, StoreError> {
        let (from, to, same_client) = (before.site_id, after.site_id, before.client_id == after.client_id);
        let mut writes = Vec::new();
        if before.status == Status::Actif {
            let source = self.site_at(before.client_id, from).await?;
            let left = counted(&source);
            writes.extend(arrival(after.client_id, to, if same_client { 1 - left } else { 1 })?);
            writes.extend(departure(&source, if same_client { 0 } else { left })?);
        } else {
            let site = Update::if_status(Key::site(after.client_id, to), "", Status::Actif)?;
            writes.push(at_active_client(after.client_id, 0, 0)?);
            writes.push(Write::check(site, Refused::Parent(Kind::Site)));
        }
        let old = Update::new(Key::equipement(from, before.equipement_id), "", "version = :version");
        let home = Update::new(Key::home(before.equipement_id), "SET site_id = :to", "site_id = :from");
        writes.push(Write::delete(old.bind(":version", before.version)?, Refused::Stale));
        writes.push(Write::new(EquipementRow::from(after.clone()), Refused::Stale)?);
        writes.push(home.bind(":to", to)?.bind(":from", from)?.or(Refused::Stale));
        Ok(self.transact(writes).await? == Commit::Done)
    }

    /// Makes an équipement active or inactive, and its site and its client count it or not; one that
    /// is so already stays as it is.
    ///
    /// # Errors
    /// [`StoreError::Unknown`]; [`StoreError::Inactive`] for an équipement that an inactive client or site
    /// should get back.
    pub async fn set_equipement_status(&self, id: EquipementId, status: Status) -> Result<Equipement, StoreError> {
        loop {
            let before = self.equipement(id).await?;
            if before.status == status {
                return Ok(before);
            }
            let mut writes = Vec::new();
            match status {
                Status::Actif => writes.extend(arrival(before.client_id, before.site_id, 1)?),
                Status::Inactif => {
                    let site = self.site_at(before.client_id, before.site_id).await?;
                    writes.extend(departure(&site, counted(&site))?);
                }
            }
            let change = Update::new(
                Key::equipement(before.site_id, id),
                "SET #status = :status ADD version :one",
                "version = :version",
            );
            let change = change.bind(":status", status)?.bind(":version", before.version)?.bind(":one", 1)?;
            writes.push(change.or(Refused::Stale));
            if self.transact(writes).await? == Commit::Done {
                return Ok(Equipement { status, version: before.version + 1, ..before });
            }
        }
    }

    /// An équipement.
    ///
    /// # Errors
    /// [`StoreError::Unknown`].
    pub async fn equipement(&self, id: EquipementId) -> Result<Equipement, StoreError> {
        let mut site_id = self.site_of(id).await?;
        loop {
            if let Some(item) = self.get(Key::equipement(site_id, id)).await? {
                return equipement(item);
            }
            // It has been moved between the two reads, or it is nowhere.
            let elsewhere = self.site_of(id).await?;
            if elsewhere == site_id {
                return Err(StoreError::dangling(Kind::Equipement));
            }
            site_id = elsewhere;
        }
    }

    /// A part of the équipements; eventually consistent.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn equipements(&self, filter: &Filter, part: Part<EquipementId>) -> Result<List<Equipement>, StoreError> {
        self.of_kind(equipement, filter, part).await
    }

    async fn site_of(&self, id: EquipementId) -> Result<SiteId, StoreError> {
        let home: EquipementHome = row(self.get(Key::home(id)).await?.ok_or(UNKNOWN)?)?;
        Ok(home.site_id)
    }
}
