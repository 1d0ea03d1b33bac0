//! Changes of counters, each part of the transaction that changes what they count.
//!
//! Each also increments the item's `counts_version`.

use super::rows::{COUNTS_VERSION, ClientCounts, EQUIPEMENTS, Key, SITES, STATUS, SiteRow};
use super::table::{Condition, OnConditionFailed, TransactOp, Update};
use crate::models::{ClientId, Kind, Status};

/// Adds to the counters of a client, if it is active.
pub(crate) fn add_to_active_client(id: ClientId, counts: ClientCounts, on_failed: OnConditionFailed) -> TransactOp {
    TransactOp::update(Key::client(id), client(counts), STATUS.is(&Status::Actif), on_failed)
}

/// Adds to the counters of a client, active or not.
pub(crate) fn add_to_client(id: ClientId, counts: ClientCounts) -> TransactOp {
    TransactOp::update(Key::client(id), client(counts), Condition::Exists, OnConditionFailed::Corrupt)
}

/// Adds one équipement to an active site.
pub(crate) fn add_to_active_site(key: Key) -> TransactOp {
    TransactOp::update(key, site(1), STATUS.is(&Status::Actif), OnConditionFailed::Inactive(Kind::Site))
}

/// Subtracts one équipement from a site; stale if its status differs.
pub(crate) fn subtract_from_site(key: Key, status: Status) -> TransactOp {
    count_at_site(key, status, -1)
}

/// Adds one équipement to a site, active or not; stale if its status differs.
pub(crate) fn add_to_site(key: Key, status: Status) -> TransactOp {
    count_at_site(key, status, 1)
}

fn count_at_site(key: Key, status: Status, equipements: i64) -> TransactOp {
    TransactOp::update(key, site(equipements), STATUS.is(&status), OnConditionFailed::Stale)
}

/// Returns a site's share of its client's counters: nothing if the site is inactive.
pub(crate) fn counted(site: &SiteRow) -> ClientCounts {
    match site.site.status {
        Status::Actif => ClientCounts { sites: 1, equipements: site.equipements },
        Status::Inactif => ClientCounts::default(),
    }
}

/// A change of the site counter only.
pub(crate) const ONE_SITE: ClientCounts = ClientCounts { sites: 1, equipements: 0 };

/// Returns a change of the équipement counter only.
pub(crate) fn equipements(equipements: i64) -> ClientCounts {
    ClientCounts { sites: 0, equipements }
}

fn client(ClientCounts { sites, equipements }: ClientCounts) -> Update {
    Update::default().add(SITES, &sites).add(EQUIPEMENTS, &equipements).add(COUNTS_VERSION, &1)
}

fn site(equipements: i64) -> Update {
    Update::default().add(EQUIPEMENTS, &equipements).add(COUNTS_VERSION, &1)
}
