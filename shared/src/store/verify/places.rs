//! Where sites and équipements are, and where it is said that they are.

use super::{Difference, id_in};
use crate::models::{Equipement, Site};
use crate::store::calls::{Item, row};
use crate::store::equipements::{EquipementHome, equipement};
use crate::store::keys::Key;
use crate::store::sites::{SiteHome, site};
use crate::store::write::{Refused, Update, Write};
use crate::store::{Store, StoreError};

impl Store {
    /// Whether it is said of a site where it is.
    pub(super) async fn check_site(&self, item: &Item, repair: bool) -> Result<Vec<Difference>, StoreError> {
        let Site { site_id, client_id, .. } = site(item.clone())?;
        let home = self.get(Key::home(site_id)).await?.map(row::<SiteHome>).transpose()?;
        if home.as_ref().is_some_and(|home| home.client_id == client_id) {
            if self.get(Key::client(client_id)).await?.is_some() {
                return Ok(Vec::new());
            }
            return self.differ(format!("site {site_id}: its client {client_id} is unknown"), false, Vec::new()).await;
        }
        let what = format!("site {site_id}: is at client {client_id}, which is not said of it");
        let say = Write::new(SiteHome { key: Key::home(site_id), client_id }, Refused::Stale)?;
        let mend = if home.is_none() { vec![there(Key::site(client_id, site_id)), say] } else { Vec::new() };
        self.differ(what, repair, mend).await
    }

    /// Whether a site is where it is said to be.
    pub(super) async fn check_site_home(&self, item: &Item, repair: bool) -> Result<Vec<Difference>, StoreError> {
        let SiteHome { key, client_id } = row(item.clone())?;
        let Some(site_id) = id_in(&key) else { return Ok(Vec::new()) };
        let place = Key::site(client_id, site_id);
        if self.get(place.clone()).await?.is_some() {
            return Ok(Vec::new());
        }
        let what = format!("site {site_id}: said to be at client {client_id}, where it is not");
        let unsay = Update::new(key, "", "client_id = :client").bind(":client", client_id)?;
        self.differ(what, repair, vec![not_there(place), Write::delete(unsay, Refused::Stale)]).await
    }

    /// Whether it is said of an équipement where it is, and whether it names the client of its site.
    pub(super) async fn check_equipement(&self, item: &Item, repair: bool) -> Result<Vec<Difference>, StoreError> {
        let Equipement { equipement_id, site_id, client_id, .. } = equipement(item.clone())?;
        let place = Key::equipement(site_id, equipement_id);
        let home = self.get(Key::home(equipement_id)).await?.map(row::<EquipementHome>).transpose()?;
        if home.as_ref().is_none_or(|home| home.site_id != site_id) {
            // It may have been moved since the scan saw it.
            if self.get(place.clone()).await?.is_none() {
                return Ok(Vec::new());
            }
            let what = format!("équipement {equipement_id}: is at site {site_id}, which is not said of it");
            let say = Write::new(EquipementHome { key: Key::home(equipement_id), site_id }, Refused::Stale)?;
            let mend = if home.is_none() { vec![there(place), say] } else { Vec::new() };
            return self.differ(what, repair, mend).await;
        }
        let owner = self.get(Key::home(site_id)).await?.map(row::<SiteHome>).transpose()?;
        match owner {
            Some(owner) if owner.client_id != client_id => {
                let what =
                    format!("équipement {equipement_id}: says client {client_id}, its site says {}", owner.client_id);
                let set = Update::new(place, "SET client_id = :new ADD version :one", "client_id = :old");
                let set = set.bind(":new", owner.client_id)?.bind(":old", client_id)?.bind(":one", 1)?;
                self.differ(what, repair, vec![set.or(Refused::Stale)]).await
            }
            Some(_) => Ok(Vec::new()),
            None => {
                self.differ(format!("équipement {equipement_id}: its site {site_id} is unknown"), false, Vec::new())
                    .await
            }
        }
    }

    /// Whether an équipement is where it is said to be.
    pub(super) async fn check_equipement_home(&self, item: &Item, repair: bool) -> Result<Vec<Difference>, StoreError> {
        let EquipementHome { key, site_id } = row(item.clone())?;
        let Some(equipement_id) = id_in(&key) else { return Ok(Vec::new()) };
        let place = Key::equipement(site_id, equipement_id);
        if self.get(place.clone()).await?.is_some() {
            return Ok(Vec::new());
        }
        let still = self.get(key.clone()).await?.map(row::<EquipementHome>).transpose()?;
        if still.is_none_or(|home| home.site_id != site_id) {
            return Ok(Vec::new());
        }
        let what = format!("équipement {equipement_id}: said to be at site {site_id}, where it is not");
        let unsay = Update::new(key, "", "site_id = :site").bind(":site", site_id)?;
        self.differ(what, repair, vec![not_there(place), Write::delete(unsay, Refused::Stale)]).await
    }
}

fn there(key: Key) -> Write {
    Write::check(Update::new(key, "", "attribute_exists(PK)"), Refused::Stale)
}

fn not_there(key: Key) -> Write {
    Write::check(Update::new(key, "", "attribute_not_exists(PK)"), Refused::Stale)
}
