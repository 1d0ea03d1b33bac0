//! Counters, recounted from what they count.

use super::{Checker, Finding, Outcome, Settled};
use crate::models::{EntityId, EquipementId, Kind, SiteId, Status};
use crate::store::StoreError;
use crate::store::counters::counted;
use crate::store::rows::{
    COUNTS_VERSION, ClientCounts, ClientRow, EQUIPEMENTS, Key, PARTITION, SITES, SORT, STATUS, SiteRow, TableRow,
    children,
};
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

impl Checker<'_> {
    /// Recounts the équipements of each site of a client, then the client itself.
    pub(super) async fn counters(&self, client: &ClientRow) -> Result<Vec<Finding>, StoreError> {
        let key = client.key();
        let mut findings = Vec::new();
        let mut excess = Vec::new();
        for site in sites_of(&self.table(), &key).await? {
            let (finding, too_many) = self.site_counter(&site).await?;
            findings.extend(finding);
            match too_many {
                Some(too_many) => excess.push((site.site.site_id, too_many)),
                // What the client should count is not known.
                None => return Ok(findings),
            }
        }
        let read = async |table: Table| recount(&table, &key, &excess).await;
        let subject = format!("client {}", client.client.client_id);
        let problem = |Recount { row, counts }: &Recount| {
            let is = row.as_ref().map(|row| row.counts).unwrap_or_default();
            format!(
                "sites is {}, counted {}; equipements is {}, counted {}",
                is.sites, counts.sites, is.equipements, counts.equipements
            )
        };
        let repair = |Recount { row, counts: ClientCounts { sites, equipements } }: &Recount| {
            let update = Update::default().set(SITES, sites).set(EQUIPEMENTS, equipements);
            row.iter().map(|row| set_counters(row, update.clone(), row.counts_version)).collect()
        };
        findings.extend(self.examine(subject, read, Recount::is_right, problem, repair).await?);
        Ok(findings)
    }

    /// Recounts the équipements of a site. Beside the finding it returns how many too many the counter
    /// still counts, which stays the same whatever is written meanwhile; `None` if that is not known.
    async fn site_counter(&self, site: &SiteRow) -> Result<(Option<Finding>, Option<i64>), StoreError> {
        let (id, key) = (site.site.site_id, site.key());
        let read = async |table: Table| {
            let row = table.get::<SiteRow>(key.clone()).await?;
            Ok((row, count_equipements(&table, id).await?))
        };
        let too_many = |(row, count): &(Option<SiteRow>, i64)| row.as_ref().map_or(0, |row| row.equipements - count);
        let problem = |(row, count): &(Option<SiteRow>, i64)| {
            format!("equipements is {}, counted {count}", row.as_ref().map_or(0, |row| row.equipements))
        };
        let repair = |(row, count): &(Option<SiteRow>, i64)| {
            let update = Update::default().set(EQUIPEMENTS, count);
            row.iter().map(|row| set_counters(row, update.clone(), row.counts_version)).collect()
        };
        let is_right = |state: &(Option<SiteRow>, i64)| too_many(state) == 0;
        let finding = self.examine(format!("site {id}"), &read, is_right, problem, repair).await?;
        let left = match finding.as_ref().map(|finding| finding.outcome) {
            None | Some(Outcome::Repaired) => Some(0),
            Some(Outcome::Unchecked) => None,
            Some(Outcome::Wrong) => match self.settle(&read, is_right).await? {
                Settled::Right => Some(0),
                Settled::Wrong(state) => Some(too_many(&state)),
                Settled::Busy => None,
            },
        };
        Ok((finding, left))
    }
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
    let [from, to] = children(Kind::Site, None);
    let query = Query::of_table(PARTITION.is(&client.partition).and(SORT.is_between([&from, &to])));
    let (mut sites, mut start) = (Vec::new(), None);
    loop {
        let page = table.query(query.clone().after(start)).await?;
        for item in page.items {
            sites.push(SiteRow::from_item(item)?);
        }
        start = page.next;
        if start.is_none() {
            return Ok(sites);
        }
    }
}

/// Counts the active équipements of a site; strongly consistent.
async fn count_equipements(table: &Table, id: SiteId) -> Result<i64, StoreError> {
    let [from, to] = children(EquipementId::KIND, None);
    let key = PARTITION.is(&Key::site_parent(id).partition).and(SORT.is_between([&from, &to]));
    let query = Query::of_table(key).filtered(Some(STATUS.is(&Status::Actif))).count();
    let (mut count, mut start) = (0, None);
    loop {
        let page = table.query(query.clone().after(start)).await?;
        count += i64::from(page.count);
        start = page.next;
        if start.is_none() {
            return Ok(count);
        }
    }
}
