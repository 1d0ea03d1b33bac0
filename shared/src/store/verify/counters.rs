//! Recounts the counters of clients and sites.

use super::{Checker, Finding, Outcome, subject};
use crate::models::{Kind, SiteId, Status};
use crate::store::StoreError;
use crate::store::counters::counted;
use crate::store::rows::{COUNTS_VERSION, ClientCounts, ClientRow, EQUIPEMENTS, Key, SITES, STATUS, SiteRow, TableRow};
use crate::store::table::{OnConditionFailed, Query, Table, TransactOp, Update};

/// A client as it is, and the counters that it should have.
#[derive(PartialEq)]
struct Recount {
    row: Option<ClientRow>,
    counts: ClientCounts,
}

impl Recount {
    fn is_right(&self) -> bool {
        self.row.as_ref().is_none_or(|row| row.counts == self.counts)
    }
}

/// A site as it is, and the number of équipements that it should count.
type SiteRecount = (Option<SiteRow>, i64);

impl Checker<'_> {
    /// Recounts the équipements of each site of a client, then the client itself.
    pub(super) async fn counters(&self, client: &ClientRow) -> Result<Vec<Finding>, StoreError> {
        let (key, subject) = (client.key(), subject(client.client.client_id));
        let sites = match sites_of(&self.table(), &key).await {
            // The unreadable site is reported separately.
            Err(StoreError::Corrupt(_)) => return Ok(vec![unchecked(&subject)]),
            sites => sites?,
        };
        let (mut findings, mut excess, mut known) = (Vec::new(), Vec::new(), true);
        for site in sites {
            if let Some((finding, state)) = self.site_counter(&site).await? {
                known &= finding.outcome != Outcome::Unchecked;
                excess.extend(state.as_ref().map(|state| (site.site.site_id, too_many(state))));
                findings.push(finding);
            }
        }
        if !known {
            findings.push(unchecked(&subject));
            return Ok(findings);
        }
        let read = async |table: Table| recount(&table, &key, &excess).await;
        let problem = |Recount { row, counts }: &Recount| {
            let is = row.as_ref().map(|row| row.counts).unwrap_or_default();
            format!(
                "sites is {}, should be {}; equipements is {}, should be {}",
                is.sites, counts.sites, is.equipements, counts.equipements
            )
        };
        let repair = |Recount { row, counts: ClientCounts { sites, equipements } }: &Recount| {
            let update = Update::default().set(SITES, sites).set(EQUIPEMENTS, equipements);
            row.iter().map(|row| set_counters(row, update.clone(), row.counts_version)).collect()
        };
        findings.extend(self.examine(&subject, read, Recount::is_right, problem, repair).await?);
        Ok(findings)
    }

    /// Recounts the équipements of a site. If it is wrong and stays so, returns its state too: concurrent
    /// writes do not change by how much it is wrong.
    async fn site_counter(&self, site: &SiteRow) -> Result<Option<(Finding, Option<SiteRecount>)>, StoreError> {
        let (id, key) = (site.site.site_id, site.key());
        let read = async |table: Table| {
            let row = table.get::<SiteRow>(key.clone()).await?;
            Ok((row, count_equipements(&table, id).await?))
        };
        let problem = |(row, count): &SiteRecount| {
            format!("equipements is {}, should be {count}", row.as_ref().map_or(0, |row| row.equipements))
        };
        let repair = |(row, count): &SiteRecount| {
            let update = Update::default().set(EQUIPEMENTS, count);
            row.iter().map(|row| set_counters(row, update.clone(), row.counts_version)).collect()
        };
        self.examine_state(&subject(id), read, |state| too_many(state) == 0, problem, repair).await
    }
}

/// Returns by how much the counter of a site exceeds the number of its équipements.
fn too_many((row, count): &SiteRecount) -> i64 {
    row.as_ref().map_or(0, |row| row.equipements - count)
}

fn unchecked(subject: &str) -> Finding {
    let description = format!("{subject}: one of its sites could not be checked, so its counters are not known");
    Finding { description, outcome: Outcome::Unchecked }
}

/// Sets the counters of an item, if they are still those that were read.
fn set_counters(row: &impl TableRow, update: Update, counts_version: u64) -> TransactOp {
    let seen = COUNTS_VERSION.is(&counts_version);
    TransactOp::update(row.key(), update.add(COUNTS_VERSION, &1), seen, OnConditionFailed::Stale)
}

/// Counts what a client should count. The result is exact if two reads of it agree: the client's
/// `counts_version`, which is read first, changes with everything that is counted.
async fn recount(table: &Table, client: &Key, excess: &[(SiteId, i64)]) -> Result<Recount, StoreError> {
    let row = table.get::<ClientRow>(client.clone()).await?;
    let mut counts = ClientCounts::default();
    for site in sites_of(table, client).await? {
        let ClientCounts { sites, equipements } = counted(&site);
        let excess = excess.iter().filter(|(id, _)| *id == site.site.site_id && sites > 0);
        counts.sites += sites;
        counts.equipements += equipements - excess.map(|(_, excess)| excess).sum::<i64>();
    }
    Ok(Recount { row, counts })
}

/// Reads every site of a client; strongly consistent.
async fn sites_of(table: &Table, client: &Key) -> Result<Vec<SiteRow>, StoreError> {
    let all = table.query_all(Query::of_children(&client.partition, Kind::Site)).await?;
    Ok(all.items.into_iter().map(SiteRow::from_item).collect::<Result<_, _>>()?)
}

/// Counts the active équipements of a site; strongly consistent.
async fn count_equipements(table: &Table, id: SiteId) -> Result<i64, StoreError> {
    let query = Query::of_children(&Key::site_parent(id).partition, Kind::Equipement);
    let all = table.query_all(query.filtered(Some(STATUS.is(&Status::Actif))).count()).await?;
    Ok(i64::from(all.count))
}
