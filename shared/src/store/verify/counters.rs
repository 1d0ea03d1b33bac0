//! Counters, recounted from what they count.

use aws_sdk_dynamodb::types::Select;

use super::{ATTEMPTS, Difference, id_in};
use crate::models::{ClientId, EquipementId, Filter, Part, Site, SiteId, Status};
use crate::store::calls::Item;
use crate::store::keys::Key;
use crate::store::write::{Refused, Update};
use crate::store::{Store, StoreError};

impl Store {
    /// Whether a counter is less than nothing, which no row can be read with; mended, it is nothing
    /// until it is counted again.
    pub(super) async fn check_below_zero(&self, item: &Item, repair: bool) -> Result<Vec<Difference>, StoreError> {
        let below = |name: &str| item.get(name).and_then(|n| n.as_n().ok()).is_some_and(|n| n.starts_with('-'));
        let mut differences = Vec::new();
        for (name, change, condition) in [
            ("sites", "SET sites = :zero ADD version :one", "sites < :zero"),
            ("equipements", "SET equipements = :zero ADD version :one", "equipements < :zero"),
        ] {
            if below(name) {
                let key = Key::of(item);
                let what = format!("{} {}: {name} is less than nothing", key.partition, key.sort);
                let set = Update::new(key, change, condition).bind(":zero", 0)?.bind(":one", 1)?;
                differences.extend(self.differ(what, repair, vec![set.or(Refused::Stale)]).await?);
            }
        }
        Ok(differences)
    }

    /// Whether a client counts its active sites and their équipements, and each site its own.
    pub(super) async fn check_counters(&self, item: &Item, repair: bool) -> Result<Vec<Difference>, StoreError> {
        let Some(client_id) = id_in(&Key::of(item)) else { return Ok(Vec::new()) };
        let mut differences = Vec::new();
        for _ in 0..ATTEMPTS {
            if self.recount(client_id, repair, &mut differences).await? {
                return Ok(differences);
            }
            differences.retain(|difference: &Difference| difference.mended);
        }
        let what = format!("client {client_id}: changes faster than it can be counted");
        differences.push(Difference { what, mended: false });
        Ok(differences)
    }

    /// Adds the differences of a client and its sites; `false` where they have changed meanwhile.
    async fn recount(
        &self,
        client_id: ClientId,
        repair: bool,
        differences: &mut Vec<Difference>,
    ) -> Result<bool, StoreError> {
        let store = self.for_request(None);
        let (before, mut list) = store.client_with_sites(client_id, &Filter::ALL, Part::ALL).await?;
        let (mut sites, mut equipements) = (0, 0);
        while let Some(site) = list.next().await? {
            let (site, counted) = self.recount_site(site).await?;
            if site.status == Status::Actif {
                sites += 1;
                equipements += counted;
            }
            if site.equipements != counted {
                let what = format!("site {}: equipements is {}, counted {counted}", site.site_id, site.equipements);
                let change = "SET equipements = :equipements ADD version :one";
                let set = set_counter(Key::site(client_id, site.site_id), change, site.version)?;
                let set = set.bind(":equipements", counted)?.or(Refused::Stale);
                differences.extend(self.for_request(None).differ(what, repair, vec![set]).await?);
            }
        }
        // Every change of what a client counts is a version of the client.
        let (after, _) = self.for_request(None).client_with_sites(client_id, &Filter::ALL, Part::ALL).await?;
        if after.version != before.version {
            return Ok(false);
        }
        if (after.sites, after.equipements) != (sites, equipements) {
            let what = format!(
                "client {client_id}: sites is {}, counted {sites}; equipements is {}, counted {equipements}",
                after.sites, after.equipements
            );
            let change = "SET sites = :sites, equipements = :equipements ADD version :one";
            let set = set_counter(Key::client(client_id), change, after.version)?;
            let set = set.bind(":sites", sites)?.bind(":equipements", equipements)?.or(Refused::Stale);
            differences.extend(self.for_request(None).differ(what, repair, vec![set]).await?);
        }
        Ok(!repair || differences.iter().all(|difference| difference.mended))
    }

    /// A site and the number of its active équipements, of one and the same version where the two
    /// do not agree.
    async fn recount_site(&self, mut site: Site) -> Result<(Site, u32), StoreError> {
        for _ in 0..ATTEMPTS {
            let counted = self.for_request(None).count_equipements(site.site_id).await?;
            if counted == site.equipements {
                return Ok((site, counted));
            }
            let now = self.for_request(None).site(site.site_id).await?;
            if now.version == site.version {
                return Ok((site, counted));
            }
            site = now;
        }
        let counted = site.equipements;
        Ok((site, counted))
    }

    async fn count_equipements(&self, id: SiteId) -> Result<u32, StoreError> {
        let query =
            self.children::<EquipementId>(&Key::home(id).partition, &Filter::of_status(Status::Actif), Part::ALL);
        let query = query.select(Select::Count);
        let (mut counted, mut start) = (0, None);
        loop {
            let page = self.query(query.clone().set_exclusive_start_key(start)).await?;
            counted += page.count;
            start = page.next;
            if start.is_none() {
                return Ok(counted);
            }
        }
    }
}

/// The change of a counter on the very version that was counted.
fn set_counter(key: Key, change: &'static str, version: u64) -> Result<Update, StoreError> {
    Update::new(key, change, "version = :version").bind(":version", version)?.bind(":one", 1)
}
