//! One recorded request, and the names that stand for identifiers.

use std::collections::HashMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::Value;

/// One recorded request and its answer, in which `<client#0>` stands for the identifier of the first
/// registered client and `<instant>` for the instant of a registration.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    /// Behaviour that the case shows.
    pub(super) shows: String,
    pub(super) method: String,
    pub(super) path: String,
    /// Content type of the body: JSON if absent, no content type if null.
    #[serde(default = "json_type", rename = "type")]
    pub(super) content_type: Option<String>,
    body: Option<String>,
    base64: Option<String>,
    pub(super) status: u16,
    pub(super) answer: Value,
}

#[expect(clippy::unnecessary_wraps, reason = "serde asks for the field's own type")]
fn json_type() -> Option<String> {
    Some("application/json".to_owned())
}

impl Case {
    /// Returns the bytes of the body, with identifiers in place of their names.
    pub(super) fn content(&self, names: &Names) -> Option<Vec<u8>> {
        match (&self.body, &self.base64) {
            (Some(text), _) => Some(names.fill(text).into_bytes()),
            (None, Some(base64)) => Some(BASE64_STANDARD.decode(base64).expect("base64")),
            (None, None) => None,
        }
    }
}

/// Identifiers of the registered entities, by the names that the cases use for them.
#[derive(Default)]
pub(super) struct Names(HashMap<String, String>);

impl Names {
    /// Names the identifier in the answer to a registration.
    pub(super) fn learn(&mut self, case: &Case, answer: &Value) {
        let Some(kind) = case.path.strip_suffix("s/register").map(|path| &path[1..]) else { return };
        if let Some(id) = answer[format!("{kind}_id")].as_str() {
            let rank = self.0.keys().filter(|name| name.starts_with(&format!("<{kind}#"))).count();
            self.0.insert(format!("<{kind}#{rank}>"), id.to_owned());
        }
    }

    /// Replaces names with identifiers.
    pub(super) fn fill(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, id)| text.replace(name, id))
    }

    /// Replaces identifiers with names and instants with `<instant>`, and fails if a `timestamp` is not an
    /// instant.
    pub(super) fn hide(&self, answer: &mut Value) {
        match answer {
            Value::String(text) => *text = self.0.iter().fold(text.clone(), |text, (name, id)| text.replace(id, name)),
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide(item)),
            Value::Object(members) => {
                members.values_mut().for_each(|member| self.hide(member));
                if let Some(Value::String(instant)) = members.get_mut("timestamp") {
                    assert!(is_instant(instant), "not an instant in UTC with milliseconds: {instant}");
                    "<instant>".clone_into(instant);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// Returns `true` for a text like `2025-11-06T16:55:01.544Z`.
fn is_instant(text: &str) -> bool {
    let matches = |(expected, byte): (u8, u8)| if expected == b'0' { byte.is_ascii_digit() } else { byte == expected };
    let form = b"0000-00-00T00:00:00.000Z";
    text.len() == form.len() && form.iter().copied().zip(text.bytes()).all(matches)
}
