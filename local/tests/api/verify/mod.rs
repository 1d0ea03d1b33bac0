//! `parc verify`, alone and during writes.

mod findings;
mod history;
mod traffic;

use serde_json::{Value, json};
use tokio::process::Command;

use crate::histories::recount;
use crate::support::{Api, body};

/// A client, its site and an équipement, by their identifiers.
pub(crate) struct Fixture {
    pub(crate) api: Api,
    pub(crate) client: String,
    pub(crate) site: String,
    equipement: String,
}

pub(crate) async fn post(api: &Api, path: &str, sent: Value) -> Value {
    let answer = api.post(path, sent.to_string()).await;
    assert_eq!(answer.status(), 200, "{path}");
    body(answer).await
}

fn id(entity: &Value, kind: &str) -> String {
    entity[format!("{kind}_id")].as_str().expect("an id").to_owned()
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let api = Api::start().await;
        let client = id(&api.register("Boulangerie Morin", 12).await, "client");
        let site = id(&post(&api, "/sites/register", json!({ "client_id": client, "nom": "Fournil" })).await, "site");
        let equipement = post(&api, "/equipements/register", json!({ "site_id": site, "nom": "Four" })).await;
        Self { api, client, site, equipement: id(&equipement, "equipement") }
    }

    pub(crate) fn client_key(&self) -> [String; 2] {
        [format!("CLIENT#{}", self.client), "CLIENT".to_owned()]
    }

    pub(crate) fn site_key(&self) -> [String; 2] {
        [format!("CLIENT#{}", self.client), format!("SITE#{}", self.site)]
    }

    fn parent_key(&self) -> [String; 2] {
        [format!("SITE#{}", self.site), "CLIENT".to_owned()]
    }

    pub(crate) fn equipement_key(&self) -> [String; 2] {
        [format!("EQUIPEMENT#{}", self.equipement), "EQUIPEMENT".to_owned()]
    }

    pub(crate) fn copy_key(&self) -> [String; 2] {
        [format!("SITE#{}", self.site), format!("EQUIPEMENT#{}", self.equipement)]
    }

    /// Runs `parc verify`. Returns its success, and the lines of its output.
    async fn verify(&self, options: &[&str]) -> (bool, Vec<String>) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_parc"));
        command.args(["verify", "--endpoint", self.api.endpoint()]).args(options);
        let output = command.output().await.expect("an output");
        let text = String::from_utf8(output.stdout).expect("text");
        (output.status.success(), text.lines().map(str::to_owned).collect())
    }

    /// Checks that `verify` finds exactly this, that `--repair` repairs all of it, and that nothing is wrong
    /// afterwards.
    async fn assert_repaired(&self, findings: &[String]) {
        let (right, mut lines) = self.verify(&[]).await;
        let total = lines.pop().expect("a total");
        lines.sort();
        let mut expected = findings.to_vec();
        expected.sort();
        assert_eq!((right, lines), (false, expected));
        assert!(total.ends_with(&format!(": {} wrong, 0 repaired, 0 not checked", findings.len())), "{total}");
        let (right, lines) = self.verify(&["--repair"]).await;
        assert!(right, "{lines:?}");
        assert_eq!(lines.iter().filter(|line| line.ends_with(" (repaired)")).count(), findings.len(), "{lines:?}");
        self.assert_right().await;
    }

    async fn assert_right(&self) {
        let (right, lines) = self.verify(&[]).await;
        assert!(right && lines.len() == 1, "{lines:?}");
        recount(&self.api).await;
    }
}

pub(crate) fn key(key: &[String; 2]) -> [&str; 2] {
    key.each_ref().map(String::as_str)
}
