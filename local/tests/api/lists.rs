//! Lists of many clients.

use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::header::LINK;
use serde_json::Value;
use shared::models::{ClientRegister, Code, Nom};

use crate::support::{Api, body};

/// Registers clients with the longest names that there are, eight at a time.
async fn fill(api: &Api, count: i64) {
    let nom = Nom::try_from("\u{1}".repeat(256)).expect("a nom");
    stream::iter(0..count)
        .map(|code| api.store.register_client(ClientRegister { nom: nom.clone(), code: Code::from(code) }))
        .buffer_unordered(8)
        .try_for_each(async |_| Ok(()))
        .await
        .expect("clients");
}

#[tokio::test]
async fn a_list_that_one_answer_cannot_carry_goes_on_behind_a_link() {
    let api = Api::start().await;
    // Each takes 2,000 bytes of the answer, where a control character is escaped twice.
    fill(&api, 3_500).await;
    let mut ids = Vec::new();
    let mut path = "/clients/all?status=actif".to_owned();
    let mut pages = 0;
    loop {
        let response = api.get(&path).await;
        let next = response.headers().get(LINK).map(|link| link.to_str().expect("text").to_owned());
        let clients = body(response).await;
        let as_lambda_counts = Value::String(clients.to_string()).to_string().len();
        assert!(as_lambda_counts < 6_200_000, "{as_lambda_counts} bytes");
        ids.extend(clients.as_array().expect("a list").iter().map(|client| client["client_id"].to_string()));
        pages += 1;
        let Some(next) = next else { break };
        path = next.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")).expect("a link").to_owned();
        assert!(path.starts_with("/clients/all?status=actif&cursor="), "{path}");
    }
    assert!(pages > 1, "one answer carried it all");
    assert!(ids.is_sorted_by(|a, b| a < b), "not in order of creation, or twice");
    assert_eq!(ids.len(), 3_500);
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let api = Api::start().await;
    api.register("x", 1).await;
    for cursor in ["", "x", "1019a5a1e3c0870008000000000000001aaaaaaaaaaaaaaaa"] {
        let response = api.get(&format!("/clients/all?cursor={cursor}")).await;
        assert_eq!(response.status(), 422);
        assert_eq!(body(response).await["detail"][0]["loc"], serde_json::json!(["query", "cursor"]));
    }
}
