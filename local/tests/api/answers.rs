//! The recorded cases: what the service that parc replaces answers, request by request.

use std::collections::HashMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::Value;

use crate::support::{Api, body};

/// One recorded request and its answer; `cases/record.py` says more.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    shows: String,
    method: String,
    path: String,
    #[serde(default = "json_type", rename = "type")]
    content_type: Option<String>,
    body: Option<String>,
    base64: Option<String>,
    status: u16,
    answer: Value,
}

#[expect(clippy::unnecessary_wraps, reason = "serde asks for the field's own type")]
fn json_type() -> Option<String> {
    Some("application/json".to_owned())
}

/// The identifiers that were given so far, by the names that the cases use for them.
#[derive(Default)]
struct Names(HashMap<String, String>);

impl Names {
    fn learn(&mut self, case: &Case, answer: &Value) {
        let Some(kind) = case.path.strip_suffix("s/register").map(|path| &path[1..]) else { return };
        if let Some(id) = answer[format!("{kind}_id")].as_str() {
            let rank = self.0.keys().filter(|name| name.starts_with(&format!("<{kind}#"))).count();
            self.0.insert(format!("<{kind}#{rank}>"), id.to_owned());
        }
    }

    fn fill(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, id)| text.replace(name, id))
    }

    /// The answer with names for identifiers, and with its instants set aside once they are seen to be some.
    fn hide(&self, answer: &mut Value) {
        match answer {
            Value::String(text) => *text = self.0.iter().fold(text.clone(), |text, (name, id)| text.replace(id, name)),
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide(item)),
            Value::Object(members) => {
                members.values_mut().for_each(|member| self.hide(member));
                if let Some(Value::String(instant)) = members.get_mut("timestamp") {
                    assert_eq!(
                        (instant.len(), &instant[10..11], &instant[19..20], &instant[23..]),
                        (24, "T", ".", "Z")
                    );
                    "<instant>".clone_into(instant);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// The text that says where and why a JSON parser stopped is the parser's own.
fn forget_parser(answer: &mut Value) {
    let invalid = |violation: &&mut Value| violation["type"] == "json_invalid";
    let violations = answer.get_mut("detail").and_then(Value::as_array_mut);
    for violation in violations.into_iter().flatten().filter(invalid) {
        violation["loc"][1] = Value::Null;
        violation["ctx"] = Value::Null;
    }
}

async fn replay(cases: &str) {
    let cases: Vec<Case> = serde_json::from_str(cases).expect("cases");
    let api = Api::start().await;
    let mut names = Names::default();
    let mut wrong = Vec::new();
    for mut case in cases {
        let mut request = api.request(case.method.parse().expect("a method"), &names.fill(&case.path));
        let content = match (&case.body, &case.base64) {
            (Some(text), _) => Some(names.fill(text).into_bytes()),
            (None, Some(base64)) => Some(BASE64_STANDARD.decode(base64).expect("base64")),
            (None, None) => None,
        };
        if let Some(content) = content {
            request = request.header("content-type", case.content_type.as_deref().unwrap_or_default()).body(content);
        }
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        let mut answer = body(response).await;
        names.learn(&case, &answer);
        names.hide(&mut answer);
        forget_parser(&mut answer);
        forget_parser(&mut case.answer);
        if (status, &answer) != (case.status, &case.answer) {
            wrong.push(format!("{}\n  not {} {}\n  but {status} {answer}", case.shows, case.status, case.answer));
        }
    }
    assert!(wrong.is_empty(), "{} answers differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn clients_are_answered_as_recorded() {
    replay(include_str!("cases/clients.json")).await;
}

#[tokio::test]
async fn sites_and_equipements_are_answered_as_recorded() {
    replay(include_str!("cases/sites.json")).await;
}
