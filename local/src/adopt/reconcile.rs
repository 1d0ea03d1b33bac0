//! Compares what parc holds with what the old service showed.

use std::collections::HashMap;

use serde_json::{Map, Value};
use shared::models::{Entity, EntityId, Site, json_object};
use shared::store::{Database, StoreError};

use super::entity::{Counters, Old};
use super::held::Held;
use super::read::Register;
use super::report::Report;

/// Reports every difference, except for entities that are left out.
///
/// # Errors
/// Returns [`StoreError::Unavailable`].
pub(super) async fn reconcile(database: &Database, register: &Register, report: &mut Report) -> Result<(), StoreError> {
    let held = Held::read(database).await?;
    held.recount(report);
    let pages = register.sites_of_pages;
    compare(&register.clients, held.clients, &[], report, |_, _| true);
    // Without a list of all sites, only the order on each client's page is known.
    let share_a_list = |one: &Site, other: &Site| !pages || one.client_id == other.client_id;
    compare(&register.sites, held.sites, if pages { &["timestamp"] } else { &[] }, report, share_a_list);
    compare(&register.equipements, held.equipements, &[], report, |_, _| true);
    Ok(())
}

/// Compares the entities of one kind, except for `unknown` members, which the old service does not show. Two that follow
/// each other must be in the same order if `share_a_list`.
fn compare<E: Entity>(
    old: &[Old<E>],
    held: Vec<E>,
    unknown: &[&str],
    report: &mut Report,
    share_a_list: impl Fn(&E, &E) -> bool,
) {
    let mut held: HashMap<_, _> = held.into_iter().map(|entity| (entity.id().as_uuid(), entity)).collect();
    let mut previous: Option<E> = None;
    for one in old {
        let id = one.entity.id().as_uuid();
        let Some(entity) = held.remove(&id) else {
            report.about(E::KIND, id, "is not in parc");
            continue;
        };
        for difference in differences(one, &entity, unknown) {
            report.about(E::KIND, id, difference);
        }
        if let Some(before) = previous.filter(|before| share_a_list(before, &entity) && before.rank() > entity.rank()) {
            let before = before.id();
            report.about(E::KIND, id, format_args!("comes after {before} in the old service, before it in parc"));
        }
        previous = Some(entity);
    }
    let mut only_here: Vec<_> = held.into_values().collect();
    only_here.sort_by_key(Entity::rank);
    for entity in only_here {
        let is_left_out = report.is_left_out::<E>(entity.id());
        let text = if is_left_out { "is in parc from an earlier takeover" } else { "is not in the old service" };
        report.about(E::KIND, entity.id().as_uuid(), text);
    }
}

/// Describes each known member that differs.
fn differences<E: Entity>(old: &Old<E>, held: &E, unknown: &[&str]) -> Vec<String> {
    let (shown, answered) = (shown(old), json_object(held));
    let differs = |(name, value): (&String, &Value)| {
        let answer = answered.get(name).unwrap_or(&Value::Null);
        (answer != value && !unknown.contains(&name.as_str()))
            .then(|| format!("{name} is {value} in the old service, {answer} in parc"))
    };
    shown.iter().filter_map(differs).collect()
}

/// Returns an entity as the old service shows it.
fn shown<E: Entity>(Old { entity, counters: Counters { sites, equipements } }: &Old<E>) -> Map<String, Value> {
    let mut members = json_object(entity);
    for (name, counter) in [("sites", sites), ("equipements", equipements)] {
        // The members of an entity without this counter stay as they are.
        if let Some(member) = members.get_mut(name) {
            *member = counter.map_or(Value::Null, Value::from);
        }
    }
    members
}
