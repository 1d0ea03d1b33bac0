//! Old services and tables that fail.

use std::process::Stdio;

use serde_json::json;
use testkit::{Fault, Proxy};

use super::{NEW, OLD, SOME, adopt, client, id, merged, register, site};
use crate::old::{OldService, Trouble};
use crate::process::{command, failure, run};
use crate::support::{Api, body};

#[tokio::test]
async fn passing_faults_of_the_old_service_are_retried() {
    let [clients, sites, equipements] = register(SOME);
    let (api, old) = (Api::start().await, OldService::with(&clients, &sites, &equipements).await);
    old.disturb("/clients/all", Trouble::Status(500), 2);
    old.disturb("/sites/all", Trouble::Cut, 2);
    old.disturb("/equipements/all", Trouble::Status(429), 1);
    let count = clients.len() + sites.len() + equipements.len();
    adopt(&old, api.endpoint()).await.assert_taken_over(count, 0);
}

#[tokio::test]
async fn nothing_is_written_if_a_list_cannot_be_read() {
    let api = Api::start().await;
    let old = OldService::with(&[client(1, "Morin", 1, OLD)], &[], &[]).await;
    let refused = async |error: &str| {
        assert_eq!(adopt(&old, api.endpoint()).await.error(), error.replace("URL/", &format!("{}/", old.url)));
        assert_eq!(api.raw().items().await.len(), 1, "only the layout");
    };
    old.disturb("/clients/all", Trouble::Status(500), 5);
    refused("GET URL/clients/all is answered 500").await;
    old.disturb("/sites/all", Trouble::Status(403), 1);
    refused("GET URL/sites/all is answered 403: it asks for a token; pass one that may read").await;
    old.disturb("/sites/all", Trouble::Status(307), 1);
    refused("GET URL/sites/all is answered 307: it redirects; give the URL that it redirects to").await;
    old.disturb("/clients/all", Trouble::Cut, 5);
    let cut = adopt(&old, api.endpoint()).await;
    assert!(cut.error().starts_with(&format!("GET {}/clients/all failed: ", old.url)), "{}", cut.error());
    for (body, cause) in [
        ("<html>", "expected value at line 1 column 1"),
        ("{}", "invalid type: map, expected a sequence at line 1 column 0"),
        ("[{}", "EOF while parsing a list at line 1 column 3"),
    ] {
        old.answers("/clients/all", body);
        refused(&format!("the answer to GET URL/clients/all is not a list in JSON: {cause}")).await;
    }
    let nothing = OldService::start().await;
    let missing = adopt(&nothing, api.endpoint()).await;
    assert_eq!(missing.error(), format!("{}/clients/all does not exist; check --from", nothing.url));
}

#[tokio::test]
async fn every_page_of_a_list_is_read() {
    let [clients, sites, equipements] = register(SOME);
    let (api, old) = (Api::start().await, OldService::with(&clients[..10], &sites, &equipements).await);
    old.links("/clients/all", "</clients/all>; rel=prev, <?cursor=2>; title=\"a, b\"; REL=\"next last\"");
    old.answers("/clients/all?cursor=2", &json!(clients[10..30]).to_string());
    old.links("/clients/all?cursor=2", &format!("<{}/clients/all?cursor=3>;rel=next", old.url));
    old.answers("/clients/all?cursor=3", &json!(clients[30..]).to_string());
    let count = clients.len() + sites.len() + equipements.len();
    adopt(&old, api.endpoint()).await.assert_taken_over(count, 0);
}

#[tokio::test]
async fn pages_of_another_service_are_refused_and_get_no_token() {
    let (api, old, other) = (Api::start().await, OldService::start().await, OldService::start().await);
    old.answers("/equipements/all", "[]");
    let address = other.url.trim_start_matches("http://");
    for next in [format!("{}/more", other.url), format!("{}@{address}/more", old.url), "https://x/more".to_owned()] {
        old.links("/equipements/all", &format!("<{next}>; rel=\"next\""));
        let refused = run(&["adopt", "--from", &old.url, "--endpoint", api.endpoint(), "--token", "s3cret"]).await;
        let error = format!("the next page of GET {}/equipements/all is at {next}, which is another service", old.url);
        assert_eq!(refused.error(), error);
    }
    assert_eq!(other.requests(), [""; 0]);
    old.links("/equipements/all", "</equipements/all>; rel=next");
    assert!(adopt(&old, api.endpoint()).await.error().contains(" do not end: "));
}

#[tokio::test]
async fn a_client_whose_sites_cannot_be_read_is_left_out() {
    let (api, old) = (Api::start().await, OldService::start().await);
    let (one, other) = (client(1, "Morin", 1, OLD), client(2, "Petit", 2, OLD));
    old.answers("/clients/all", &json!([one, other]).to_string());
    let page = format!("/clients/{}/infos", id(1));
    old.answers(&page, &merged(one.clone(), json!({ "sites": [] })).to_string());
    old.disturb(&page, Trouble::Status(500), 5);
    old.answers(&format!("/clients/{}/infos", id(2)), &merged(other.clone(), json!({ "sites": [] })).to_string());
    let ended = adopt(&old, api.endpoint()).await;
    let cause = format!("GET {}{page} is answered 500", old.url);
    assert_eq!(ended.differences()[2..], [format!("client {}: left out: its sites are unknown: {cause}", id(1))]);
    assert_eq!(body(api.get("/clients/all").await).await, json!([other]));
    // The next run finds it, and puts it into its place.
    assert_eq!(adopt(&old, api.endpoint()).await.differences().len(), 2);
    assert_eq!(body(api.get("/clients/all").await).await, json!([one, other]));
}

#[tokio::test]
async fn a_killed_takeover_is_completed_by_the_next_run() {
    let [clients, sites, equipements] = register(SOME);
    let (api, old) = (Api::start().await, OldService::with(&clients, &sites, &equipements).await);
    let whole = Api::start().await;
    adopt(&old, whole.endpoint()).await;
    let proxy = Proxy::start(api.endpoint(), vec![Fault::after(2, "TransactWriteItems").drops_the_call()]).await;
    let mut process = command(&["adopt", "--from", &old.url, "--endpoint", proxy.url()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a process");
    proxy.wait_for_dropped_call("TransactWriteItems", 2).await;
    process.kill().await.expect("an end");
    assert_eq!(api.findings().await, [""; 0], "the first transactions");
    let ended = adopt(&old, api.endpoint()).await;
    assert!(ended.status.success() && !ended.stdout.contains(" 0 were there already"), "{}", ended.stdout);
    let keys = async |api: &Api| {
        let keys = api.raw().items().await.into_iter().map(|item| [item["PK"].clone(), item["SK"].clone()]);
        let mut keys: Vec<_> = keys.map(|key| key.map(|part| part.as_s().expect("text").clone())).collect();
        keys.sort_unstable();
        keys
    };
    assert_eq!(keys(&api).await, keys(&whole).await);
    assert_eq!(api.findings().await, [""; 0]);
}

#[tokio::test]
async fn transactions_that_fail_are_repeated() {
    let [clients, sites, equipements] = register(SOME);
    let (api, old) = (Api::start().await, OldService::with(&clients, &sites, &equipements).await);
    let faults = vec![
        Fault::every(2, "TransactWriteItems").drops_the_answer(),
        Fault::every(3, "TransactWriteItems").answers(Fault::CONFLICT),
    ];
    let proxy = Proxy::start(api.endpoint(), faults).await;
    let count = clients.len() + sites.len() + equipements.len();
    adopt(&old, proxy.url()).await.assert_taken_over(count, 0);
    assert_eq!(api.findings().await, [""; 0]);
}

#[tokio::test]
async fn two_takeovers_at_the_same_time_add_everything_once() {
    let [clients, sites, equipements] = register(SOME);
    let (api, old) = (Api::start().await, OldService::with(&clients, &sites, &equipements).await);
    let (one, other) = tokio::join!(adopt(&old, api.endpoint()), adopt(&old, api.endpoint()));
    assert!(one.status.success() && other.status.success(), "{}{}", one.stdout, other.stdout);
    assert_eq!(api.findings().await, [""; 0]);
    assert_eq!(body(api.get("/sites/all").await).await, json!(sites));
}

#[tokio::test]
async fn an_item_that_belongs_to_no_entity_stops_the_takeover() {
    let (api, old) = (Api::start().await, OldService::with(&[client(1, "Morin", 1, OLD)], &[], &[]).await);
    let key = [format!("CLIENT#{}", id(1)), "VERSION#0000000001".to_owned()];
    api.raw().set([&key[0], &key[1]], "x", testkit::raw::number(1)).await;
    let problem = format!("corrupt item {} {}: missing, or exists already", key[0], key[1]);
    let advice = "`parc verify` tells more; what was written stays";
    assert_eq!(adopt(&old, api.endpoint()).await.error(), format!("the takeover stopped: {problem}; {advice}"));
    assert_eq!(body(api.get("/clients/all").await).await, json!([]));
}

#[tokio::test]
async fn the_token_is_sent_and_not_printed() {
    let api = Api::start().await;
    let old = OldService::with(&[client(1, "Morin", 1, NEW)], &[site(2, 1, "inactif", NEW)], &[]).await;
    let options = ["adopt", "--from", &old.url, "--endpoint", api.endpoint(), "--token", "s3cret"];
    let ended = run(&options).await;
    assert!(!format!("{}{}", ended.stdout, ended.stderr).contains("s3cret"));
    assert!(old.requests().iter().all(|request| request.contains("authorization: Bearer s3cret\r\n")));
    let refused = failure(&["adopt", "--from", &old.url, "--token", "a\nb"]).await;
    assert!(refused.starts_with("the token has characters that a header cannot hold"), "{refused}");
    for url in ["localhost:8000", "ftp://x", "http://x/?a=b", "http://a:b@x/", ""] {
        let refused = failure(&["adopt", "--from", url]).await;
        assert!(refused.starts_with("--from ") && refused.contains(" is not "), "{refused}");
    }
}
