//! Entities that are taken over from another service, with their identifiers, timestamps and statuses.
//!
//! Each is decided under an [`Overlay`], as an operation of a batch is, and the writes of many are joined into one
//! transaction: the counters are right after each. Entities that exist are not changed, so that a takeover can be
//! repeated.

use std::mem::take;

use super::change::{self, Change, Unexplained};
use super::clients::{client, new_client};
use super::counters::{ONE_SITE, add_to_client, add_to_site, equipements};
use super::digest::Digest;
use super::request::RequestContext;
use super::rows::{EquipementRow, Key, SiteParentRow, TableRow};
use super::sites::{new_site, parent_of_site, site_at};
use super::table::{JointWrites, MAX_TRANSACTION, Overlay, Table, TransactOutcome};
use super::{Database, StoreError};
use crate::models::{AnyEntity, Client, Equipement, Site, Status};
use crate::time_limits::DEFAULT_TIME_LIMIT;

/// Identifier of the request in the history of entities that are taken over.
pub(super) const REQUEST_ID: &str = "adopt";

/// What became of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adopted {
    /// It was added.
    Added,
    /// It exists, and was left as it is.
    Existing,
}

/// Result of taking over one entity.
pub type AdoptResult = Result<Adopted, StoreError>;

/// Results of taking over some entities.
#[derive(Debug)]
pub struct AdoptOutcome {
    /// One for each entity.
    pub results: Vec<AdoptResult>,
    /// Consumed capacity units, reads and writes together.
    pub units: f64,
}

/// Entities whose writes are one transaction.
#[derive(Default)]
struct Group {
    members: Vec<(usize, AdoptResult)>,
    writes: JointWrites,
}

impl Database {
    /// Takes over entities, parents before their children, and returns a result for each. Counters of clients and sites
    /// are those of the children that are taken over, whatever the entities say.
    ///
    /// An entity has the error [`StoreError::Unknown`] if its parent does not exist, and [`StoreError::CodeTaken`] if
    /// another client has its code. Nothing of it is written then.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`], or [`StoreError::Corrupt`] if an item is in the way that belongs to no
    /// entity. What was written stays.
    pub async fn adopt(&self, entities: &[AnyEntity]) -> Result<AdoptOutcome, StoreError> {
        let request = RequestContext::anonymous(DEFAULT_TIME_LIMIT, self.random());
        let request = RequestContext { request_id: REQUEST_ID.to_owned(), ..request };
        let table = Table::new(self.connection.clone(), request);
        let mut results: Vec<Option<AdoptResult>> = entities.iter().map(|_| None).collect();
        let mut backoff = table.backoff();
        let mut unexplained = Unexplained::default();
        loop {
            let left: Vec<_> =
                entities.iter().enumerate().filter(|(position, _)| results[*position].is_none()).collect();
            if left.is_empty() {
                let results = results.into_iter().flatten().collect();
                return Ok(AdoptOutcome { results, units: table.usage().units() });
            }
            let before = left.len();
            let Some(key) = write(&table, plan(&table, &left).await?, &mut results).await? else { continue };
            // Others write too. An item that stays in the way belongs to no entity.
            let is_progress = results.iter().filter(|result| result.is_none()).count() < before;
            if is_progress {
                unexplained = Unexplained::default();
            }
            if unexplained.add(key.clone()) {
                return Err(StoreError::unexpected(&key));
            }
            if !backoff.wait().await {
                return Err(StoreError::Unavailable("what is taken over kept changing until the deadline".to_owned()));
            }
        }
    }
}

/// Decides each entity, as if those before it had been written, and divides them into transactions.
///
/// # Errors
/// Returns [`StoreError::Unavailable`].
async fn plan(table: &Table, entities: &[(usize, &AnyEntity)]) -> Result<Vec<Group>, StoreError> {
    let overlay = Overlay::default();
    overlay.read_ahead(table, entities.iter().flat_map(|(_, entity)| keys(entity)).collect()).await?;
    let parents = entities.iter().filter_map(|(_, entity)| {
        let AnyEntity::Equipement(equipement) = entity else { return None };
        let parent = overlay.known(&Key::site_parent(equipement.site_id))?;
        SiteParentRow::from_item(parent).ok()
    });
    let parents = parents.flat_map(|parent| [parent.site_key(), Key::client(parent.client_id)]).collect();
    overlay.read_ahead(table, parents).await?;
    let planned = table.under(&overlay, table.request().clone());
    let (mut groups, mut last) = (Vec::new(), Group::default());
    for (position, entity) in entities {
        let result = match entity {
            AnyEntity::Client(client) => adopt_client(&planned, client.clone()).await,
            AnyEntity::Site(site) => adopt_site(&planned, site.clone()).await,
            AnyEntity::Equipement(equipement) => adopt_equipement(&planned, equipement.clone()).await,
        };
        if let Err(StoreError::Unavailable(_)) = &result {
            return result.map(|_| groups);
        }
        let writes = overlay.take_planned().ops;
        if !last.writes.add(&writes, MAX_TRANSACTION) {
            groups.push(take(&mut last));
            // One entity alone always fits: it writes at most five items.
            let _ = last.writes.add(&writes, MAX_TRANSACTION);
        }
        last.members.push((*position, result));
    }
    groups.push(last);
    Ok(groups)
}

/// Sends the transactions, and notes the results of their entities. Returns the item because of which one was refused.
///
/// # Errors
/// Returns [`StoreError::Unavailable`].
async fn write(
    table: &Table,
    groups: Vec<Group>,
    results: &mut [Option<AdoptResult>],
) -> Result<Option<Key>, StoreError> {
    for Group { members, writes } in groups {
        let ops = writes.into_ops();
        if !ops.is_empty()
            && let TransactOutcome::Refused(refusal) = table.transact(ops).await?
        {
            return Ok(Some(refusal.key));
        }
        for (position, result) in members {
            results[position] = Some(result);
        }
    }
    Ok(None)
}

/// Returns the keys of the items that an entity is decided by, except for the site of an équipement.
fn keys(entity: &AnyEntity) -> [Key; 2] {
    match entity {
        AnyEntity::Client(client) => [Key::client(client.client_id), Key::code(client.code)],
        AnyEntity::Site(site) => [Key::site_parent(site.site_id), Key::client(site.client_id)],
        AnyEntity::Equipement(equipement) => {
            [Key::equipement(equipement.equipement_id), Key::site_parent(equipement.site_id)]
        }
    }
}

async fn adopt_client(table: &Table, client: Client) -> AdoptResult {
    if table.get_item(Key::client(client.client_id)).await?.is_some() {
        return Ok(Adopted::Existing);
    }
    change::insert(table, None, new_client(client)).await?.fresh()?;
    Ok(Adopted::Added)
}

async fn adopt_site(table: &Table, site: Site) -> AdoptResult {
    if table.get_item(Key::site_parent(site.site_id)).await?.is_some() {
        return Ok(Adopted::Existing);
    }
    client(table, site.client_id).await?;
    let counter = (site.status == Status::Actif).then(|| add_to_client(site.client_id, ONE_SITE));
    change::insert(table, None, new_site(site, counter)).await?.fresh()?;
    Ok(Adopted::Added)
}

async fn adopt_equipement(table: &Table, equipement: Equipement) -> AdoptResult {
    if table.get_item(Key::equipement(equipement.equipement_id)).await?.is_some() {
        return Ok(Adopted::Existing);
    }
    let parent = parent_of_site(table, equipement.site_id).await?;
    let site = site_at(table, parent.site_key()).await?.site;
    let mut counters = Vec::new();
    if equipement.status == Status::Actif {
        counters.push(add_to_site(parent.site_key(), site.status));
        if site.status == Status::Actif {
            counters.push(add_to_client(site.client_id, equipements(1)));
        }
    }
    let equipement = Equipement { client_id: parent.client_id, ..equipement };
    let row = EquipementRow { equipement, site_rank: parent.site_rank, history: Digest::default() };
    change::insert(table, None, Change::insert(row).with(counters)).await?.fresh()?;
    Ok(Adopted::Added)
}
