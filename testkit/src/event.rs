//! The events in `events/`.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// Identifiers in the events: of a client, a site and an équipement.
const IDS: [&str; 3] = [
    "019a5a1e-3c08-7000-8000-000000000001",
    "019a5a1e-3c08-7000-8000-000000000002",
    "019a5a1e-3c08-7000-8000-000000000003",
];

/// Returns an event, by the name of its file.
#[must_use]
pub fn event(name: &str) -> Value {
    event_about(name, &IDS.map(str::to_owned))
}

/// Returns an event about the client, the site and the équipement with these identifiers.
#[must_use]
pub fn event_about(name: &str, ids: &[String; 3]) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../events/{name}.json"));
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let text = IDS.iter().zip(ids).fold(text, |text, (old, new)| text.replace(old, new));
    serde_json::from_str(&text).expect("an event")
}
