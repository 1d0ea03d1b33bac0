//! The counters above a thing, which change in the transaction that changes the thing.

use super::StoreError;
use super::keys::Key;
use super::write::{Refused, Update, Write};
use crate::models::{ClientId, Kind, Site, SiteId, Status};

/// So many sites and équipements more at a client, where it is active.
pub(super) fn at_active_client(id: ClientId, sites: i64, equipements: i64) -> Result<Write, StoreError> {
    let refused = Refused::Parent(Kind::Client);
    if sites == 0 && equipements == 0 {
        return Ok(Write::check(Update::if_status(Key::client(id), "", Status::Actif)?, refused));
    }
    Ok(count(Update::if_status(Key::client(id), AT_CLIENT, Status::Actif)?, sites, equipements)?.or(refused))
}

/// So many sites and équipements fewer at a client, active or not.
pub(super) fn fewer_at_client(id: ClientId, sites: i64, equipements: i64) -> Result<Write, StoreError> {
    let update = Update::new(Key::client(id), AT_CLIENT, "attribute_exists(PK)");
    Ok(count(update, -sites, -equipements)?.or(Refused::Corrupt))
}

/// One équipement more at an active site of an active client, `at_client` more for the client.
pub(super) fn arrival(client_id: ClientId, site_id: SiteId, at_client: i64) -> Result<[Write; 2], StoreError> {
    let site = Update::if_status(Key::site(client_id, site_id), AT_SITE, Status::Actif)?;
    let site = site.bind(":equipements", 1)?.bind(":one", 1)?;
    Ok([at_active_client(client_id, 0, at_client)?, site.or(Refused::Parent(Kind::Site))])
}

/// One équipement fewer at a site as it was read, and `at_client` fewer for its client.
pub(super) fn departure(site: &Site, at_client: i64) -> Result<Vec<Write>, StoreError> {
    let left = Update::if_status(Key::site(site.client_id, site.site_id), AT_SITE, site.status)?;
    let mut writes = vec![left.bind(":equipements", -1)?.bind(":one", 1)?.or(Refused::Stale)];
    if at_client != 0 {
        writes.push(fewer_at_client(site.client_id, 0, at_client)?);
    }
    Ok(writes)
}

/// How many of its client's équipements one of a site is: only those of active sites count.
pub(super) fn counted(site: &Site) -> i64 {
    i64::from(site.status == Status::Actif)
}

const AT_CLIENT: &str = "ADD sites :sites, equipements :equipements, version :one";
const AT_SITE: &str = "ADD equipements :equipements, version :one";

fn count(update: Update, sites: i64, equipements: i64) -> Result<Update, StoreError> {
    update.bind(":sites", sites)?.bind(":equipements", equipements)?.bind(":one", 1)
}
