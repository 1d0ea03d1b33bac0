//! The OpenAPI document, compared with the answers of the API.

use std::collections::BTreeSet;

use functions::docs::{Access, document};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Api, body};

/// An operation as the document describes it.
struct Operation {
    method: Method,
    path: String,
    described: Value,
}

fn parse(access: Access) -> Value {
    serde_json::from_str(&document(&functions::routes(access), access)).expect("JSON")
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, described) in methods.as_object().expect("methods") {
            let method = method.to_uppercase().parse().expect("a method");
            operations.push(Operation { method, path: path.clone(), described: described.clone() });
        }
    }
    operations
}

/// Returns a body with every field of a schema, each from its examples.
fn example(document: &Value, described: &Value) -> Option<Value> {
    let reference = described.pointer("/requestBody/content/application~1json/schema/$ref")?.as_str()?;
    let schema = document.pointer(reference.trim_start_matches('#')).expect("a schema");
    let properties = schema["properties"].as_object().expect("properties");
    Some(properties.iter().map(|(name, property)| (name.clone(), property["examples"][0].clone())).collect())
}

#[tokio::test]
async fn invalid_requests_get_the_documented_statuses() {
    let api = Api::start().await;
    let unreachable = Api::without_table().await;
    let document = parse(Access::Open);
    let unknown = "019a5a1e-3c08-7000-8000-000000000001";
    for Operation { method, path, described } in operations(&document) {
        let path = path.replace("{client_id}", unknown).replace("{site_id}", unknown);
        let path = path.replace("{equipement_id}", unknown);
        let example = example(&document, &described);
        let send = async |api: &Api, query: &str, sent: Vec<u8>| {
            let request = api.request(method.clone(), &format!("{path}{query}"));
            let request = request.header("content-type", "application/json").body(sent);
            request.send().await.expect("an answer").status().as_u16()
        };
        let invalid_key = api.request(method.clone(), &path).header("idempotency-key", "deux mots");
        let content = example.as_ref().map_or_else(Vec::new, |example| example.to_string().into_bytes());
        let parent = if path.contains("sites") { "?client_id=" } else { "?site_id=" };
        let mut seen = BTreeSet::from([
            send(&api, "?limit=0&cursor=x", Vec::new()).await,
            send(&api, "", b"\xff".to_vec()).await,
            send(&api, "", b"{}".to_vec()).await,
            send(&api, &format!("{parent}{unknown}"), content.clone()).await,
            send(&unreachable, "", content.clone()).await,
            invalid_key.send().await.expect("an answer").status().as_u16(),
            200,
        ]);
        if described.get("requestBody").is_some() {
            seen.insert(send(&api, "", vec![b' '; 1024 * 1024 + 1]).await);
        }
        let statuses = described["responses"].as_object().expect("responses").keys();
        let mut documented: BTreeSet<u16> = statuses.map(|status| status.parse().expect("a status")).collect();
        // Other tests cover the statuses that need a tag, a taken code, an inactive parent or a corrupt item.
        for elsewhere in [304, 409, 412, 500] {
            documented.remove(&elsewhere);
        }
        assert_eq!(seen, documented, "{method} {path}");
    }
}

#[tokio::test]
async fn the_document_of_an_open_api_names_no_tokens() {
    let api = Api::start().await;
    let served = body(api.get("/openapi.json").await).await;
    let mut document = parse(Access::Open);
    document["servers"] = json!([{ "url": api.url() }]);
    assert!(served == document, "the served document differs");
    assert_eq!(served["components"]["securitySchemes"], Value::Null);
    for Operation { path, described, .. } in operations(&served) {
        assert_eq!(described["security"], Value::Null, "{path}");
    }
}

#[test]
fn every_operation_requires_a_token_with_its_scope() {
    for Operation { method, path, described } in operations(&parse(Access::Token)) {
        let scope = if method == Method::GET { "parc/read" } else { "parc/write" };
        assert_eq!(described["security"], json!([{ "jeton": [scope] }]), "{path}");
        for status in ["401", "403", "429"] {
            assert!(described["responses"][status].is_object(), "{path}");
        }
    }
}

#[test]
fn every_field_and_parameter_has_a_french_description() {
    let document = parse(Access::Token);
    for (schema, described) in document["components"]["schemas"].as_object().expect("schemas") {
        for (name, property) in described["properties"].as_object().expect("properties") {
            assert!(property["description"].is_string(), "{schema} {name}");
        }
    }
    let english = ["The ", "Its ", "Whether ", "What "];
    let text = document.to_string();
    assert!(
        english.iter().all(|word| !text.contains(&format!("\"description\":\"{word}"))),
        "a description is in English"
    );
    for Operation { path, described, .. } in operations(&document) {
        for parameter in described["parameters"].as_array().expect("parameters") {
            assert!(parameter["description"].is_string(), "{path} {parameter}");
        }
    }
}

#[tokio::test]
async fn a_refused_method_gets_the_allowed_ones() {
    let api = Api::start().await;
    for (path, allowed) in [("/clients/all", "GET"), ("/clients/x", "DELETE"), ("/docs", "GET"), ("/", "GET")] {
        let answer = api.request(Method::OPTIONS, path).send().await.expect("an answer");
        assert_eq!((answer.status().as_u16(), &answer.headers()["allow"]), (405, &allowed.parse().expect("text")));
    }
}
