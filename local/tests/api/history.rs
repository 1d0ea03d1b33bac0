//! Histories of entities.

use std::collections::HashMap;

use fastrand::Rng;
use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::entities::{Entities, id, renamed, send};
use crate::support::{Api, body};

async fn history(api: &Api, kind: &str, id: &str, query: &str) -> Vec<Value> {
    let answer = api.get(&format!("/{kind}s/{id}/historique{query}")).await;
    assert_eq!(answer.status(), 200);
    body(answer).await.as_array().expect("a list").clone()
}

/// Returns an entry without its time and its request, which differ from run to run.
fn comparable(entry: &Value) -> Value {
    let mut entry = entry.clone();
    for hidden in ["timestamp", "requete"] {
        assert!(entry.as_object_mut().expect("an object").remove(hidden).is_some_and(|value| value.is_string()));
    }
    entry
}

#[tokio::test]
async fn each_change_adds_an_entry_with_the_changed_fields() {
    let entities = Entities::new().await;
    let api = &entities.api;
    let (client, site) = (&entities.client["client_id"], &entities.site["site_id"]);
    let equipement = id("equipement", &entities.equipement);
    let other = json!({ "client_id": client, "nom": "Dépôt" });
    let other = body(api.post("/sites/register", other.to_string()).await).await["site_id"].clone();
    let update = |site: &Value, nom: &str, numero_serie: &str| json!({ "equipement_id": equipement, "site_id": site, "nom": nom, "numero_serie": numero_serie });
    let path = format!("/equipements/{equipement}");
    for (method, path, sent) in [
        (Method::PUT, "/equipements/update".to_owned(), Some(update(site, "Pétrin", ""))),
        // Changes nothing and adds no entry.
        (Method::PUT, "/equipements/update".to_owned(), Some(update(site, "Pétrin", ""))),
        (Method::PUT, "/equipements/update".to_owned(), Some(update(&other, "Pétrin", "FS-1"))),
        (Method::DELETE, path.clone(), None),
        (Method::DELETE, path.clone(), None),
        (Method::PUT, "/equipements/update".to_owned(), Some(update(&other, "Pétrin", ""))),
        (Method::POST, format!("{path}/reactivate"), None),
    ] {
        assert_eq!(send(api, method, &path, sent, &[]).await.status(), 200, "{path}");
    }
    let entries: Vec<_> = history(api, "equipement", equipement, "").await.iter().map(comparable).collect();
    let entry = |version: u64, operation: &str, avant: Value, apres: Value| json!({ "version": version, "operation": operation, "par": null, "avant": avant, "apres": apres });
    let created = json!({ "site_id": site, "nom": "Four", "type": null, "numero_serie": null, "status": "actif" });
    let expected = [
        entry(6, "reactivation", json!({ "status": "inactif" }), json!({ "status": "actif" })),
        entry(5, "modification", json!({ "numero_serie": "FS-1" }), json!({ "numero_serie": null })),
        entry(4, "desactivation", json!({ "status": "actif" }), json!({ "status": "inactif" })),
        entry(
            3,
            "deplacement",
            json!({ "site_id": site, "numero_serie": null }),
            json!({ "site_id": other, "numero_serie": "FS-1" }),
        ),
        entry(2, "modification", json!({ "nom": "Four" }), json!({ "nom": "Pétrin" })),
        entry(1, "creation", Value::Null, created),
    ];
    assert_eq!(entries, expected);
    let created = history(api, "client", client.as_str().expect("text"), "").await;
    let fields = json!({ "nom": "Boulangerie Morin", "code": 12, "status": "actif" });
    assert_eq!(created.iter().map(comparable).collect::<Vec<_>>(), [entry(1, "creation", Value::Null, fields)]);
    let created = history(api, "site", site.as_str().expect("text"), "").await;
    let fields = json!({ "nom": "Fournil", "status": "actif" });
    assert_eq!(created.iter().map(comparable).collect::<Vec<_>>(), [entry(1, "creation", Value::Null, fields)]);
    assert_eq!(created[0]["timestamp"], entities.site["timestamp"]);
}

#[tokio::test]
async fn an_entry_contains_its_request_id() {
    let entities = Entities::new().await;
    let update = Some(renamed(&entities.client, "Autre"));
    let answer = send(&entities.api, Method::PUT, "/clients/update", update, &[]).await;
    let request = answer.headers()["x-request-id"].to_str().expect("text").to_owned();
    let entries = history(&entities.api, "client", id("client", &entities.client), "").await;
    assert_eq!(entries[0]["requete"], request);
}

#[tokio::test]
async fn an_unknown_entity_has_no_history() {
    let api = Api::start().await;
    let unknown = "019a5a1e-3c08-7000-8000-000000000001";
    for (kind, detail) in
        [("client", "Client introuvable"), ("site", "Site introuvable"), ("equipement", "Équipement introuvable")]
    {
        for id in [unknown, "x"] {
            let answer = api.get(&format!("/{kind}s/{id}/historique")).await;
            assert_eq!(answer.status(), 404);
            assert_eq!(body(answer).await, json!({ "detail": detail }));
        }
    }
}

#[tokio::test]
async fn pages_list_each_entry_once_during_changes() {
    let entities = Entities::new().await;
    let (api, client) = (&entities.api, id("client", &entities.client));
    let rename = async |nom: String| {
        let answer = send(api, Method::PUT, "/clients/update", Some(renamed(&entities.client, &nom)), &[]).await;
        assert_eq!(answer.status(), 200);
    };
    for number in 2..=230 {
        rename(format!("nom {number}")).await;
    }
    let versions = |entries: &[Value]| {
        entries.iter().map(|entry| entry["version"].as_u64().expect("a number")).collect::<Vec<_>>()
    };
    // 100 entries without a limit.
    for (query, sizes) in [("", vec![100, 100, 30]), ("?limit=115", vec![115, 115]), ("?limit=1000", vec![230])] {
        let (mut path, mut pages, mut seen) = (format!("/clients/{client}/historique{query}"), Vec::new(), Vec::new());
        loop {
            let answer = api.get(&path).await;
            let link = answer.headers().get("link").map(|link| link.to_str().expect("text").to_owned());
            let entries = body(answer).await;
            let entries = entries.as_array().expect("a list");
            pages.push(entries.len());
            seen.extend(versions(entries));
            let Some(link) = link else { break };
            let next = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
            next.expect("a link").clone_into(&mut path);
        }
        assert_eq!(pages, sizes, "{query}");
        assert_eq!(seen, (1..=230).rev().collect::<Vec<_>>());
    }
    let answer = api.get(&format!("/clients/{client}/historique?limit=2")).await;
    let link = answer.headers()["link"].to_str().expect("text").to_owned();
    let query = link.split_once('?').and_then(|(_, rest)| rest.split_once('>')).expect("a link").0;
    rename("newer".to_owned()).await;
    let next = history(api, "client", client, &format!("?{query}")).await;
    assert_eq!(versions(&next), [228, 227]);
    assert_eq!(next[1]["avant"], json!({ "nom": "nom 226" }), "the entry before the page is compared with");
    // The cursor belongs to this history.
    let other = api.register("Café du Port", 13).await;
    let foreign = format!("/clients/{}/historique?{query}", id("client", &other));
    assert_eq!(api.get(&foreign).await.status(), 422);
    assert_eq!(api.get(&format!("/clients/{client}/historique?limit=1001")).await.status(), 422);
}

/// Applies the entries of a history, oldest first, and returns the resulting fields.
fn replayed(entries: &[Value]) -> Map<String, Value> {
    let mut fields = Map::new();
    for (entry, version) in entries.iter().rev().zip(1..) {
        assert_eq!(entry["version"], version);
        let apres = entry["apres"].as_object().expect("an object");
        let before = apres.keys().filter_map(|name| fields.get_key_value(name));
        let before: Map<_, _> = before.map(|(name, value)| (name.clone(), value.clone())).collect();
        let avant = if version == 1 { Value::Null } else { before.into() };
        assert_eq!(entry["avant"], avant, "{entry}");
        fields.extend(apres.clone());
    }
    fields
}

#[tokio::test]
async fn a_history_replays_to_the_entity() {
    let entities = Entities::new().await;
    let (api, mut rng) = (&entities.api, Rng::with_seed(7));
    let mut sent: HashMap<&str, Vec<Value>> = HashMap::new();
    for _ in 0..200 {
        let (kind, entity) = entities.all()[rng.usize(0..3)];
        let path = format!("/{kind}s/{}", id(kind, entity));
        let nom = format!("nom {}", rng.u32(0..4));
        let answer = match rng.u32(0..4) {
            0 => send(api, Method::DELETE, &path, None, &[]).await,
            1 => send(api, Method::POST, &format!("{path}/reactivate"), None, &[]).await,
            _ => send(api, Method::PUT, &format!("/{kind}s/update"), Some(renamed(entity, &nom)), &[]).await,
        };
        let tag = answer.headers().get("etag").map(|tag| tag.to_str().expect("text").to_owned());
        if let Some(tag) = tag.filter(|_| answer.status() == 200) {
            let version = tag.trim_matches('"').split_once('-').expect("a version").0.parse::<u64>().expect("a number");
            sent.entry(kind).or_default().push(json!({ "version": version, "entity": body(answer).await }));
        }
    }
    for (kind, entity) in entities.all() {
        let entries = history(api, kind, id(kind, entity), "?limit=1000").await;
        let fields = replayed(&entries);
        let list = body(api.get(&format!("/{kind}s/all")).await).await;
        let now = list[0].as_object().expect("an object");
        assert!(fields.iter().all(|(name, value)| now[name] == *value), "{fields:?} {now:?}");
        // Every answered version is in the history with the answered fields.
        for answered in &sent[kind] {
            let version = answered["version"].as_u64().expect("a number");
            let older: Vec<_> =
                entries.iter().filter(|entry| entry["version"].as_u64() <= Some(version)).cloned().collect();
            let then = replayed(&older);
            assert!(then.iter().all(|(name, value)| answered["entity"][name] == *value), "{then:?} {answered}");
        }
    }
    assert_eq!(api.findings().await, [""; 0]);
}
