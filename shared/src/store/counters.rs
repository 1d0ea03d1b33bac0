//! Changes of counters, each part of the transaction that changes what they count.
//!
//! Every one of them counts up the `counts_version` of its item.

use super::rows::{COUNTS_VERSION, ClientCounts, EQUIPEMENTS, Key, SITES, STATUS, SiteRow};
use super::table::{Condition, OnConditionFailed, TransactOp, Update};
use crate::models::{ClientId, Kind, Status};

/// Adds to the counters of an active client; refused if the client is missing or inactive.
pub(crate) fn add_to_active_client(id: ClientId, counts: ClientCounts) -> TransactOp {
    let active = STATUS.is(&Status::Actif);
    TransactOp::update(Key::client(id), client(counts), active, OnConditionFailed::Parent(Kind::Client))
}

/// Adds to the counters of a client, active or not.
pub(crate) fn add_to_client(id: ClientId, counts: ClientCounts) -> TransactOp {
    TransactOp::update(Key::client(id), client(counts), Condition::Exists, OnConditionFailed::Corrupt)
}

/// Counts one more équipement at an active site; refused if the site is missing or inactive.
pub(crate) fn add_to_active_site(key: Key) -> TransactOp {
    TransactOp::update(key, site(1), STATUS.is(&Status::Actif), OnConditionFailed::Parent(Kind::Site))
}

/// Counts one équipement less at a site; stale if the site has another status.
pub(crate) fn subtract_from_site(key: Key, status: Status) -> TransactOp {
    TransactOp::update(key, site(-1), STATUS.is(&status), OnConditionFailed::Stale)
}

/// Returns what a client counts of a site: itself and its équipements if it is active.
pub(crate) fn counted(site: &SiteRow) -> ClientCounts {
    match site.site.status {
        Status::Actif => ClientCounts { sites: 1, equipements: site.equipements },
        Status::Inactif => ClientCounts::default(),
    }
}

/// Counters of a client that change by a number of équipements.
pub(crate) fn equipements(equipements: i64) -> ClientCounts {
    ClientCounts { sites: 0, equipements }
}

fn client(ClientCounts { sites, equipements }: ClientCounts) -> Update {
    Update::default().add(SITES, &sites).add(EQUIPEMENTS, &equipements).add(COUNTS_VERSION, &1)
}

fn site(equipements: i64) -> Update {
    Update::default().add(EQUIPEMENTS, &equipements).add(COUNTS_VERSION, &1)
}
