//! Random batches, whose identifiers are names until they are sent.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::entities::send;
use crate::support::{Api, body};

/// An identifier that no entity has.
const UNKNOWN: &str = "00000000-0000-7000-8000-000000000000";

/// An operation whose identifiers are names of entities.
#[derive(Debug, Clone)]
pub(super) struct Drawn {
    action: &'static str,
    kind: &'static str,
    /// Name that the operation gives to the entity that it registers.
    registers: Option<String>,
    ids: Vec<(&'static str, String)>,
    fields: Map<String, Value>,
    if_match: Option<String>,
}

/// Draws operations on a few entities, so that they meet often.
pub(super) struct Generator {
    rng: Rng,
    names: BTreeMap<&'static str, Vec<String>>,
}

impl Generator {
    pub(super) fn new(seed: u64) -> Self {
        Self { rng: Rng::with_seed(seed), names: BTreeMap::new() }
    }

    /// Draws up to 25 operations.
    pub(super) fn batch(&mut self) -> Vec<Drawn> {
        let count = self.rng.usize(1..=25);
        (0..count).map(|_| self.operation()).collect()
    }

    fn operation(&mut self) -> Drawn {
        let kind = *self.pick(&["client", "site", "equipement", "equipement"]);
        let action = *self.pick(&["register", "register", "update", "update", "deactivate", "reactivate"]);
        let mut drawn = Drawn {
            action,
            kind,
            registers: None,
            ids: Vec::new(),
            fields: Map::new(),
            // A version may be right for an entity of some age.
            if_match: (self.rng.u8(0..8) == 0).then(|| format!("\"{}-x\"", self.rng.u8(1..4))),
        };
        if action != "register" {
            drawn.ids.push((id_name(kind), self.name(kind)));
        }
        if ["register", "update"].contains(&action) {
            self.draw_fields(&mut drawn);
        }
        if action == "register" {
            let names = self.names.entry(kind).or_default();
            let name = format!("{kind}-{}", names.len());
            names.push(name.clone());
            drawn.registers = Some(name);
        }
        drawn
    }

    fn draw_fields(&mut self, drawn: &mut Drawn) {
        let nom = if self.rng.u8(0..20) == 0 { json!(7) } else { json!(*self.pick(&["Four", "Étuve", "Pétrin"])) };
        drawn.fields.insert("nom".to_owned(), nom);
        match (drawn.kind, drawn.action) {
            ("client", _) => {
                drawn.fields.insert("code".to_owned(), self.rng.u8(1..8).into());
            }
            ("site", "register") => drawn.ids.push(("client_id", self.name("client"))),
            ("equipement", _) => drawn.ids.push(("site_id", self.name("site"))),
            _ => {}
        }
    }

    /// Returns the name of an entity, preferably of a recent one; it may never have been registered.
    fn name(&mut self, kind: &str) -> String {
        let names = self.names.get(kind).map_or(&[][..], Vec::as_slice);
        let recent = &names[names.len().saturating_sub(6)..];
        self.rng.choice(recent).cloned().unwrap_or_else(|| format!("{kind}-none"))
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.rng.usize(0..from.len())]
    }
}

fn id_name(kind: &str) -> &'static str {
    match kind {
        "client" => "client_id",
        "site" => "site_id",
        _ => "equipement_id",
    }
}

/// An API, and the identifiers of the entities that have names.
pub(super) struct World {
    pub(super) api: Api,
    ids: BTreeMap<String, String>,
}

impl World {
    pub(super) async fn new() -> Self {
        Self { api: Api::start().await, ids: BTreeMap::new() }
    }

    /// Returns the body of a batch.
    pub(super) fn batch_of(&self, drawn: &[Drawn]) -> Value {
        let mut registered = BTreeSet::new();
        let mut operations = Vec::new();
        for one in drawn {
            let id = |name: &String| match self.ids.get(name) {
                Some(id) => id.clone(),
                None if registered.contains(name) => format!("${name}"),
                None => UNKNOWN.to_owned(),
            };
            let mut operation = json!({ "op": one.action, "kind": one.kind, "body": one.body(id) });
            if let Some(tag) = &one.if_match {
                operation["if_match"] = tag.as_str().into();
            }
            if let Some(name) = &one.registers {
                operation["ref"] = name.as_str().into();
                registered.insert(name.clone());
            }
            operations.push(operation);
        }
        json!({ "operations": operations })
    }

    /// Sends a batch. Returns its answer.
    pub(super) async fn send(&self, api: &Api, batch: &Value, query: &str, headers: &[(&str, &str)]) -> Value {
        let answer = send(api, Method::POST, &format!("/lot{query}"), Some(batch.clone()), headers).await;
        let status = answer.status();
        let answer = body(answer).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// Sends a batch that may be refused as a whole. Returns its answer.
    pub(super) async fn send_any(&self, batch: &Value, query: &str) -> Value {
        body(send(&self.api, Method::POST, &format!("/lot{query}"), Some(batch.clone()), &[]).await).await
    }

    /// Sends each operation to its own route. Returns the results as a batch has them.
    pub(super) async fn send_one_by_one(&mut self, drawn: &[Drawn]) -> Vec<Value> {
        let mut results = Vec::new();
        for (index, one) in drawn.iter().enumerate() {
            let sent = one.body(|name| self.ids.get(name).cloned().unwrap_or_else(|| UNKNOWN.to_owned()));
            let own_id = sent[id_name(one.kind)].as_str().unwrap_or_default();
            let (method, path) = match one.action {
                "register" => (Method::POST, format!("/{}s/register", one.kind)),
                "update" => (Method::PUT, format!("/{}s/update", one.kind)),
                "deactivate" => (Method::DELETE, format!("/{}s/{own_id}", one.kind)),
                _ => (Method::POST, format!("/{}s/{own_id}/reactivate", one.kind)),
            };
            let headers: Vec<_> = one.if_match.iter().map(|tag| ("if-match", tag.as_str())).collect();
            let answer = send(&self.api, method, &path, Some(sent), &headers).await;
            let status = answer.status().as_u16();
            let etag = answer.headers().get("etag").map(|tag| tag.to_str().expect("text").to_owned());
            let result = json!({ "index": index, "status": status, "etag": etag, "body": body(answer).await });
            self.learn(one, &result);
            results.push(result);
        }
        results
    }

    /// Learns the identifiers of what a batch registered.
    pub(super) fn learn_all(&mut self, drawn: &[Drawn], answer: &Value) {
        for result in answer["resultats"].as_array().expect("results") {
            let index = usize::try_from(result["index"].as_u64().expect("an index")).expect("an index");
            self.learn(&drawn[index], result);
        }
    }

    fn learn(&mut self, one: &Drawn, result: &Value) {
        if let (Some(name), 200) = (&one.registers, result["status"].as_u64().expect("a status")) {
            let id = result["body"][id_name(one.kind)].as_str().expect("an identifier");
            self.ids.insert(name.clone(), id.to_owned());
        }
    }

    /// Returns a value with names instead of identifiers, and without what depends on the time: instants, and the
    /// digests of tags.
    pub(super) fn named(&self, value: &Value) -> Value {
        let mut text = value.to_string();
        for (name, id) in &self.ids {
            text = text.replace(id, name);
        }
        let mut value = serde_json::from_str(&text).expect("JSON");
        normalize(&mut value);
        value
    }
}

impl Drawn {
    fn body(&self, id: impl Fn(&String) -> String) -> Value {
        let ids = self.ids.iter().map(|(field, name)| ((*field).to_owned(), Value::from(id(name))));
        Value::Object(ids.chain(self.fields.clone()).collect())
    }
}

fn normalize(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("ref");
            for (name, value) in members {
                match (name.as_str(), &*value) {
                    ("timestamp" | "requete", _) => *value = Value::Null,
                    ("etag", Value::String(tag)) => *value = tag.split('-').next().expect("a version").into(),
                    // The path inside the batch.
                    ("loc", Value::Array(steps)) if steps.get(1).is_some_and(|step| step == "operations") => {
                        *value = steps[3..].into();
                    }
                    _ => normalize(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(normalize),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
