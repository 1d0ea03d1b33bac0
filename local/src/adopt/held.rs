//! Everything that parc holds.

use std::collections::HashMap;

use shared::models::{AnyEntity, Client, ClientId, Entity, EntityId, Equipement, Site, SiteId, Status};
use shared::store::{Database, StoreError, Stored};

use super::report::Report;
use crate::progress::overwrite;

/// Number of entities between two lines of progress.
const STEP: u64 = 10_000;

/// Advice about wrong counters.
const ADVICE: &str = "`verify --repair` recounts it";

/// The entities of parc.
#[derive(Default)]
pub(super) struct Held {
    pub(super) clients: Vec<Client>,
    pub(super) sites: Vec<Site>,
    pub(super) equipements: Vec<Equipement>,
}

impl Held {
    /// Reads the whole table.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub(super) async fn read(database: &Database) -> Result<Self, StoreError> {
        let (mut held, mut count) = (Self::default(), 0);
        let add = |stored| {
            let Stored::Entity(entity) = stored else { return };
            count += 1;
            if count % STEP == 0 {
                overwrite(&format!("{count} entities of parc read"));
            }
            match entity {
                AnyEntity::Client(client) => held.clients.push(client),
                AnyEntity::Site(site) => held.sites.push(site),
                AnyEntity::Equipement(equipement) => held.equipements.push(equipement),
            }
        };
        database.read_all(add).await?;
        Ok(held)
    }

    /// Counts the entities, and reports the counters that differ.
    pub(super) fn recount(&self, report: &mut Report) {
        let mut at_sites: HashMap<SiteId, u32> = HashMap::new();
        for equipement in self.equipements.iter().filter(|equipement| equipement.status == Status::Actif) {
            *at_sites.entry(equipement.site_id).or_default() += 1;
        }
        let mut of_clients: HashMap<ClientId, [u32; 2]> = HashMap::new();
        for site in &self.sites {
            let equipements = at_sites.get(&site.site_id).copied().unwrap_or_default();
            check(site, [0, equipements], report);
            if site.status == Status::Actif {
                let [sites, all] = of_clients.entry(site.client_id).or_default();
                (*sites, *all) = (*sites + 1, *all + equipements);
            }
        }
        for client in &self.clients {
            check(client, of_clients.get(&client.client_id).copied().unwrap_or_default(), report);
        }
    }
}

fn check<E: Entity>(entity: &E, counted: [u32; 2], report: &mut Report) {
    let counters = entity.counters();
    if counters != counted {
        let [[sites, equipements], [true_sites, true_equipements]] = [counters, counted];
        let right = format!("but holds {true_sites} and {true_equipements}; {ADVICE}");
        let text = format!("parc counts {sites} sites and {equipements} équipements, {right}");
        report.about(E::KIND, entity.id().as_uuid(), text);
    }
}
