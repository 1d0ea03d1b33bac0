//! Differences between two answers.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::service::Answer;

/// Maximum number of characters of a value in a description.
const MAX_SHOWN: usize = 100;

/// Members that name an entity. One that holds several of them is named by the first.
const IDS: [&str; 3] = ["equipement_id", "site_id", "client_id"];

/// Describes how two answers differ; empty if they do not. White space, the order of members and the spelling of texts
/// in JSON are not differences. The timestamps of `fresh` entities are not compared.
pub(super) fn between(old: &Answer, new: &Answer, fresh: &HashSet<String>) -> Vec<String> {
    if old.status != new.status {
        return vec![format!("the status is {} in the old service, {} in the new one", old.status, new.status)];
    }
    if old.body == new.body {
        return Vec::new();
    }
    let json = |answer: &Answer| serde_json::from_slice::<Value>(&answer.body).ok();
    match (json(old), json(new)) {
        (Some(old), Some(new)) => between_values(&old, &new, fresh),
        _ => vec!["the bodies differ, and one of them is not JSON".to_owned()],
    }
}

/// Describes how two values differ.
pub(super) fn between_values(old: &Value, new: &Value, fresh: &HashSet<String>) -> Vec<String> {
    let mut differences = Differences { fresh, found: Vec::new() };
    differences.add("", old, new);
    differences.found
}

/// Returns the identifier of the entity that an object is.
pub(super) fn id_of(object: &Map<String, Value>) -> Option<&str> {
    IDS.iter().find_map(|name| object.get(*name)?.as_str())
}

struct Differences<'a> {
    fresh: &'a HashSet<String>,
    found: Vec<String>,
}

impl Differences<'_> {
    fn add(&mut self, place: &str, old: &Value, new: &Value) {
        match (old, new) {
            (Value::Object(old), Value::Object(new)) => self.add_members(place, old, new),
            (Value::Array(old), Value::Array(new)) => match (by_id(old), by_id(new)) {
                (Some(old), Some(new)) => self.add_entities(place, &old, &new),
                _ => self.add_elements(place, old, new),
            },
            _ if old == new => {}
            _ => self.note(place, format_args!("{} in the old service, {} in the new one", show(old), show(new))),
        }
    }

    fn add_members(&mut self, place: &str, old: &Map<String, Value>, new: &Map<String, Value>) {
        let is_fresh = id_of(old).is_some_and(|id| self.fresh.contains(id));
        for (name, value) in old {
            let place = join(place, name);
            match new.get(name) {
                Some(_) if is_fresh && name == "timestamp" => {}
                Some(other) => self.add(&place, value, other),
                None => self.note(&place, "missing in the new service"),
            }
        }
        for name in new.keys().filter(|name| !old.contains_key(*name)) {
            self.note(&join(place, name), "missing in the old service");
        }
    }

    fn add_elements(&mut self, place: &str, old: &[Value], new: &[Value]) {
        if old.len() != new.len() {
            let (old, new) = (old.len(), new.len());
            self.note(place, format_args!("{old} elements in the old service, {new} in the new one"));
        }
        for (number, (old, new)) in old.iter().zip(new).enumerate() {
            self.add(&join(place, &number.to_string()), old, new);
        }
    }

    fn add_entities(&mut self, place: &str, old: &[(&str, &Value)], new: &[(&str, &Value)]) {
        let of_new: HashMap<_, _> = new.iter().copied().collect();
        let of_old: HashSet<_> = old.iter().map(|(id, _)| *id).collect();
        for (id, value) in old {
            match of_new.get(id) {
                Some(other) => self.add(&join(place, id), value, other),
                None => self.note(&join(place, id), "missing in the new service"),
            }
        }
        for (id, _) in new.iter().filter(|(id, _)| !of_old.contains(id)) {
            self.note(&join(place, id), "missing in the old service");
        }
        // The order of the entities that both have.
        let old = old.iter().map(|(id, _)| *id).filter(|id| of_new.contains_key(id));
        let new = new.iter().map(|(id, _)| *id).filter(|id| of_old.contains(id));
        let elsewhere: Vec<_> = old.zip(new).filter(|(old, new)| old != new).collect();
        if let Some((old, new)) = elsewhere.first() {
            let count = elsewhere.len();
            let text = format!("the order differs: {old} in the old service where the new one has {new}");
            self.note(place, format_args!("{text}, and {count} places in all"));
        }
    }

    fn note(&mut self, place: &str, text: impl std::fmt::Display) {
        self.found.push(if place.is_empty() { text.to_string() } else { format!("{place}: {text}") });
    }
}

/// Returns the elements of a list of different entities with their identifiers; `None` if it is another list.
fn by_id(list: &[Value]) -> Option<Vec<(&str, &Value)>> {
    let entities: Option<Vec<_>> = list.iter().map(|value| Some((id_of(value.as_object()?)?, value))).collect();
    let entities = entities?;
    let ids: HashSet<_> = entities.iter().map(|(id, _)| *id).collect();
    (ids.len() == entities.len()).then_some(entities)
}

fn join(place: &str, step: &str) -> String {
    if place.is_empty() { step.to_owned() } else { format!("{place}.{step}") }
}

fn show(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn differences(old: &Value, new: &Value) -> Vec<String> {
        between_values(old, new, &HashSet::new())
    }

    #[test]
    fn members_are_compared_in_any_order() {
        let old = json!({ "nom": "é", "code": 12, "sites": [] });
        assert_eq!(differences(&old, &json!({ "sites": [], "code": 12, "nom": "\u{e9}" })), [""; 0]);
        let new = json!({ "nom": "e", "code": 12.5, "status": "actif" });
        let expected = [
            "nom: \"é\" in the old service, \"e\" in the new one",
            "code: 12 in the old service, 12.5 in the new one",
            "sites: missing in the new service",
            "status: missing in the old service",
        ];
        assert_eq!(differences(&old, &new), expected);
    }

    #[test]
    fn entities_are_compared_by_identifier_and_order() {
        let entity = |id: &str, nom: &str| json!({ "client_id": id, "nom": nom });
        let old = json!([entity("a", "1"), entity("b", "2"), entity("c", "3"), entity("d", "4")]);
        let new = json!([entity("b", "2"), entity("a", "0"), entity("d", "4"), entity("e", "5")]);
        let expected = [
            "a.nom: \"1\" in the old service, \"0\" in the new one",
            "c: missing in the new service",
            "e: missing in the old service",
            "the order differs: a in the old service where the new one has b, and 2 places in all",
        ];
        assert_eq!(differences(&old, &new), expected);
    }

    #[test]
    fn other_lists_are_compared_by_place() {
        let expected = [
            "detail: 2 elements in the old service, 1 in the new one",
            "detail.0.type: 1 in the old service, 2 in the new one",
        ];
        let old = json!({ "detail": [{ "type": 1 }, { "type": 2 }] });
        assert_eq!(differences(&old, &json!({ "detail": [{ "type": 2 }] })), expected);
    }

    #[test]
    fn an_equipement_is_named_by_its_own_identifier() {
        let equipement = |nom: &str| json!([{ "client_id": "c", "site_id": "s", "equipement_id": "e", "nom": nom }]);
        let expected = ["e.nom: \"1\" in the old service, \"2\" in the new one"];
        assert_eq!(differences(&equipement("1"), &equipement("2")), expected);
    }

    #[test]
    fn timestamps_of_fresh_entities_are_not_compared() {
        let entity = |timestamp: u32| json!([{ "client_id": "c", "timestamp": timestamp }]);
        let fresh = HashSet::from(["c".to_owned()]);
        assert_eq!(between_values(&entity(1), &entity(2), &fresh), [""; 0]);
        assert_eq!(differences(&entity(1), &entity(2)).len(), 1);
    }

    #[test]
    fn statuses_and_bodies_other_than_json_are_compared() {
        let answer = |status, body: &str| Answer { status, body: body.into(), next: None };
        let differences = |old, new| between(&old, &new, &HashSet::new());
        assert_eq!(differences(answer(200, "true"), answer(200, " true")), [""; 0]);
        assert_eq!(differences(answer(500, "x"), answer(500, "x")), [""; 0]);
        assert_eq!(differences(answer(200, "x"), answer(200, "y")), ["the bodies differ, and one of them is not JSON"]);
        let expected = ["the status is 200 in the old service, 404 in the new one"];
        assert_eq!(differences(answer(200, ""), answer(404, "")), expected);
    }
}
