//! The requests of the ledger, by kind.

use serde_json::{Value, json};

use crate::fixture::Fixture;

/// An identifier of no entity.
const UNKNOWN: &str = "019a5a1e-3c08-7000-8000-000000000009";

/// Sets the query of an event.
fn query(text: &str) -> impl FnOnce(&mut Value) {
    move |event| event["rawQueryString"] = text.into()
}

/// Sets the body of an event.
fn body(body: &Value) -> impl FnOnce(&mut Value) {
    move |event| event["body"] = body.to_string().into()
}

/// Sets a header of an event.
fn header(name: &str, value: &str) -> impl FnOnce(&mut Value) {
    move |event| event["headers"][name] = value.into()
}

/// Sets a parameter of the path of an event.
fn parameter(name: &str, value: &str) -> impl FnOnce(&mut Value) {
    move |event| event["pathParameters"][name] = value.into()
}

fn unchanged(_event: &mut Value) {}

/// Keeps the code of the client: the event's is that of another one.
fn new_nom(event: &mut Value) {
    let text = event["body"].as_str().expect("a body").replace("\"code\": 13", "\"code\": 0");
    event["body"] = text.into();
}

pub(crate) async fn clients(ledger: &mut Fixture) {
    ledger.measure("clients-all", "a page of 50", query("limit=50")).await;
    ledger.measure("clients-all", "the client with a code", query("code=0")).await;
    ledger.measure("clients-register", "a client", body(&json!({ "nom": "Boulangerie Morin", "code": 100 }))).await;
    ledger.measure("clients-update", "a client", new_nom).await;
    ledger.measure("clients-infos", "a client with 10 sites", unchanged).await;
    ledger.measure("clients-infos", "the same, up to date", header("if-none-match", "*")).await;
    ledger.measure("clients-history", "11 versions", unchanged).await;
    ledger.measure("clients-deactivate", "a client", unchanged).await;
    ledger.measure("clients-reactivate", "a client", unchanged).await;
}

pub(crate) async fn sites(ledger: &mut Fixture) {
    ledger.measure("sites-all", "a page of 50", query("limit=50")).await;
    ledger.measure("sites-all-client", "the 10 sites of a client", unchanged).await;
    ledger.measure("sites-register", "a site", unchanged).await;
    ledger.measure("sites-update", "a site", unchanged).await;
    ledger.measure("sites-infos", "a site with 10 équipements", unchanged).await;
    ledger.measure("sites-history", "11 versions", unchanged).await;
    ledger.measure("sites-deactivate", "a site", unchanged).await;
    ledger.measure("sites-reactivate", "a site", unchanged).await;
}

pub(crate) async fn equipements(ledger: &mut Fixture) {
    ledger.measure("equipements-all", "a page of 50", query("limit=50")).await;
    ledger.measure("equipements-all-site", "the 10 équipements of a site", unchanged).await;
    ledger.measure("equipements-register", "an équipement", unchanged).await;
    ledger.measure("equipements-update", "an équipement", unchanged).await;
    ledger.measure("equipements-infos", "an équipement", unchanged).await;
    ledger.measure("equipements-history", "11 versions", unchanged).await;
    ledger.measure("equipements-deactivate", "an équipement", unchanged).await;
    ledger.measure("equipements-reactivate", "an équipement", unchanged).await;
}

pub(crate) async fn batches(ledger: &mut Fixture) {
    let site = ledger.site.site_id;
    let registration = json!({ "site_id": site, "nom": "Four à sole", "type": "four", "numero_serie": "FS-2041" });
    let operation = json!({ "op": "register", "kind": "equipement", "body": registration });
    for (count, name) in [(1, "1 équipement"), (10, "10 équipements of a site"), (1000, "1,000 équipements of a site")]
    {
        let batch = json!({ "operations": vec![operation.clone(); count] });
        ledger.measure("batch-run", name, body(&batch)).await;
        let with_key = |event: &mut Value| {
            body(&batch)(event);
            header("idempotency-key", name.split(' ').next().unwrap_or_default())(event);
        };
        ledger.measure("batch-run", "the same, with a key", with_key).await;
        ledger.measure("batch-run", "the same, repeated with that key", with_key).await;
        let dry_run = |event: &mut Value| {
            body(&batch)(event);
            query("dry_run=true")(event);
        };
        ledger.measure("batch-run", "the same, as a dry run", dry_run).await;
    }
}

pub(crate) async fn failures(ledger: &mut Fixture) {
    ledger.measure("clients-infos", "an unknown client", parameter("client_id", UNKNOWN)).await;
    ledger.measure("clients-register", "a taken code", body(&json!({ "nom": "Boulangerie Morin", "code": 1 }))).await;
    ledger.measure("clients-update", "a stale version", header("if-match", "\"1-0\"")).await;
    ledger.measure("clients-register", "a wrong nom and code", body(&json!({ "nom": "", "code": "douze" }))).await;
    ledger.measure("equipements-register", "a missing body", body(&Value::Null)).await;
    ledger.measure_unavailable("clients-all", "the table does not answer").await;
}

pub(crate) async fn documentation(ledger: &mut Fixture) {
    ledger.measure("openapi", "the document", unchanged).await.round();
    ledger.measure("docs", "the page", unchanged).await.round();
    let page = ledger.body("docs").await;
    let script = page.split("docs/").find(|text| text.starts_with("swagger-ui-bundle")).expect("a script");
    let script = script.split('"').next().unwrap_or_default();
    let file = |event: &mut Value| {
        event["routeKey"] = "GET /docs/{asset}".into();
        event["pathParameters"] = json!({ "asset": script });
    };
    let compressed_file = |event: &mut Value| {
        file(event);
        event["headers"]["accept-encoding"] = json!("gzip");
    };
    ledger.measure("docs", "the largest file, compressed", compressed_file).await.round();
    ledger.measure("docs", "the largest file, not compressed", file).await;
    let home = |event: &mut Value| (event["routeKey"], event["rawPath"]) = ("GET /".into(), "/".into());
    ledger.measure("docs", "a redirect to the page", home).await;
}
