//! Compares the register with what the callers' acknowledged writes must have left.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use shared::models::Kind;
use testkit::AnyError;

use super::expected::{Entity, Expected};
use super::writer::Writer;
use crate::endurance::ensure;
use crate::endurance::http::{Call, Caller, text};

/// Name of the client to which every caller adds sites.
pub(super) const SHARED_NOM: &str = "Partagé";

/// Largest page of a history.
const MAX_HISTORY: usize = 1000;

/// Compares the lists of every kind, with their counters: nothing is missing, and nothing is there that no caller was
/// acknowledged.
///
/// # Errors
/// Returns an error that names an entity that differs.
pub(super) async fn lists(caller: &Caller, writers: &[Writer], shared: &str) -> Result<(), AnyError> {
    let mut counters = BTreeMap::new();
    for writer in writers {
        writer.expected.count_into(&mut counters);
    }
    for kind in Kind::ALL {
        let mut expected = BTreeMap::new();
        for (id, entity) in writers.iter().flat_map(|writer| writer.expected.entities()) {
            if entity.kind == kind {
                let counters = counters.get(id).copied().unwrap_or_default();
                let parent = entity.parent.as_deref();
                let row = match kind {
                    Kind::Client => json!([entity.nom, entity.code, counters.sites, counters.equipements]),
                    Kind::Site => json!([entity.nom, parent, counters.equipements]),
                    Kind::Equipement => json!([entity.nom, parent]),
                };
                expected.insert(id.as_str(), json!([row, status(entity)]));
            }
        }
        if kind == Kind::Client {
            let counters = counters.get(shared).copied().unwrap_or_default();
            expected.insert(shared, json!([[SHARED_NOM, 0, counters.sites, counters.equipements], "actif"]));
        }
        let list = caller.ask(&Call::get(format!("/{}s/all", kind.name()))).await?;
        for shown in list.as_array().into_iter().flatten() {
            let id = text(shown, kind.id_name())?;
            let row = match kind {
                Kind::Client => json!([shown["nom"], shown["code"], shown["sites"], shown["equipements"]]),
                Kind::Site => json!([shown["nom"], shown["client_id"], shown["equipements"]]),
                Kind::Equipement => json!([shown["nom"], shown["site_id"]]),
            };
            let row = json!([row, shown["status"]]);
            let expected = expected.remove(id);
            ensure(expected.as_ref() == Some(&row), || {
                format!("{} {id} is {row} in the list, expected {expected:?}", kind.label())
            })?;
        }
        ensure(expected.is_empty(), || format!("lost, though acknowledged: {expected:?}"))?;
    }
    Ok(())
}

/// Compares the history of entities: one version for each acknowledged write, without a gap.
///
/// # Errors
/// Returns an error that names an entity that differs.
pub(super) async fn histories(caller: &Caller, expected: &Expected, ids: &BTreeSet<String>) -> Result<(), AnyError> {
    for id in ids {
        let entity = expected.get(id).ok_or_else(|| format!("{id} is not expected"))?;
        let path = format!("/{}s/{id}/historique?limit={MAX_HISTORY}", entity.kind.name());
        let shown = caller.ask(&Call::get(path)).await?;
        let shown: Vec<_> = shown.as_array().into_iter().flatten().map(version).collect();
        let versions = entity.versions.iter().enumerate().rev().take(MAX_HISTORY);
        let wanted: Vec<_> = versions.map(|(at, (operation, nom))| (at as u64 + 1, *operation, nom.as_str())).collect();
        let is_right = shown.len() == wanted.len()
            && shown.iter().zip(&wanted).all(|(shown, wanted)| {
                let (number, operation, nom) = shown;
                // A change of the status does not show the name.
                *number == Some(wanted.0) && *operation == Some(wanted.1) && nom.is_none_or(|nom| nom == wanted.2)
            });
        ensure(is_right, || format!("the history of {id} is {shown:?}, expected {wanted:?}"))?;
    }
    Ok(())
}

fn version(entry: &Value) -> (Option<u64>, Option<&str>, Option<&str>) {
    (entry["version"].as_u64(), entry["operation"].as_str(), entry["apres"]["nom"].as_str())
}

fn status(entity: &Entity) -> &'static str {
    if entity.is_active { "actif" } else { "inactif" }
}
