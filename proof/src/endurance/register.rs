//! Fills a table through the API.

use serde_json::{Value, json};
use testkit::AnyError;

use super::ensure;
use super::http::{Call, Caller, text};

/// Maximum number of operations of a batch.
const BATCH: usize = 1000;

/// Identifiers of registered entities.
#[derive(Debug, Default)]
pub struct Entities {
    /// Clients.
    pub clients: Vec<String>,
    /// Sites.
    pub sites: Vec<String>,
    /// Équipements.
    pub equipements: Vec<String>,
}

/// Registers clients, whose codes start at 1, in batches.
///
/// # Errors
/// Returns an error if one is refused.
pub async fn clients(caller: &Caller, count: usize) -> Result<Vec<String>, AnyError> {
    let operation = |code: usize| operation("client", &json!({ "nom": nom("Client", code), "code": code }));
    let operations: Vec<_> = (1..=count).map(operation).collect();
    register(caller, &operations, "client_id").await
}

/// Returns the name of a client. All have the same length.
#[must_use]
pub fn nom(word: &str, code: usize) -> String {
    format!("{word} {code:07}")
}

/// Registers clients, each with two sites, and each site with two équipements.
///
/// # Errors
/// Returns an error if one is refused.
pub async fn all_kinds(caller: &Caller, count: usize) -> Result<Entities, AnyError> {
    let clients = clients(caller, count).await?;
    let pairs = |ids: &[String]| ids.iter().flat_map(|id| [id.clone(), id.clone()]).enumerate().collect::<Vec<_>>();
    let site =
        |(number, id): (usize, String)| operation("site", &json!({ "client_id": id, "nom": format!("Site {number}") }));
    let sites: Vec<_> = pairs(&clients).into_iter().map(site).collect();
    let sites = register(caller, &sites, "site_id").await?;
    let equipement = |(number, id): (usize, String)| {
        operation("equipement", &json!({ "site_id": id, "nom": format!("Four {number}"), "type": "four" }))
    };
    let equipements: Vec<_> = pairs(&sites).into_iter().map(equipement).collect();
    let equipements = register(caller, &equipements, "equipement_id").await?;
    Ok(Entities { clients, sites, equipements })
}

fn operation(kind: &str, body: &Value) -> Value {
    json!({ "op": "register", "kind": kind, "body": body })
}

async fn register(caller: &Caller, operations: &[Value], id: &str) -> Result<Vec<String>, AnyError> {
    let mut ids = Vec::new();
    for batch in operations.chunks(BATCH) {
        let answer = caller.ask(&Call::post("/lot", json!({ "operations": batch }))).await?;
        ensure(answer["bilan"]["ok"] == batch.len(), || format!("a batch was not carried out: {}", answer["bilan"]))?;
        for result in answer["resultats"].as_array().into_iter().flatten() {
            ids.push(text(&result["body"], id)?.to_owned());
        }
    }
    Ok(ids)
}
