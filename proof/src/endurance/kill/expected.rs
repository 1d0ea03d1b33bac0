//! What the register must hold of one caller's writes, and no other caller changes.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use serde_json::Value;
use shared::models::Kind;
use testkit::AnyError;

use super::operations::{Action, Operation};
use crate::endurance::ensure;
use crate::endurance::http::text;

/// An entity as its acknowledged writes left it.
#[derive(Debug, Clone)]
pub(super) struct Entity {
    pub(super) kind: Kind,
    /// The identifier of the parent, unless it is a client.
    pub(super) parent: Option<String>,
    pub(super) nom: String,
    /// The code of a client.
    pub(super) code: Option<i64>,
    pub(super) is_active: bool,
    /// Operation and name of each version, from the first one.
    pub(super) versions: Vec<(&'static str, String)>,
}

/// The entities of one caller.
#[derive(Debug, Default)]
pub(super) struct Expected {
    entities: BTreeMap<String, Entity>,
    /// Identifiers by kind, in order of creation, to choose from.
    ids: [Vec<String>; 3],
    /// Entities that were written since the last inspection.
    touched: BTreeSet<String>,
}

/// The counters of a client or a site.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counters {
    pub(super) sites: usize,
    pub(super) equipements: usize,
}

impl Expected {
    pub(super) fn get(&self, id: &str) -> Option<&Entity> {
        self.entities.get(id)
    }

    /// Returns every entity with its identifier.
    pub(super) fn entities(&self) -> impl Iterator<Item = (&String, &Entity)> {
        self.entities.iter()
    }

    /// Returns every identifier.
    pub(super) fn ids(&mut self) -> BTreeSet<String> {
        self.entities.keys().cloned().collect()
    }

    /// Returns the identifiers of a kind, in order of creation.
    pub(super) fn of_kind(&self, kind: Kind) -> &[String] {
        &self.ids[kind as usize]
    }

    /// Takes the identifiers of the entities that were written since the last time.
    pub(super) fn take_touched(&mut self) -> BTreeSet<String> {
        mem::take(&mut self.touched)
    }

    /// Adds the counters that this caller's entities contribute to each of their parents.
    pub(super) fn count_into(&self, counters: &mut BTreeMap<String, Counters>) {
        for entity in self.entities.values().filter(|entity| entity.is_active) {
            let Some(parent) = &entity.parent else { continue };
            let above = counters.entry(parent.clone()).or_default();
            match entity.kind {
                Kind::Client => {}
                Kind::Site => above.sites += 1,
                Kind::Equipement => {
                    above.equipements += 1;
                    let site = self.entities.get(parent).filter(|site| site.is_active);
                    if let Some(client) = site.and_then(|site| site.parent.clone()) {
                        counters.entry(client).or_default().equipements += 1;
                    }
                }
            }
        }
    }

    /// Records an acknowledged write.
    ///
    /// # Errors
    /// Returns an error if the answer is not that of the write.
    pub(super) fn apply(&mut self, operation: &Operation, answer: &Value) -> Result<(), AnyError> {
        let id = match &operation.id {
            Some(id) => id.clone(),
            None => text(answer, operation.kind.id_name())?.to_owned(),
        };
        if operation.action == Action::Register {
            ensure(!self.entities.contains_key(&id), || format!("two registrations were answered with {id}"))?;
            self.ids[operation.kind as usize].push(id.clone());
            let entity = Entity {
                kind: operation.kind,
                parent: operation.parent.clone(),
                nom: String::new(),
                code: operation.code,
                is_active: true,
                versions: Vec::new(),
            };
            self.entities.insert(id.clone(), entity);
        }
        let entity = self.entities.get_mut(&id).ok_or_else(|| format!("{id} is not expected"))?;
        let is_moved = operation.parent.is_some() && operation.parent != entity.parent;
        let name = match operation.action {
            Action::Register => "creation",
            Action::Update if is_moved => "deplacement",
            Action::Update => "modification",
            Action::Deactivate => "desactivation",
            Action::Reactivate => "reactivation",
        };
        entity.is_active = match operation.action {
            Action::Register | Action::Reactivate => true,
            Action::Deactivate => false,
            Action::Update => entity.is_active,
        };
        entity.parent = operation.parent.clone().or_else(|| entity.parent.take());
        entity.nom = operation.nom.clone().unwrap_or_else(|| mem::take(&mut entity.nom));
        entity.versions.push((name, entity.nom.clone()));
        let status = if entity.is_active { "actif" } else { "inactif" };
        let is_right = match operation.action {
            Action::Deactivate => *answer == true,
            Action::Register | Action::Update | Action::Reactivate => {
                answer["nom"] == *entity.nom && answer["status"] == status
            }
        };
        self.touched.insert(id);
        ensure(is_right, || format!("{operation:?} was answered {answer}"))
    }
}
