//! Équipements. Each has a copy in the partition of its site, for the lists of that site.

use futures_util::future::try_join;

use super::change::{self, Attempt, Change};
use super::counters::{add_to_active_client, add_to_active_site, add_to_client, equipements, subtract_from_site};
use super::digest::Digest;
use super::lists;
use super::replays::{Replay, Written};
use super::rows::{EquipementRow, Key, STATUS, SiteParentRow, SiteRow};
use super::sites::{parent_of_site, site_at};
use super::table::{OnConditionFailed, Table, TransactOp};
use super::{List, Store, StoreError};
use crate::models::{Equipement, EquipementId, EquipementRegister, EquipementUpdate, Filter, Kind, Pagination, Status};

impl Store {
    /// Registers an équipement at an active site of an active client.
    ///
    /// # Errors
    /// Returns [`StoreError::Unknown`] if the site does not exist, [`StoreError::Inactive`] if the site or
    /// its client is inactive.
    pub async fn register_equipement(&self, input: EquipementRegister) -> Result<Written<Equipement>, StoreError> {
        let replay = Replay::of(&self.table, "register_equipement", &input);
        let uuid = self.table.request().new_uuid();
        let decide = |parent: &SiteParentRow| {
            let equipement = Equipement::new(input.clone(), parent.client_id, uuid);
            let row = EquipementRow { equipement, site_rank: parent.site_rank, history: Digest::default() };
            let counters = add_to_parents(&row, 1);
            Change::insert(row).with(counters)
        };
        change::apply(&self.table, replay, |_| parent_of_site(&self.table, input.site_id), decide).await
    }

    /// Changes an équipement's fields, and moves it if `site_id` names another site.
    ///
    /// # Errors
    /// Returns [`StoreError::Unknown`], of the équipement or the site, or [`StoreError::Inactive`], of the
    /// client or the site that it should move to.
    pub async fn update_equipement(&self, input: &EquipementUpdate) -> Result<Written<Equipement>, StoreError> {
        let replay = Replay::of(&self.table, "update_equipement", input);
        let read = |_| async {
            let row = equipement(&self.table, input.equipement_id).await?;
            let stays = row.equipement.site_id == input.site_id;
            let parents = if stays { None } else { Some(read_move_parents(&self.table, &row, input).await?) };
            Ok((row, parents))
        };
        change::apply(&self.table, replay, read, |(before, parents)| update(before, parents.as_ref(), input)).await
    }

    /// Sets the status of an équipement, and updates the counters of its site and its client. Writes
    /// nothing if it already has that status.
    ///
    /// # Errors
    /// Returns [`StoreError::Unknown`], or [`StoreError::Inactive`] if the client or the site of an
    /// équipement that is activated is inactive.
    pub async fn set_equipement_status(
        &self,
        id: EquipementId,
        status: Status,
    ) -> Result<Written<Equipement>, StoreError> {
        let replay = Replay::of(&self.table, "set_equipement_status", &(id, status));
        let read = |attempt| async move {
            let row = equipement(&self.table, id).await?;
            // The site is assumed to be active, as nearly every site is; it is read only after a refusal.
            let site = match (attempt, status) {
                (Attempt::Again, Status::Inactif) => Some(site_at(&self.table, row.site_key()).await?),
                (Attempt::First | Attempt::Again, Status::Actif | Status::Inactif) => None,
            };
            Ok((row, site))
        };
        let status_of = |site: &Option<SiteRow>| site.as_ref().map_or(Status::Actif, |row| row.site.status);
        change::apply(&self.table, replay, read, |(before, site)| set_status(before, status_of(site), status)).await
    }

    /// Returns an équipement.
    ///
    /// # Errors
    /// Returns [`StoreError::Unknown`].
    pub async fn equipement(&self, id: EquipementId) -> Result<Equipement, StoreError> {
        equipement(&self.table, id).await.map(|row| row.equipement)
    }

    /// Lists équipements; eventually consistent.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub async fn equipements(&self, filter: &Filter, page: Pagination) -> Result<List<Equipement>, StoreError> {
        lists::of_kind::<EquipementRow>(&self.table, filter, page).await
    }
}

/// Target and source of a move.
#[derive(PartialEq)]
struct MoveParents {
    target: SiteParentRow,
    /// `None` if the équipement is inactive: then no counter changes.
    source: Option<SiteRow>,
}

async fn read_move_parents(
    table: &Table,
    row: &EquipementRow,
    input: &EquipementUpdate,
) -> Result<MoveParents, StoreError> {
    let target = parent_of_site(table, input.site_id);
    Ok(match row.equipement.status {
        Status::Actif => {
            let (target, source) = try_join(target, site_at(table, row.site_key())).await?;
            MoveParents { target, source: Some(source) }
        }
        Status::Inactif => MoveParents { target: target.await?, source: None },
    })
}

/// Reads an équipement.
///
/// # Errors
/// Returns [`StoreError::Unknown`].
pub(crate) async fn equipement(table: &Table, id: EquipementId) -> Result<EquipementRow, StoreError> {
    table.get(Key::equipement(id)).await?.ok_or(StoreError::Unknown(Kind::Equipement))
}

fn update(before: &EquipementRow, parents: Option<&MoveParents>, input: &EquipementUpdate) -> Change<EquipementRow> {
    let EquipementUpdate { equipement_id: _, site_id, nom, r#type, numero_serie } = input.clone();
    let equipement = Equipement { site_id, nom, r#type, numero_serie, ..before.equipement.clone() };
    let Some(MoveParents { target, source }) = parents else {
        return Change::update(before, EquipementRow { equipement, ..*before });
    };
    let equipement = Equipement { client_id: target.client_id, ..equipement };
    let after = EquipementRow { equipement, site_rank: target.site_rank, history: before.history };
    let writes = match source {
        Some(source) => transfer(before, source.site.status, &after),
        None => check_active(&after).into(),
    };
    Change::update(before, after).with(writes)
}

fn set_status(before: &EquipementRow, site_status: Status, status: Status) -> Change<EquipementRow> {
    let writes = match status {
        Status::Actif => add_to_parents(before, 1).into(),
        Status::Inactif => subtract_from_parents(before, site_status),
    };
    let equipement = Equipement { status, ..before.equipement.clone() };
    Change::update(before, EquipementRow { equipement, ..*before }).with(writes)
}

/// Moves an équipement's count to its new site and client.
fn transfer(before: &EquipementRow, source_status: Status, after: &EquipementRow) -> Vec<TransactOp> {
    let mut writes = Vec::new();
    if before.equipement.client_id == after.equipement.client_id {
        // A transaction takes one write per item, so the client gets the sum of both changes.
        let counted_before = i64::from(source_status == Status::Actif);
        writes.extend(add_to_parents(after, 1 - counted_before));
        writes.push(subtract_from_site(before.site_key(), source_status));
    } else {
        writes.extend(add_to_parents(after, 1));
        writes.extend(subtract_from_parents(before, source_status));
    }
    writes
}

/// Counts an équipement at an active site of an active client; the client's counter changes by
/// `at_client`.
fn add_to_parents(row: &EquipementRow, at_client: i64) -> [TransactOp; 2] {
    [
        add_to_active_client(
            row.equipement.client_id,
            equipements(at_client),
            OnConditionFailed::Inactive(Kind::Client),
        ),
        add_to_active_site(row.site_key()),
    ]
}

/// Subtracts an équipement from its site, and from its client if the site is active.
fn subtract_from_parents(row: &EquipementRow, site_status: Status) -> Vec<TransactOp> {
    let mut writes = vec![subtract_from_site(row.site_key(), site_status)];
    if site_status == Status::Actif {
        writes.push(add_to_client(row.equipement.client_id, equipements(-1)));
    }
    writes
}

/// Checks that the target of a move is active, without changing its counters.
fn check_active(row: &EquipementRow) -> [TransactOp; 2] {
    let active = |key, kind| TransactOp::check(key, STATUS.is(&Status::Actif), OnConditionFailed::Inactive(kind));
    [active(Key::client(row.equipement.client_id), Kind::Client), active(row.site_key(), Kind::Site)]
}
