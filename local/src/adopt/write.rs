//! Writes what is taken over: a client, its sites and their équipements together.

use std::collections::HashMap;
use std::hash::Hash;

use futures_util::stream::{self, StreamExt};
use shared::models::{AnyEntity, Client, ClientId, Equipement, Kind, Site, SiteId};
use shared::store::{AdoptResult, Adopted, Database, StoreError};
use uuid::Uuid;

use super::entity::Old;
use super::read::Register;
use super::report::Report;
use crate::AnyError;
use crate::progress::overwrite;

/// Maximum number of entities that are written by one call of [`Database::adopt`], which has 25 seconds.
const WINDOW: usize = 256;

/// Number of such calls at the same time. Each is about another client.
const CONCURRENCY: usize = 4;

/// Numbers of entities, and what they cost.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Written {
    pub(super) added: u64,
    pub(super) existing: u64,
    /// Consumed capacity units.
    pub(super) units: f64,
}

/// Writes what does not exist yet. Removes from `register` what the table does not accept, and reports it.
///
/// # Errors
/// Returns an error if the table cannot be used. What was written stays.
pub(super) async fn write(
    database: &Database,
    register: &mut Register,
    report: &mut Report,
) -> Result<Written, AnyError> {
    let total = register.clients.len() + register.sites.len() + register.equipements.len();
    let (mut written, mut done) = (Written::default(), 0);
    let sequences = sequences(register).into_iter().map(async |windows| {
        let (mut results, mut units) = (Vec::new(), 0.0);
        for window in windows {
            let adopted = database.adopt(&window).await?;
            results.extend(window.iter().map(|entity| (entity.kind(), entity.uuid())).zip(adopted.results));
            units += adopted.units;
        }
        Ok::<_, StoreError>((results, units))
    });
    let mut sequences = stream::iter(sequences).buffer_unordered(CONCURRENCY);
    while let Some(results) = sequences.next().await {
        let (results, units) = results.map_err(|error| stopped(&error))?;
        written.units += units;
        for ((kind, id), result) in results {
            done += 1;
            count(&mut written, kind, id, result, report);
        }
        overwrite(&format!("{done} of {total} entities written or found"));
    }
    register.clients.retain(|old| !report.is_left_out::<Client>(old.entity.client_id));
    register.sites.retain(|old| !report.is_left_out::<Site>(old.entity.site_id));
    register.equipements.retain(|old| !report.is_left_out::<Equipement>(old.entity.equipement_id));
    Ok(written)
}

fn stopped(error: &StoreError) -> String {
    let is_corrupt = matches!(error, StoreError::Corrupt(_));
    let advice = if is_corrupt { "`parc verify` tells more" } else { "run the same command again to continue" };
    format!("the takeover stopped: {error}; {advice}; what was written stays")
}

/// Counts a result, or reports a refusal.
fn count(written: &mut Written, kind: Kind, id: Uuid, result: AdoptResult, report: &mut Report) {
    match result {
        Ok(Adopted::Added) => written.added += 1,
        Ok(Adopted::Existing) => written.existing += 1,
        Err(StoreError::CodeTaken(code)) => {
            report.left_out(kind, id, format_args!("another client of parc has its code {code}"));
        }
        Err(StoreError::Unknown(parent)) => {
            report.left_out(kind, id, format_args!("its {} is not in parc", parent.label()));
        }
        Err(error) => report.left_out(kind, id, error),
    }
}

/// Divides everything into sequences that do not depend on each other, and each sequence into windows.
fn sequences(register: &Register) -> Vec<Vec<Vec<AnyEntity>>> {
    let sites = by_parent(&register.sites, |site: &Site| site.client_id);
    let equipements = by_parent(&register.equipements, |equipement: &Equipement| equipement.site_id);
    let (mut sequences, mut small) = (Vec::new(), Vec::new());
    for Old { entity: client, .. } in &register.clients {
        let tree = tree(client, &sites, &equipements);
        if small.len() + tree.len() > WINDOW && !small.is_empty() {
            sequences.push(vec![std::mem::take(&mut small)]);
        }
        if tree.len() > WINDOW {
            sequences.push(tree.chunks(WINDOW).map(<[_]>::to_vec).collect());
        } else {
            small.extend(tree);
        }
    }
    sequences.push(vec![small]);
    sequences
}

/// Returns a client and everything below it, parents first.
fn tree(
    client: &Client,
    sites: &HashMap<ClientId, Vec<&Site>>,
    equipements: &HashMap<SiteId, Vec<&Equipement>>,
) -> Vec<AnyEntity> {
    let mut tree = vec![AnyEntity::Client(client.clone())];
    for site in sites.get(&client.client_id).into_iter().flatten() {
        tree.push(AnyEntity::Site((*site).clone()));
        let equipements = equipements.get(&site.site_id).into_iter().flatten();
        tree.extend(equipements.map(|equipement| AnyEntity::Equipement((*equipement).clone())));
    }
    tree
}

fn by_parent<E, P: Eq + Hash>(entities: &[Old<E>], parent: impl Fn(&E) -> P) -> HashMap<P, Vec<&E>> {
    let mut children: HashMap<P, Vec<&E>> = HashMap::new();
    for Old { entity, .. } in entities {
        children.entry(parent(entity)).or_default().push(entity);
    }
    children
}
