//! Bodies of batches: what is wrong with the form is one 422, what is wrong with an operation is its own answer.

use reqwest::Method;
use serde_json::{Value, json};

use crate::entities::{Entities, send};
use crate::support::{Api, body};

async fn run(api: &Api, query: &str, operations: Value) -> (u16, Value) {
    let sent = json!({ "operations": operations });
    let answer = send(api, Method::POST, &format!("/lot{query}"), Some(sent), &[]).await;
    (answer.status().as_u16(), body(answer).await)
}

/// Returns the paths and types of the violations of a refused batch.
async fn violations(api: &Api, query: &str, operations: Value) -> Vec<(String, String)> {
    let (status, answer) = run(api, query, operations).await;
    assert_eq!(status, 422, "{answer}");
    let shown = |violation: &Value| {
        let steps = violation["loc"].as_array().expect("a path").iter();
        let path: Vec<_> = steps.map(|step| step.as_str().map_or_else(|| step.to_string(), str::to_owned)).collect();
        (path.join("."), violation["type"].as_str().expect("a type").to_owned())
    };
    answer["detail"].as_array().expect("violations").iter().map(shown).collect()
}

fn client(code: i64) -> Value {
    json!({ "op": "register", "kind": "client", "body": { "nom": "Morin", "code": code } })
}

#[tokio::test]
async fn a_malformed_batch_names_each_index_and_field() {
    let api = Api::start().await;
    let operations = json!([
        client(1),
        7,
        { "op": "delete", "kind": "clients" },
        { "op": "register", "kind": "client", "ref": "", "if_match": 3, "body": {} },
        { "op": "register", "kind": "client", "ref": "a", "body": { "nom": "Morin", "code": 2 } },
        { "op": "register", "kind": "client", "ref": "a", "body": { "nom": "Morin", "code": 3 } },
        { "op": "register", "kind": "equipement", "body": { "site_id": "$a", "nom": "Four" } },
        { "op": "update", "kind": "equipement", "body": { "equipement_id": "$b", "site_id": "$c", "nom": "Four" } },
    ]);
    let expected = [
        ("query.dry_run", "bool_parsing"),
        ("body.operations.1", "model_attributes_type"),
        ("body.operations.2.op", "literal_error"),
        ("body.operations.2.kind", "literal_error"),
        ("body.operations.3.ref", "string_too_short"),
        ("body.operations.3.if_match", "string_type"),
        ("body.operations.5.ref", "ref_repeated"),
        ("body.operations.6.body.site_id", "ref_unknown"),
        ("body.operations.7.body.equipement_id", "ref_unknown"),
        ("body.operations.7.body.site_id", "ref_unknown"),
    ];
    let expected = expected.map(|(path, r#type)| (path.to_owned(), r#type.to_owned()));
    assert_eq!(violations(&api, "?dry_run=perhaps", operations).await, expected);
    assert_eq!(body(api.get("/clients/all").await).await, json!([]));
}

#[tokio::test]
async fn unknown_and_repeated_parameters_are_refused() {
    let api = Api::start().await;
    for query in ["?dry-run=true", "?dry_run=true&dry_run=false", "?limit=3"] {
        let refused = violations(&api, query, json!([client(1)])).await;
        assert_eq!(refused, [("query".to_owned(), "extra_forbidden".to_owned())], "{query}");
    }
    assert_eq!(body(api.get("/clients/all").await).await, json!([]));
}

#[tokio::test]
async fn only_a_ref_stands_for_another_operation() {
    let api = Api::start().await;
    let site = json!({ "client_id": "70617263-0000-8000-8000-000000000000", "nom": "Fournil" });
    let operations = json!([client(1), { "op": "register", "kind": "site", "body": site }]);
    let (_, answer) = run(&api, "", operations).await;
    assert_eq!(answer["resultats"][1]["status"], 404);
}

#[tokio::test]
async fn the_number_of_operations_and_the_size_are_limited() {
    let api = Api::start().await;
    let too_long = violations(&api, "", vec![client(1); 1001].into()).await;
    assert_eq!(too_long, [("body.operations".to_owned(), "too_long".to_owned())]);
    let missing = violations(&api, "", json!("x")).await;
    assert_eq!(missing, [("body.operations".to_owned(), "list_type".to_owned())]);
    assert_eq!(run(&api, "", json!([])).await.1["bilan"], json!({ "ok": 0, "refus": 0, "restant": 0 }));

    let padded = |size: usize| format!("{{\"operations\":[]}}{}", " ".repeat(size - 17));
    assert_eq!(api.post("/lot", padded(1024 * 1024)).await.status(), 200);
    let refused = api.post("/lot", padded(1024 * 1024 + 1)).await;
    assert_eq!(refused.status(), 413);
    assert_eq!(body(refused).await["detail"], "Le corps de la requête dépasse 1 Mio");
}

#[tokio::test]
async fn invalid_operations_are_answered_beside_valid_ones() {
    let api = Api::start().await;
    let long = "x".repeat(64 * 1024);
    let (status, answer) = run(
        &api,
        "",
        json!([
            client(1),
            { "op": "register", "kind": "client", "ref": "c", "if_match": "nonsense", "body": { "nom": 5, "code": 2 } },
            { "op": "register", "kind": "site", "body": { "client_id": "$c", "nom": "Fournil" } },
            { "op": "update", "kind": "site", "body": 7 },
            { "op": "update", "kind": "site" },
            { "op": "deactivate", "kind": "site", "body": { "site_id": 3 } },
            { "op": "deactivate", "kind": "site", "body": { "site_id": "not an identifier" } },
            { "op": "register", "kind": "client", "body": { "nom": long, "code": 3 } },
        ]),
    )
    .await;
    assert_eq!(status, 200);
    let results = answer["resultats"].as_array().expect("results");
    let statuses: Vec<_> = results.iter().map(|result| result["status"].as_u64().expect("a status")).collect();
    assert_eq!(statuses, [200, 422, 404, 422, 422, 422, 404, 413]);
    let paths: Vec<_> =
        [1, 3, 4, 5].map(|index| results[index]["body"]["detail"].as_array().expect("a list").clone()).concat();
    let paths: Vec<_> = paths.into_iter().map(|violation| violation["loc"].clone()).collect();
    let expected = json!([
        ["body", "operations", 1, "if_match"],
        ["body", "operations", 1, "body", "nom"],
        ["body", "operations", 3, "body"],
        ["body", "operations", 4, "body"],
        ["body", "operations", 5, "body", "site_id"],
    ]);
    assert_eq!(Value::from(paths), expected);
    assert_eq!(results[2]["body"]["detail"], "Client introuvable");
    assert_eq!(answer["bilan"], json!({ "ok": 1, "refus": 7, "restant": 0 }));
}

#[tokio::test]
async fn an_answer_that_repeats_too_much_repeats_nothing() {
    let api = Api::start().await;
    // Each of three missing fields repeats its body, in which each character takes four bytes in Lambda's response.
    let operation = json!({ "op": "update", "kind": "equipement", "body": { "x": "\"".repeat(32_000) } });
    let (status, answer) = run(&api, "", vec![operation; 16].into()).await;
    assert_eq!(status, 200);
    assert_eq!(answer["resultats"][15]["body"]["detail"][2]["loc"], json!(["body", "operations", 15, "body", "nom"]));
    assert_eq!(answer["resultats"][15]["body"]["detail"][2]["input"], Value::Null);
}

#[tokio::test]
async fn an_atomic_batch_is_carried_out_whole_or_not_at_all() {
    let Entities { api, site, .. } = Entities::new().await;
    let equipement =
        json!({ "op": "register", "kind": "equipement", "body": { "site_id": site["site_id"], "nom": "Four" } });
    let counted = async || {
        let equipements = body(api.get("/equipements/all").await).await;
        equipements.as_array().expect("a list").len()
    };
    let run = async |operations| run(&api, "?atomique=true", operations).await;

    let refused = json!([equipement, { "op": "update", "kind": "site", "body": {} }, equipement]);
    let (status, answer) = run(refused).await;
    assert_eq!((status, &answer["bilan"]), (200, &json!({ "ok": 0, "refus": 1, "restant": 2 })));
    let refused = json!([equipement, client(12), equipement]);
    let (status, answer) = run(refused).await;
    assert_eq!((status, &answer["bilan"]), (200, &json!({ "ok": 0, "refus": 1, "restant": 2 })));
    assert_eq!((&answer["resultats"][0]["index"], &answer["resultats"][0]["status"]), (&json!(1), &json!(409)));

    let (status, answer) = run(vec![equipement.clone(); 33].into()).await;
    let violation = &answer["detail"][0];
    assert_eq!(
        (status, &violation["type"], &violation["ctx"]["max_length"]),
        (422, &json!("atomic_too_long"), &json!(32))
    );
    assert_eq!(counted().await, 1);

    let (status, answer) = run(vec![equipement; 32].into()).await;
    assert_eq!((status, &answer["bilan"]), (200, &json!({ "ok": 32, "refus": 0, "restant": 0 })));
    assert_eq!(counted().await, 33);
    assert_eq!(api.findings().await, [""; 0]);
}
