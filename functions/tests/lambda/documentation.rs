//! The OpenAPI document and its page, from functions without settings of a table.

use std::fs;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::{Function, binaries, body, event, root};

async fn function(name: &str) -> Function {
    let mut command = Command::new(binaries().join(name));
    command.env_clear().stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    Function::start(command).await
}

/// Returns the event of the page for another path.
fn event_for(path: &str) -> Value {
    let mut event = event("docs");
    event["rawPath"] = path.into();
    event["requestContext"]["http"]["path"] = path.into();
    if let Some(asset) = path.strip_prefix("/docs/") {
        event["pathParameters"] = json!({ "asset": asset });
        event["headers"]["accept-encoding"] = json!("gzip");
    }
    event
}

#[tokio::test]
async fn openapi_returns_the_document_in_the_repository() {
    let function = function("openapi").await;
    let answer = function.answer(event("openapi")).await;
    let file = fs::read_to_string(root().join("openapi.json")).expect("a file");
    // The file names the server of `cargo run`, the deployed document its own.
    let mut document = serde_json::from_str::<Value>(&file).expect("JSON");
    document["servers"] = json!([{ "url": "https://parc.example" }]);
    assert_eq!(body(&answer), document);

    let mut staged = event("openapi");
    staged["rawPath"] = json!("/v1/openapi.json");
    let served = body(&function.answer(staged).await);
    assert_eq!(served["servers"], json!([{ "url": "https://parc.example/v1" }]));

    let mut known = event("openapi");
    known["headers"]["if-none-match"] = answer["headers"]["etag"].clone();
    let unchanged = function.answer(known.clone()).await;
    assert_eq!((&unchanged["statusCode"], unchanged["body"].as_str()), (&json!(304), Some("")));
    assert_eq!(unchanged["headers"]["etag"], answer["headers"]["etag"]);
    // The compressed document is another representation.
    known["headers"]["accept-encoding"] = json!("gzip");
    let compressed = function.answer(known).await;
    assert_eq!([&compressed["statusCode"], &compressed["isBase64Encoded"]], [&json!(200), &json!(true)]);
}

#[tokio::test]
async fn docs_returns_the_page_and_its_assets() {
    let function = function("docs").await;
    let page = function.answer(event("docs")).await;
    assert_eq!(page["statusCode"], 200);
    assert_eq!(page["headers"]["content-type"], "text/html; charset=utf-8");
    let policy = page["headers"]["content-security-policy"].as_str().expect("a policy");
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");

    let html = page["body"].as_str().expect("text");
    let assets: Vec<_> = html.split('"').filter(|text| text.starts_with("docs/")).collect();
    assert_eq!(assets.len(), 5, "{html}");
    for asset in assets {
        let answer = function.answer(event_for(&format!("/{asset}"))).await;
        assert_eq!(answer["statusCode"], 200, "{asset}");
        assert_eq!(answer["headers"]["cache-control"], "public, max-age=31536000, immutable");
        let mut plain = event_for(&format!("/{asset}"));
        plain["headers"]["accept-encoding"] = json!("identity");
        assert_eq!(function.answer(plain).await["statusCode"], 406, "{asset}");
    }
    assert_eq!(
        function.answer(event_for("/docs/docs.js")).await["statusCode"],
        404,
        "an asset has a name without a version"
    );

    let home = function.answer(event_for("/")).await;
    assert_eq!([&home["statusCode"], &home["headers"]["location"]], [&json!(307), &json!("docs")]);
}
