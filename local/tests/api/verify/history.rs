//! Histories that were changed by hand.

use std::collections::HashMap;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::raw::{AttributeValue, RawItem, RawTable, number, text};

use super::{Fixture, id, key};
use crate::support::Api;

/// Number of versions of the client.
const VERSIONS: u64 = 4;

async fn add_versions(api: &Api, client: &str) {
    for version in 2..=VERSIONS {
        let update = json!({ "client_id": client, "nom": format!("nom {version}"), "code": 12 });
        let answer = api.send(Method::PUT, "/clients/update", update.to_string()).await;
        assert_eq!(answer.status(), 200);
    }
}

fn sort(version: u64) -> String {
    format!("VERSION#{version:010}")
}

/// Entries of one history, with their original items.
struct Entries<'a> {
    raw: &'a RawTable,
    partition: String,
    original: HashMap<u64, RawItem>,
}

impl<'a> Entries<'a> {
    async fn read(raw: &'a RawTable, partition: String) -> Self {
        let mut original = HashMap::new();
        for version in 1..=VERSIONS {
            original.insert(version, raw.item([&partition, &sort(version)]).await.expect("an entry"));
        }
        Self { raw, partition, original }
    }

    async fn restore(&self) {
        for item in self.original.values() {
            self.raw.put(item.clone()).await;
        }
        for version in VERSIONS + 1..=VERSIONS + 9 {
            self.raw.delete([&self.partition, &sort(version)]).await;
        }
    }

    /// Writes the content of an entry under another version.
    async fn put_as(&self, version: u64, content: &RawItem) {
        let mut item = content.clone();
        item.insert("SK".to_owned(), text(sort(version)));
        self.raw.put(item).await;
    }

    /// Carries out a change.
    async fn tamper(&self, change: Change) {
        match change {
            Change::Delete(version) => self.raw.delete([&self.partition, &sort(version)]).await,
            Change::Edit(version, attribute) => {
                let mut edited = self.original[&version].clone();
                edited.insert(attribute.to_owned(), self.other_value(version, attribute));
                self.raw.put(edited).await;
            }
            Change::Swap(version, other) => {
                self.put_as(other, &self.original[&version]).await;
                self.put_as(version, &self.original[&other]).await;
            }
            Change::Add(version, added) => self.put_as(added, &self.original[&version]).await,
        }
    }

    /// Returns a valid value of an attribute that differs from the one in an entry.
    fn other_value(&self, version: u64, attribute: &str) -> AttributeValue {
        match attribute {
            "at" => text("2020-01-01T00:00:00.000Z"),
            "operation" => text("deplacement"),
            "digest" => self.original[&(version % VERSIONS + 1)]["digest"].clone(),
            _ => text("somebody"),
        }
    }
}

/// A change of the history by hand, of entries with these versions.
#[derive(Debug, Clone, Copy)]
enum Change {
    Delete(u64),
    /// Replaces the value of an attribute.
    Edit(u64, &'static str),
    Swap(u64, u64),
    /// Adds a copy of an entry under a version that has none.
    Add(u64, u64),
}

impl Change {
    /// Returns every change of one entry.
    fn all_of(version: u64) -> Vec<Self> {
        let mut changes = vec![Self::Delete(version)];
        changes.extend(["request_id", "by", "at", "operation", "digest"].map(|name| Self::Edit(version, name)));
        changes.extend((version + 1..=VERSIONS).map(|other| Self::Swap(version, other)));
        changes.extend((VERSIONS + 1..=VERSIONS + 9).map(|added| Self::Add(version, added)));
        changes
    }

    /// Returns the versions that a finding must name.
    fn versions(self) -> Vec<u64> {
        match self {
            Self::Delete(version) | Self::Edit(version, _) | Self::Add(_, version) => vec![version],
            Self::Swap(version, other) => vec![version, other],
        }
    }
}

/// Returns the findings about the client, without its name.
async fn problems(api: &Api, client: &str) -> Vec<String> {
    let prefix = format!("client {client}: ");
    let of_client = |finding: &String| finding.strip_prefix(&prefix).unwrap_or_else(|| panic!("{finding}")).to_owned();
    api.findings().await.iter().map(of_client).collect()
}

/// Carries out every change of one entry in turn, and checks that each is found and named.
async fn assert_changes_are_found(version: u64) {
    let api = Api::start().await;
    let client = id(&api.register("Boulangerie Morin", 12).await, "client");
    add_versions(&api, &client).await;
    let raw = api.raw();
    let entries = Entries::read(&raw, format!("CLIENT#{client}")).await;
    for change in Change::all_of(version) {
        entries.tamper(change).await;
        let found = problems(&api, &client).await.join("; ");
        for version in change.versions() {
            let names = found.split(|c: char| !c.is_ascii_digit()).any(|word| word == version.to_string());
            assert!(names && found.contains("histor"), "{change:?}: {found}");
        }
        entries.restore().await;
    }
    assert_eq!(api.findings().await, [""; 0]);
}

#[tokio::test]
async fn every_change_of_an_entry_is_found_and_named() {
    join_all((1..=VERSIONS).map(assert_changes_are_found)).await;
}

#[tokio::test]
async fn a_changed_field_is_found_in_entry_and_entity() {
    let fixture = Fixture::new().await;
    add_versions(&fixture.api, &fixture.client).await;
    let (raw, client) = (fixture.api.raw(), &fixture.client);
    let partition = format!("CLIENT#{client}");
    let entry = raw.item([&partition, &sort(3)]).await.expect("an entry");
    let newest = raw.item([&partition, &sort(VERSIONS)]).await.expect("an entry");
    let mut edited = entry.clone();
    edited.insert("fields".to_owned(), newest["fields"].clone());
    raw.put(edited).await;
    let expected = format!("client {client}: history entry 3 was changed, or entry 2 was");
    assert_eq!(fixture.api.findings().await, [expected]);
    raw.put(entry).await;
    raw.set(key(&fixture.client_key()), "nom", text("by hand")).await;
    raw.set(key(&fixture.client_key()), "GSI2SK", text(format!("NOM#by hand#{client}"))).await;
    let expected = format!("client {client}: differs from its newest history entry, 4: one of them was changed");
    assert_eq!(fixture.api.findings().await, [expected]);
}

#[tokio::test]
async fn a_missing_entry_is_reported_as_missing() {
    let fixture = Fixture::new().await;
    add_versions(&fixture.api, &fixture.client).await;
    let client = &fixture.client;
    fixture.api.raw().delete([&format!("CLIENT#{client}"), &sort(2)]).await;
    let expected = format!("client {client}: history entry 2 is missing; entry 3 cannot be checked");
    assert_eq!(fixture.api.findings().await, [expected]);
}

#[tokio::test]
async fn an_entry_with_foreign_content_is_reported() {
    let fixture = Fixture::new().await;
    let (raw, partition) = (fixture.api.raw(), format!("CLIENT#{}", fixture.client));
    let original = raw.item([&partition, &sort(1)]).await.expect("an entry");
    let at = original["at"].as_s().expect("text").replace('Z', "1Z");
    let mut fields = original["fields"].as_m().expect("fields").clone();
    fields.insert("other".to_owned(), text("x"));
    for (name, value) in [("at", text(at)), ("other", text("x")), ("fields", AttributeValue::M(fields))] {
        raw.set([&partition, &sort(1)], name, value).await;
        let expected = format!("item {partition} {}: it was changed: an attribute is not as parc writes it", sort(1));
        assert_eq!(fixture.api.findings().await, [expected], "{name}");
        raw.put(original.clone()).await;
    }
}

#[tokio::test]
async fn orphaned_and_unreadable_entries_are_reported() {
    let fixture = Fixture::new().await;
    let raw = fixture.api.raw();
    let nobody = "019a5a1e-3c08-7000-8000-000000000009";
    for (kind, id) in [("CLIENT", &fixture.client), ("SITE", &fixture.site), ("EQUIPEMENT", &fixture.equipement)] {
        let mut entry = raw.item([&format!("{kind}#{id}"), &sort(1)]).await.expect("an entry");
        entry.insert("PK".to_owned(), text(format!("{kind}#{nobody}")));
        raw.put(entry).await;
    }
    let mut findings = fixture.api.findings().await;
    findings.sort();
    let expected =
        ["client", "site", "équipement"].map(|kind| format!("{kind} {nobody}: missing, but it has history entry 1"));
    assert_eq!(findings, expected);
    let sorts = ["VERSION#2", "VERSION#0000000000", "VERSION#00000000001"];
    let entry = raw.item([&format!("SITE#{}", fixture.site), &sort(1)]).await.expect("an entry");
    for sort in sorts {
        let mut entry = entry.clone();
        entry.insert("SK".to_owned(), text(sort));
        raw.put(entry).await;
    }
    raw.set([&format!("CLIENT#{}", fixture.client), &sort(1)], "at", number(1)).await;
    let found = fixture.api.findings().await.join("\n");
    for sort in sorts {
        assert!(found.contains(&format!("SITE#{} {sort}", fixture.site)), "{sort}: {found}");
    }
    assert!(found.contains(&format!("item CLIENT#{} {}: attribute at", fixture.client, sort(1))), "{found}");
    let partition = format!("CLIENT#{}", fixture.client.to_uppercase());
    let mut copy = raw.item(key(&fixture.client_key())).await.expect("a client");
    copy.insert("PK".to_owned(), text(&partition));
    raw.put(copy).await;
    let found = fixture.api.findings().await.join("\n");
    assert!(found.contains(&format!("item {partition} CLIENT: its key")), "{found}");
    raw.delete([&partition, "CLIENT"]).await;
    // Nothing is repaired: the lost entries cannot be reconstructed.
    let (right, lines) = fixture.verify(&["--repair"]).await;
    assert!(!right && lines.iter().all(|line| !line.ends_with("(repaired)")), "{lines:?}");
    let answer: Value = crate::support::body(fixture.api.get("/clients/all").await).await;
    assert_eq!(answer.as_array().map(Vec::len), Some(1));
}
