//! One entity of each kind, and requests with headers.

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{Api, body};

/// A client, its site and an équipement there.
pub(crate) struct Entities {
    pub(crate) api: Api,
    pub(crate) client: Value,
    pub(crate) site: Value,
    pub(crate) equipement: Value,
}

impl Entities {
    /// Registers the entities with a new API.
    pub(crate) async fn new() -> Self {
        let api = Api::start().await;
        let register = async |path: &str, sent: Value| body(api.post(path, sent.to_string()).await).await;
        let client = register("/clients/register", json!({ "nom": "Boulangerie Morin", "code": 12 })).await;
        let site = json!({ "client_id": client["client_id"], "nom": "Fournil" });
        let site = register("/sites/register", site).await;
        let equipement = json!({ "site_id": site["site_id"], "nom": "Four" });
        let equipement = register("/equipements/register", equipement).await;
        Self { api, client, site, equipement }
    }

    /// Returns the entities with their kinds.
    pub(crate) fn all(&self) -> [(&'static str, &Value); 3] {
        [("client", &self.client), ("site", &self.site), ("equipement", &self.equipement)]
    }
}

/// Returns the identifier of an entity.
pub(crate) fn id<'a>(kind: &str, entity: &'a Value) -> &'a str {
    entity[format!("{kind}_id")].as_str().expect("an id")
}

/// Returns the body of an update that changes the nom only.
pub(crate) fn renamed(entity: &Value, nom: &str) -> Value {
    let mut update = entity.clone();
    let fields = update.as_object_mut().expect("an object");
    fields.insert("nom".to_owned(), nom.into());
    update
}

pub(crate) async fn send(
    api: &Api,
    method: Method,
    path: &str,
    sent: Option<Value>,
    headers: &[(&str, &str)],
) -> Response {
    let mut request = api.request(method, path).header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if let Some(sent) = sent {
        request = request.body(sent.to_string());
    }
    request.send().await.expect("an answer")
}

pub(crate) fn tag(response: &Response) -> String {
    response.headers()["etag"].to_str().expect("text").to_owned()
}

/// Returns the version in the tag of an entity.
pub(crate) fn version(tag: &str) -> u64 {
    let (version, digest) = tag.trim_matches('"').split_once('-').expect("a version");
    assert!(digest.len() == 32 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{tag}");
    version.parse().expect("a number")
}
