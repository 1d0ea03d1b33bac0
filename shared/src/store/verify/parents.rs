//! Sites and équipements: their parent pointers and copies.

use super::codes::has_children;
use super::{Checker, Finding, subject, unchanged};
use crate::models::{Equipement, Kind};
use crate::store::StoreError;
use crate::store::rows::{
    CLIENT_ID, EntityRow, EquipementCopyRow, EquipementRow, Item, Key, SITE_RANK, SiteParentRow, SiteRow, TableRow,
    VERSION,
};
use crate::store::table::{Condition, OnConditionFailed, Table, TransactOp, Update};

impl Checker<'_> {
    /// Checks that the pointer to a site's client points back to the site, and that the client exists.
    pub(super) async fn site(&self, row: &SiteRow) -> Result<Vec<Finding>, StoreError> {
        type State = (Option<SiteRow>, Option<SiteParentRow>, bool);
        let (id, client_id) = (row.site.site_id, row.site.client_id);
        let expected = SiteParentRow { site_id: id, client_id, site_rank: row.site.rank };
        let subject = subject(id);
        let read = async |table: Table| {
            let site = table.get::<SiteRow>(row.key()).await?;
            let parent = table.get::<SiteParentRow>(Key::site_parent(id)).await?;
            Ok((site, parent, table.get_item(Key::client(client_id)).await?.is_some()))
        };
        let is_right = |(site, parent, has_client): &State| site.is_none() || *parent == Some(expected) && *has_client;
        let problem = |(_, parent, _): &State| {
            if *parent == Some(expected) {
                format!("its client {client_id} is missing")
            } else {
                format!("stored under client {client_id}, but its parent pointer is missing or differs")
            }
        };
        let repair = |state: &State| match state {
            (Some(site), None, true) => {
                vec![unchanged(site), TransactOp::insert(&expected, OnConditionFailed::Stale)]
            }
            _ => Vec::new(),
        };
        let mut findings = Vec::from_iter(self.index_keys(&subject, row).await?);
        findings.extend(self.history(&subject, row).await?);
        findings.extend(self.examine(&subject, read, is_right, problem, repair).await?);
        Ok(findings)
    }

    /// Checks that the pointer of a site leads to a site.
    pub(super) async fn site_parent(&self, row: SiteParentRow) -> Result<Option<Finding>, StoreError> {
        type State = (Option<SiteParentRow>, Option<Item>, bool);
        let read = async |table: Table| {
            let parent = table.get::<SiteParentRow>(row.key()).await?;
            let site = table.get_item(row.site_key()).await?;
            Ok((parent, site, has_children(&table, &row.key().partition, Kind::Equipement).await?))
        };
        let is_right = |(parent, site, _): &State| *parent != Some(row) || site.is_some();
        let problem =
            |_: &State| format!("its parent pointer points to client {}, which has no such site", row.client_id);
        let repair = |(_, _, has_equipements): &State| {
            // If the site is lost but its équipements are not, this is its last trace: keep it.
            if *has_equipements {
                return Vec::new();
            }
            vec![
                TransactOp::check(row.site_key(), Condition::Absent, OnConditionFailed::Stale),
                TransactOp::delete(row.key(), CLIENT_ID.is(&row.client_id), OnConditionFailed::Stale),
            ]
        };
        self.examine(&subject(row.site_id), read, is_right, problem, repair).await
    }

    /// Checks that an équipement holds the parent pointer of its site, and that its copy at the site is equal.
    pub(super) async fn equipement(&self, row: &EquipementRow) -> Result<Vec<Finding>, StoreError> {
        let subject = subject(row.equipement.equipement_id);
        let read = async |table: Table| {
            let Some(row) = table.get::<EquipementRow>(row.key()).await? else { return Ok(None) };
            let parent = table.get::<SiteParentRow>(Key::site_parent(row.equipement.site_id)).await?;
            let copy = table.get_item(EquipementCopyRow(row.equipement.clone()).key()).await?;
            Ok(Some(EquipementState { row, parent, copy }))
        };
        let is_right = |state: &Option<EquipementState>| state.as_ref().is_none_or(|state| state.problem().is_none());
        let problem =
            |state: &Option<EquipementState>| state.as_ref().and_then(EquipementState::problem).unwrap_or_default();
        let repair = |state: &Option<EquipementState>| state.as_ref().map(EquipementState::repair).unwrap_or_default();
        let mut findings = Vec::from_iter(self.index_keys(&subject, row).await?);
        findings.extend(self.history(&subject, row).await?);
        findings.extend(self.examine(&subject, read, is_right, problem, repair).await?);
        Ok(findings)
    }

    /// Checks that a copy is one of an équipement of the site.
    pub(super) async fn equipement_copy(&self, row: &EquipementCopyRow) -> Result<Option<Finding>, StoreError> {
        type State = (Option<Item>, Option<EquipementRow>);
        let EquipementCopyRow(Equipement { equipement_id, site_id, rank, .. }) = row;
        let read = async |table: Table| {
            let copy = table.get_item(row.key()).await?;
            Ok((copy, table.get::<EquipementRow>(Key::equipement(*equipement_id)).await?))
        };
        let belongs = |row: &EquipementRow| row.equipement.site_id == *site_id && row.equipement.rank == *rank;
        let is_right = |(copy, equipement): &State| copy.is_none() || equipement.as_ref().is_some_and(belongs);
        let problem = |(_, equipement): &State| match equipement {
            Some(row) => format!("stray copy at site {site_id}; the équipement is at site {}", row.equipement.site_id),
            None => format!("missing, but site {site_id} holds a copy of it"),
        };
        let repair = |(_, equipement): &State| {
            equipement.iter().flat_map(|it| [unchanged(it), TransactOp::remove(row.key())]).collect()
        };
        self.examine(&subject(*equipement_id), read, is_right, problem, repair).await
    }
}

/// An équipement, the parent pointer of its site, and its copy at the site.
#[derive(PartialEq)]
struct EquipementState {
    row: EquipementRow,
    parent: Option<SiteParentRow>,
    copy: Option<Item>,
}

impl EquipementState {
    fn problem(&self) -> Option<String> {
        let Self { row, parent, copy } = self;
        let Equipement { site_id, client_id, .. } = &row.equipement;
        match parent {
            None => Some(format!("its site {site_id} is missing")),
            Some(parent) if parent.client_id != *client_id => {
                Some(format!("at client {client_id}, but its site is at client {}", parent.client_id))
            }
            Some(parent) if parent.site_rank != row.site_rank => Some(format!("its site {site_id} has another rank")),
            Some(_) => {
                let same =
                    row.copy().zip(copy.as_ref()).is_some_and(|(wanted, copy)| copy.changes_to(&wanted).is_empty());
                (!same).then(|| format!("its copy at site {site_id} is missing or differs"))
            }
        }
    }

    /// Corrects client and rank from the pointer, and rewrites the copy.
    fn repair(&self) -> Vec<TransactOp> {
        let Some(SiteParentRow { client_id, site_rank, .. }) = self.parent else { return Vec::new() };
        let equipement = Equipement { client_id, ..self.row.equipement.clone() };
        let row = EquipementRow { equipement, site_rank, history: self.row.history };
        let place = Update::default().set(CLIENT_ID, &client_id).set(SITE_RANK, &site_rank);
        let seen = VERSION.is(&self.row.version());
        let update = TransactOp::update(row.key(), place, seen, OnConditionFailed::Stale);
        [update].into_iter().chain(row.copy().map(TransactOp::replace)).collect()
    }
}
