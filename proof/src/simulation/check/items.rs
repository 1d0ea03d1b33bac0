//! The items of the table at the end, compared with the model: a second reader of the layout, without parc's code.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shared::models::Kind;

use super::super::model::{Entity, State};
use super::super::plain;
use super::super::recording::{Commit, Entry};
use super::Violation;
use super::timeline::Timeline;

/// Attributes that are not compared here: digests, which `verify` checks in some histories, search keys, which lists with
/// `nom` depend on, and versions of counters, which are compared with a lower bound.
const OPAQUE: [&str; 4] = ["digest", "history", "counts_version", "GSI2SK"];

/// Compares the items.
///
/// # Errors
/// Returns a violation for the first item that is missing, differs or should not be there.
pub(super) fn check(timeline: &Timeline<'_>, items: &[Value]) -> Result<(), Violation> {
    let end = timeline.end();
    let mut expected = BTreeMap::new();
    let mut expect = |item: Value| _ = expected.insert(key(&item), item);
    let mut registered = BTreeMap::new();
    for entity in end.entities() {
        let rows = expected_of(end, entity);
        registered.extend(rows.first().map(|own| (key(own), registrations(&timeline.history.commits, entity))));
        rows.into_iter().for_each(&mut expect);
    }
    for commit in &timeline.history.commits {
        commit.entries.iter().map(|entry| without_opaque(plain(&entry.item))).for_each(&mut expect);
    }
    for item in items {
        let found = plain(item);
        if let (Some(version), Some(children)) = (found["counts_version"].as_u64(), registered.get(&key(&found)))
            && version <= *children
        {
            return Err(Violation(format!("{children} transactions added children: {found}")));
        }
        let found = without_opaque(found);
        if let Some(hash) = found["PK"].as_str().and_then(|key| key.strip_prefix("RETRY#")) {
            if hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                continue;
            }
            return Err(Violation(format!("a kept answer is not under a hash: {found}")));
        }
        match expected.remove(&key(&found)) {
            Some(expected) if expected == found => {}
            expected => return Err(Violation(format!("the table has {found}, expected {expected:?}"))),
        }
    }
    match expected.into_values().next() {
        Some(missing) => Err(Violation(format!("the table lacks {missing}"))),
        None => Ok(()),
    }
}

/// Returns the number of transactions that registered children of an entity that existed before.
fn registrations(commits: &[Commit], entity: &Entity) -> u64 {
    let registers_child = |commit: &&Commit| {
        let mut new = commit.entries.iter().filter(|entry| entry.version == 1);
        let is_new = new.clone().any(|entry| entry.partition.ends_with(&entity.id));
        !is_new && new.any(|entry| parent(entry) == Some(&entity.id))
    };
    commits.iter().filter(registers_child).count() as u64
}

/// Returns the parent of what an entry registers.
fn parent(entry: &Entry) -> Option<&str> {
    entry.client.as_deref().or_else(|| entry.item["fields"]["M"]["site_id"]["S"].as_str())
}

fn key(item: &Value) -> [String; 2] {
    ["PK", "SK"].map(|name| item[name].as_str().unwrap_or_default().to_owned())
}

fn without_opaque(mut item: Value) -> Value {
    if let Some(item) = item.as_object_mut() {
        item.retain(|name, _| !OPAQUE.contains(&name.as_str()));
    }
    item
}

/// Returns the items of one entity.
fn expected_of(state: &State, entity: &Entity) -> Vec<Value> {
    let Entity { kind, id, version, parent, timestamp, .. } = entity;
    let prefix = kind.name().to_uppercase();
    let parent = parent.as_deref().unwrap_or_default();
    let mut own = entity.fields();
    own["version"] = (*version).into();
    own["created"] = timestamp.as_str().into();
    for (name, count) in state.counters(entity) {
        own[name] = count.into();
    }
    let mut copy = own.clone();
    own["GSI1PK"] = format!("{prefix}#0").into();
    own["GSI1SK"] = id.as_str().into();
    match kind {
        Kind::Client => {
            let code = entity.code.unwrap_or_default();
            vec![
                at(own, &format!("CLIENT#{id}"), "CLIENT"),
                at(json!({ "client_id": id }), &format!("CODE#{code}"), "CODE"),
            ]
        }
        Kind::Site => {
            own["site_id"] = id.as_str().into();
            let pointer = json!({ "client_id": parent, "site_rank": id });
            vec![
                at(own, &format!("CLIENT#{parent}"), &format!("SITE#{id}")),
                at(pointer, &format!("SITE#{id}"), "CLIENT"),
            ]
        }
        Kind::Equipement => {
            let client = state.client_of(entity).unwrap_or_default();
            own["client_id"] = client.into();
            own["site_rank"] = parent.into();
            copy["client_id"] = client.into();
            copy["equipement_id"] = id.as_str().into();
            copy.as_object_mut().map(|copy| copy.remove("site_id"));
            vec![
                at(own, &format!("EQUIPEMENT#{id}"), "EQUIPEMENT"),
                at(copy, &format!("SITE#{parent}"), &format!("EQUIPEMENT#{id}")),
            ]
        }
    }
}

fn at(mut item: Value, partition: &str, sort: &str) -> Value {
    item["PK"] = partition.into();
    item["SK"] = sort.into();
    item
}
