//! What the old service holds in conflict with the rules of parc. It is left out, because parc cannot know which of two
//! facts is true.

use std::collections::{HashMap, HashSet};

use shared::models::{Client, ClientId, Code, Entity, EntityId, SiteId};
use uuid::Uuid;

use super::entity::Old;
use super::read::Register;
use super::report::Report;

/// Removes what is in conflict, and reports it.
pub(super) fn remove(register: &mut Register, report: &mut Report) {
    let Register { clients, sites, equipements, .. } = register;
    let (repeated, shared) = (repeated_ids(clients, report), shared_codes(clients, report));
    keep(clients, report, |client| repeated(client).or_else(|| shared(client)));
    let repeated = repeated_ids(sites, report);
    keep(sites, report, repeated);
    let repeated = repeated_ids(equipements, report);
    keep(equipements, report, repeated);
    remove_orphans(register, report);
}

/// Keeps the entities for which there is no reason to leave them out.
fn keep<E: Entity>(entities: &mut Vec<Old<E>>, report: &mut Report, reason: impl Fn(&E) -> Option<String>) {
    entities.retain(|old| {
        let reason = reason(&old.entity);
        if let Some(reason) = &reason {
            report.left_out(E::KIND, old.entity.id().as_uuid(), reason);
        }
        reason.is_none()
    });
}

/// Returns a function that describes whether an entity shares its identifier.
fn repeated_ids<E: Entity>(entities: &[Old<E>], report: &Report) -> impl Fn(&E) -> Option<String> + use<E> {
    let mut counts: HashMap<Uuid, u64> = HashMap::new();
    for old in entities {
        let id = old.entity.id();
        // Another one that cannot be read may have it too.
        *counts.entry(id.as_uuid()).or_insert_with(|| u64::from(report.is_left_out::<E>(id))) += 1;
    }
    move |entity| {
        let count = counts.get(&entity.id().as_uuid()).filter(|count| **count > 1)?;
        Some(format!("{count} entities have its identifier"))
    }
}

/// Returns a function that describes whether a client shares its code with another one.
fn shared_codes(clients: &[Old<Client>], report: &Report) -> impl Fn(&Client) -> Option<String> + use<> {
    let of_others = report.codes.clone();
    let mut holders: HashMap<Code, Vec<ClientId>> = HashMap::new();
    for Old { entity, .. } in clients {
        holders.entry(entity.code).or_default().push(entity.client_id);
    }
    move |client| {
        let code = client.code;
        let other = holders.get(&code)?.iter().find(|other| **other != client.client_id);
        let of_other =
            || of_others.contains(&code).then(|| format!("a client that is left out has its code {code} too"));
        other.map(|other| format!("client {other} has its code {code} too")).or_else(of_other)
    }
}

/// Removes children whose parent is left out or unknown, or whose client is not that of their site.
fn remove_orphans(register: &mut Register, report: &mut Report) {
    let clients: HashSet<_> = register.clients.iter().map(|old| old.entity.client_id).collect();
    keep(&mut register.sites, report, |site| {
        let is_known = clients.contains(&site.client_id);
        (!is_known).then(|| format!("its client {} is unknown or left out", site.client_id))
    });
    let sites: HashMap<SiteId, ClientId> =
        register.sites.iter().map(|old| (old.entity.site_id, old.entity.client_id)).collect();
    keep(&mut register.equipements, report, |equipement| match sites.get(&equipement.site_id) {
        None => Some(format!("its site {} is unknown or left out", equipement.site_id)),
        Some(client_id) if *client_id != equipement.client_id => {
            Some(format!("its client is {}, but its site's is {client_id}", equipement.client_id))
        }
        Some(_) => None,
    });
}
