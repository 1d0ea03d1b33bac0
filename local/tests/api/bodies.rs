//! Bodies of every size and form, and the headers around them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Api, body};

/// Returns a body of this size in bytes that registers a client.
fn body_of_size(size: usize, code: i64) -> String {
    let begin = format!("{{\"nom\":\"x\",\"code\":{code},\"extra\":\"");
    let end = "\"}";
    format!("{begin}{}{end}", "x".repeat(size - begin.len() - end.len()))
}

#[tokio::test]
async fn a_body_over_64_kib_is_too_large() {
    let api = Api::start().await;
    let fits = api.post("/clients/register", body_of_size(65_536, 1)).await;
    assert_eq!(fits.status(), 200);
    let larger = api.post("/clients/register", body_of_size(65_537, 2)).await;
    assert_eq!(larger.status(), 413);
    assert_eq!(body(larger).await, json!({ "detail": "Le corps de la requête dépasse 64 Kio" }));
    // API Gateway refuses bodies of this size itself.
    let huge = api.post("/clients/register", body_of_size(11_000_000, 3)).await;
    assert_eq!(huge.status(), 413);
}

#[tokio::test]
async fn a_chunked_body_is_accepted() {
    let api = Api::start().await;
    let chunks = ["{\"nom\":\"x\",", "\"code\":", "1}"].map(Ok::<_, std::io::Error>);
    let stream = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
    assert_eq!(api.post("/clients/register", stream).await.status(), 200);
}

#[tokio::test]
async fn an_incomplete_body_is_refused() {
    let api = Api::start().await;
    let chunks = [Ok("{\"nom\":"), Err(std::io::Error::other("closed"))];
    let stream = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
    let sent = api.request(Method::POST, "/clients/register").body(stream).send().await;
    assert!(sent.is_err() || sent.is_ok_and(|answer| answer.status() == 400));
}

#[tokio::test]
async fn a_forwarded_protocol_is_ignored() {
    let api = Api::start().await;
    api.register("x", 1).await;
    for protocol in ["https, http", "", "a b", "http://x?"] {
        let request = api.request(Method::GET, "/clients/all?status=inactif").header("x-forwarded-proto", protocol);
        let answer = request.send().await.expect("an answer");
        assert_eq!(body(answer).await, json!([]), "{protocol}");
    }
}

#[tokio::test]
async fn a_body_encoded_in_base64_is_accepted() {
    let api = Api::start().await;
    let request = api.request(Method::POST, "/clients/register");
    // The gateway encodes the bodies of such types in base64.
    let octets = request.header("content-type", "application/problem+json").body(r#"{"nom":"é","code":1}"#);
    let response = octets.send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(body(response).await["nom"], "é");
}

#[tokio::test]
async fn nesting_is_accepted_up_to_960_levels() {
    let api = Api::start().await;
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let register = async |body: String| api.post("/clients/register", body).await;

    let ignored = register(format!(r#"{{"nom":"x","code":1,"extra":{}}}"#, deep(959))).await;
    assert_eq!(ignored.status(), 200);
    let echoed = register(format!(r#"{{"nom":{},"code":1}}"#, deep(100))).await;
    assert_eq!(echoed.status(), 422);
    let answer: Value = body(echoed).await;
    assert_eq!(answer["detail"][0]["input"].to_string(), deep(100));
    let deepest = register(format!(r#"{{"nom":{},"code":1}}"#, deep(959))).await;
    assert_eq!(deepest.status(), 422);
    for levels in [960, 20_000] {
        let deeper = register(format!(r#"{{"nom":"x","code":2,"extra":{}}}"#, deep(levels))).await;
        assert_eq!(deeper.status(), 400);
        assert_eq!(body(deeper).await, json!({ "detail": "There was an error parsing the body" }));
    }
}

#[tokio::test]
async fn an_identifier_is_accepted_in_every_form_of_python() {
    let api = Api::start().await;
    let client = api.register("x", 1).await;
    let id = client["client_id"].as_str().expect("an id");
    let bare = id.replace('-', "");
    for form in
        [id.to_uppercase(), format!("%7B{id}%7D"), format!("urn:uuid:{id}"), format!("{}-{}", &bare[..5], &bare[5..])]
    {
        let answer = api.get(&format!("/clients/{form}/infos")).await;
        assert_eq!(answer.status(), 200, "{form}");
        assert_eq!(body(answer).await["client_id"], id);
    }
}

#[tokio::test]
async fn every_answer_has_a_request_id() {
    let api = Api::start().await;
    let mut ids = std::collections::HashSet::new();
    for path in ["/clients/all", "/clients/x/infos", "/clients/all?status=x", "/nope", "/clients/register"] {
        let response = api.get(path).await;
        ids.insert(response.headers()["x-request-id"].to_str().expect("text").to_owned());
    }
    assert_eq!(ids.len(), 5);
}
