//! The requests, in an order in which each is accepted: what is added needs active parents, and a code must be free.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};
use shared::models::Kind;
use uuid::Uuid;

use super::state::{Fields, State};

const ACTIVE: &str = "actif";

/// Returns the requests that bring a service from the state before to the one of now.
pub(super) fn requests(states: &[State]) -> Vec<Value> {
    let clients_of_sites = states.iter().filter_map(|state| Some((state.id, state.client?))).collect();
    let of = |kind| states.iter().filter(move |state| state.kind == kind);
    let mut plan = Plan { clients_of_sites, active: HashSet::new(), requests: Vec::new() };
    plan.active.extend(states.iter().filter(|state| is_active(state.before.as_ref())).map(State::key));

    let needed: HashSet<_> = states.iter().flat_map(|state| plan.needed_parents(state)).collect();
    for kind in [Kind::Client, Kind::Site] {
        // Registered clients and sites are active.
        let existing = of(kind).filter(|state| state.before.is_some());
        for state in existing.filter(|state| needed.contains(&state.key()) || is_active(Some(&state.now))) {
            plan.reactivate(state);
        }
        match kind {
            Kind::Client => plan.write_clients(&of(kind).collect::<Vec<_>>()),
            Kind::Site | Kind::Equipement => of(kind).for_each(|state| plan.write(state)),
        }
    }
    of(Kind::Equipement).for_each(|state| plan.write(state));
    of(Kind::Equipement).filter(|state| is_active(Some(&state.now))).for_each(|state| plan.reactivate(state));
    for kind in [Kind::Equipement, Kind::Site, Kind::Client] {
        of(kind).filter(|state| !is_active(Some(&state.now))).for_each(|state| plan.deactivate(state));
    }
    plan.requests
}

struct Plan {
    clients_of_sites: HashMap<Uuid, Uuid>,
    /// What is active after the requests so far.
    active: HashSet<(Kind, Uuid)>,
    requests: Vec<Value>,
}

fn is_active(fields: Option<&Fields>) -> bool {
    fields.is_some_and(|fields| fields.get("status").and_then(Value::as_str) == Some(ACTIVE))
}

fn site_of(fields: &Fields) -> Option<Uuid> {
    fields.get("site_id")?.as_str()?.parse().ok()
}

fn code_of(fields: &Fields) -> Option<i64> {
    fields.get("code")?.as_i64()
}

/// Returns the fields without the status, which has requests of its own.
fn writable(fields: &Fields) -> Fields {
    fields.iter().filter(|(name, _)| *name != "status").map(|(name, value)| (name.clone(), value.clone())).collect()
}

impl Plan {
    /// Returns the parents that must be active for the requests of an entity.
    fn needed_parents(&self, state: &State) -> Vec<(Kind, Uuid)> {
        let is_reactivated = !is_active(state.before.as_ref()) && is_active(Some(&state.now));
        let site = site_of(&state.now);
        let has_moved = state.before.as_ref().and_then(site_of) != site;
        if !is_reactivated && !has_moved && state.before.is_some() {
            return Vec::new();
        }
        let client = state.client.or_else(|| self.clients_of_sites.get(&site?).copied());
        let of = |kind, id: Option<Uuid>| id.map(|id| (kind, id));
        of(Kind::Client, client).into_iter().chain(of(Kind::Site, site)).collect()
    }

    /// Registers and updates clients, each once its code is free. A circle of codes is broken by a code that nobody has.
    fn write_clients(&mut self, clients: &[&State]) {
        let mut codes: HashMap<Uuid, i64> = HashMap::new();
        codes.extend(clients.iter().filter_map(|state| Some((state.id, code_of(state.before.as_ref()?)?))));
        let mut holders: HashMap<i64, Uuid> = codes.iter().map(|(id, code)| (*code, *id)).collect();
        let mut assign = |holders: &mut HashMap<i64, Uuid>, id: Uuid, code: i64| {
            if let Some(old) = codes.insert(id, code) {
                holders.remove(&old);
            }
            holders.insert(code, id);
        };
        let mut left: Vec<_> = clients.iter().filter_map(|state| Some((*state, code_of(&state.now)?))).collect();
        let wanted: HashSet<_> = left.iter().map(|(_, code)| *code).collect();
        while !left.is_empty() {
            let count = left.len();
            left.retain(|(state, code)| {
                let is_free = holders.get(code).is_none_or(|holder| *holder == state.id);
                if is_free {
                    self.write(state);
                    assign(&mut holders, state.id, *code);
                }
                !is_free
            });
            if left.len() == count {
                let free = (1..i64::MAX).find(|code| !wanted.contains(code) && !holders.contains_key(code));
                // Somebody who waits has the code that the first one waits for.
                let holder = left.first().and_then(|(_, code)| holders.get(code)).copied();
                let blocking = left.iter().find(|(state, _)| Some(state.id) == holder);
                let (Some(free), Some((state, _))) = (free, blocking) else { return };
                let mut fields = writable(state.before.as_ref().unwrap_or(&state.now));
                fields.insert("code".to_owned(), free.into());
                self.update(state, fields);
                assign(&mut holders, state.id, free);
            }
        }
    }

    /// Registers an entity, or updates its fields.
    fn write(&mut self, state: &State) {
        let fields = writable(&state.now);
        match &state.before {
            None => self.register(state, fields),
            Some(before) if writable(before) == fields => {}
            Some(_) => self.update(state, fields),
        }
    }

    fn register(&mut self, state: &State, mut fields: Fields) {
        if let Some(client) = state.client {
            fields.insert("client_id".to_owned(), client.to_string().into());
        }
        let path = format!("/{}s/register", state.kind.name());
        let answer: Map<_, _> = [(state.kind.id_name().to_owned(), state.id.to_string().into())].into_iter().collect();
        self.requests.push(json!({ "method": "POST", "path": path, "body": fields, "status": 200, "answer": answer }));
        self.active.insert(state.key());
    }

    fn update(&mut self, state: &State, mut fields: Fields) {
        fields.insert(state.kind.id_name().to_owned(), state.id.to_string().into());
        let path = format!("/{}s/update", state.kind.name());
        self.requests.push(json!({ "method": "PUT", "path": path, "body": fields, "status": 200 }));
    }

    fn reactivate(&mut self, state: &State) {
        if self.active.insert(state.key()) {
            let path = format!("/{}s/{}/reactivate", state.kind.name(), state.id);
            self.requests.push(json!({ "method": "POST", "path": path, "status": 200 }));
        }
    }

    fn deactivate(&mut self, state: &State) {
        if self.active.remove(&state.key()) {
            let path = format!("/{}s/{}", state.kind.name(), state.id);
            self.requests.push(json!({ "method": "DELETE", "path": path, "status": 200 }));
        }
    }
}
