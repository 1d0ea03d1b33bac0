//! `parc compare`.

use std::fs;

use chrono::{SecondsFormat, Utc};
use reqwest::Method;
use serde_json::{Value, json};

use crate::old::{OldService, Trouble};
use crate::process::{Ended, failure, run};
use crate::support::{Api, body};

/// An API with a client, its site and an équipement there, and a copy of it.
struct Copies {
    old: Api,
    new: Api,
    client: String,
    site: String,
    equipement: String,
}

impl Copies {
    async fn new() -> Self {
        let (old, new) = (Api::start().await, Api::start().await);
        let id = |entity: &Value, name: &str| entity[name].as_str().expect("an identifier").to_owned();
        let client = id(&old.register("Morin", 12).await, "client_id");
        old.register("Petit", 13).await;
        let site = json!({ "client_id": client, "nom": "Fournil" });
        let site = id(&body(old.post("/sites/register", site.to_string()).await).await, "site_id");
        let equipement = json!({ "site_id": site, "nom": "Four" });
        let equipement = body(old.post("/equipements/register", equipement.to_string()).await).await;
        let equipement = id(&equipement, "equipement_id");
        run(&["adopt", "--from", old.url(), "--endpoint", new.endpoint()]).await.assert_taken_over(4, 0);
        Self { old, new, client, site, equipement }
    }

    async fn compare(&self, options: &[&str]) -> Ended {
        run(&[&["compare", "--old", self.old.url(), "--new", self.new.url()], options].concat()).await
    }

    /// Compares recorded requests.
    async fn replay(&self, requests: &[Value], options: &[&str]) -> Ended {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("traffic.jsonl");
        let lines: Vec<_> = requests.iter().map(Value::to_string).collect();
        fs::write(&file, lines.join("\n")).expect("a file");
        self.compare(&[&["--traffic", file.to_str().expect("text")], options].concat()).await
    }
}

/// Checks that a comparison found these differences, and returns nothing else.
fn assert_differences(ended: &Ended, differences: &[String], totals: &str) {
    assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
    assert_eq!(ended.stdout, format!("{}\n{totals}\n", differences.join("\n")));
}

#[tokio::test]
async fn planted_differences_are_found() {
    let copies = Copies::new().await;
    let Copies { new, client, site, equipement, .. } = &copies;
    let ended = copies.compare(&[]).await;
    assert_eq!(
        (ended.status.code(), ended.stdout.as_str()),
        (Some(0), "13 requests compared, 0 answered differently\n")
    );
    let update = json!({ "client_id": client, "nom": "Moreau", "code": 12 });
    assert_eq!(new.send(Method::PUT, "/clients/update", update.to_string()).await.status(), 200);
    assert_eq!(
        new.request(Method::DELETE, &format!("/equipements/{equipement}")).send().await.expect("an answer").status(),
        200
    );
    let other = new.register("Noël", 14).await["client_id"].as_str().expect("an identifier").to_owned();
    let values = |old: &str, new: &str| format!("{old} in the old service, {new} in the new one");
    let (nom, count) = (values("\"Morin\"", "\"Moreau\""), values("1", "0"));
    let (status, found) = (values("\"actif\"", "\"inactif\""), values("404", "200"));
    assert_differences(
        &copies.compare(&[]).await,
        &[
            format!("GET /clients/all: {client}.nom: {nom}"),
            format!("GET /clients/all: {client}.equipements: {count}"),
            format!("GET /clients/all: {other}: missing in the old service"),
            format!("GET /clients/{client}/infos: nom: {nom}"),
            format!("GET /clients/{client}/infos: sites.{site}.equipements: {count}"),
            format!("GET /clients/{other}/infos: the status is {found}"),
            format!("GET /sites/all: {site}.equipements: {count}"),
            format!("GET /sites/all?client_id={client}: {site}.equipements: {count}"),
            format!("GET /sites/all?client_id={other}: the status is {found}"),
            format!("GET /sites/{site}/infos: equipements.{equipement}: missing in the new service"),
            format!("GET /equipements/all: {equipement}.status: {status}"),
            format!("GET /equipements/all?site_id={site}: {equipement}.status: {status}"),
            format!("GET /equipements/{equipement}/infos: status: {status}"),
        ],
        "15 requests compared, 10 answered differently",
    );
}

#[tokio::test]
async fn recorded_reads_are_compared() {
    let copies = Copies::new().await;
    copies.new.register("Noël", 14).await;
    let requests = [
        json!({ "method": "GET", "path": "/clients/all?code=12" }),
        json!({ "method": "get", "path": "/clients/all?code=14" }),
        json!({ "method": "GET", "path": "/sites/all?client_id=x" }),
        json!({ "method": "DELETE", "path": format!("/clients/{}", copies.client) }),
    ];
    let ended = copies.replay(&requests, &[]).await;
    assert!(ended.stdout.ends_with(
        "1 requests that write were not sent; --writes sends them to two copies\n3 requests compared, 1 answered differently\n"
    ));
    assert!(ended.stdout.starts_with("GET /clients/all?code=14: "));
    let client = body(copies.old.get("/clients/all?code=12").await).await;
    assert_eq!(client[0]["status"], "actif");
}

#[tokio::test]
async fn recorded_writes_are_compared_with_their_new_identifiers() {
    let copies = Copies::new().await;
    let recorded = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
    let register = json!({ "method": "POST", "path": "/clients/register", "body": { "nom": "Joly", "code": 20 } });
    let with_answer = |mut request: Value| {
        request["answer"] = json!({ "client_id": recorded });
        request
    };
    let requests = [
        with_answer(register.clone()),
        register,
        json!({ "method": "PUT", "path": "/clients/update", "body": { "client_id": recorded, "nom": "Joly", "code": 21 } }),
        json!({ "method": "GET", "path": format!("/clients/{recorded}/infos") }),
        json!({ "method": "GET", "path": "/clients/all" }),
        json!({ "method": "POST", "path": "/clients/register", "body": { "nom": 7 } }),
        json!({ "method": "POST", "path": "/clients/register", "text": "{\"nom\": \"Fabre\", \"code\": 22}" }),
        json!({ "method": "POST", "path": "/clients/register", "text": "{" }),
        json!({ "method": "DELETE", "path": format!("/clients/{}", copies.client) }),
    ];
    let ended = copies.replay(&requests, &["--writes"]).await;
    assert_eq!(
        (ended.status.code(), ended.stdout.as_str()),
        (Some(0), "9 requests compared, 0 answered differently\n")
    );
    for api in [&copies.old, &copies.new] {
        let client = body(api.get("/clients/all?code=21").await).await;
        assert_eq!(client[0]["nom"], "Joly");
    }
    copies.new.register("Noël", 30).await;
    let taken = json!({ "method": "POST", "path": "/clients/register", "body": { "nom": "Noël", "code": 30 } });
    let status = "POST /clients/register: the status is 200 in the old service, 409 in the new one".to_owned();
    assert_differences(
        &copies.replay(&[taken], &["--writes"]).await,
        &[status],
        "1 requests compared, 1 answered differently",
    );
}

#[tokio::test]
async fn changes_bring_another_service_up_to_date() {
    let copies = Copies::new().await;
    let Copies { old, new, client, site, equipement } = &copies;
    let since = Utc::now();
    let send = async |method: Method, path: &str, body: Value| {
        assert_eq!(new.send(method, path, body.to_string()).await.status(), 200, "{path}");
    };
    let registered = new.register("Noël", 14).await["client_id"].clone();
    let other = json!({ "client_id": registered, "nom": "Dépôt" });
    let other = body(new.post("/sites/register", other.to_string()).await).await["site_id"].clone();
    let moved = json!({ "equipement_id": equipement, "site_id": other, "nom": "Four", "type": "gaz" });
    send(Method::PUT, "/equipements/update", moved).await;
    send(Method::POST, "/equipements/register", json!({ "site_id": other, "nom": "Pétrin" })).await;
    send(Method::PUT, "/clients/update", json!({ "client_id": client, "nom": "Moreau", "code": 15 })).await;
    send(Method::PUT, "/clients/update", json!({ "client_id": registered, "nom": "Noël", "code": 12 })).await;
    send(Method::DELETE, &format!("/sites/{site}"), Value::Null).await;
    send(Method::POST, &format!("/sites/{site}/reactivate"), Value::Null).await;
    send(Method::DELETE, &format!("/clients/{client}"), Value::Null).await;
    let since = since.to_rfc3339_opts(SecondsFormat::Millis, true);
    let changes = run(&["changes", "--since", &since, "--endpoint", new.endpoint()]).await;
    assert_eq!(changes.stdout.lines().count(), 9, "{}{}", changes.stdout, changes.stderr);
    // The other service answers as a copy that the same requests are sent to.
    let copy = Api::start().await;
    run(&["adopt", "--from", old.url(), "--endpoint", copy.endpoint()]).await.assert_taken_over(4, 0);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("changes.jsonl");
    fs::write(&file, changes.stdout).expect("a file");
    let traffic = ["--traffic", file.to_str().expect("text"), "--writes"];
    let ended = run(&[&["compare", "--old", old.url(), "--new", copy.url()], &traffic[..]].concat()).await;
    assert_eq!(ended.stdout, "9 requests compared, 0 answered differently\n");
    let names = async |api: &Api, path: &str| {
        let list = body(api.get(path).await).await;
        let shown = ["nom", "code", "sites", "equipements", "type", "status"];
        let values = |entity: &Value| shown.map(|name| entity[name].clone());
        list.as_array().expect("a list").iter().map(values).collect::<Vec<_>>()
    };
    for path in ["/clients/all", "/sites/all", "/equipements/all"] {
        assert_eq!(names(old, path).await, names(new, path).await, "{path}");
    }
}

#[tokio::test]
async fn a_file_that_is_not_traffic_is_refused_before_anything_is_sent() {
    let copies = Copies::new().await;
    let requests = [
        json!({ "method": "DELETE", "path": format!("/clients/{}", copies.client) }),
        json!({ "method": "PATCH", "path": "/" }),
    ];
    let ended = copies.replay(&requests, &["--writes"]).await;
    assert!(ended.stderr.ends_with("traffic.jsonl, line 2: the method PATCH is not GET, POST, PUT or DELETE\n"));
    assert_eq!(body(copies.old.get("/clients/all").await).await[0]["status"], "actif");
    let missing = failure(&["compare", "--old", "http://a", "--new", "http://b", "--traffic", "/nowhere"]).await;
    assert!(missing.starts_with("cannot open /nowhere: "), "{missing}");
}

#[tokio::test]
async fn a_service_that_fails_is_reported_and_not_compared() {
    let api = Api::start().await;
    let client = api.register("Morin", 12).await;
    let old = OldService::start().await;
    old.answers("/clients/all", &json!([client]).to_string());
    let page = format!("/clients/{}/infos", client["client_id"].as_str().expect("an identifier"));
    old.answers(&page, "[]");
    old.disturb(&page, Trouble::Cut, 5);
    let ended = run(&["compare", "--old", &old.url, "--new", api.url()]).await;
    let lines: Vec<_> = ended.stdout.lines().collect();
    assert!(lines[0].starts_with(&format!("GET {page}: GET {}{page} failed: ", old.url)), "{lines:?}");
    // This path answers 404 with another text.
    assert!(lines[1].contains("/infos: detail: \"Not Found\" in the old service, \"Client introuvable\""), "{lines:?}");
    assert_eq!(lines[2], "the old service has no /sites/all, which is not compared, and neither are its entities");
    assert_eq!(lines[4], "3 requests compared, 2 answered differently");
    let error = failure(&["compare", "--old", api.url(), "--new", api.url()]).await;
    assert_eq!(error, format!("--old and --new are the same service, {}; name two", api.url()));
    let nothing = OldService::start().await;
    let error = failure(&["compare", "--old", &nothing.url, "--new", api.url()]).await;
    assert_eq!(error, format!("{}/clients/all does not exist; check --old", nothing.url));
}

#[tokio::test]
async fn pages_of_a_list_are_compared_as_one() {
    // Two pages of parc: its list is too large for one response.
    let (old, new) = (OldService::start().await, Api::start().await);
    let mut clients = Vec::new();
    for code in 0..40 {
        clients.push(new.register("Morin", code).await);
    }
    let pages = format!("{}/clients/all?limit=7", new.url());
    let answer = reqwest::get(&pages).await.expect("an answer");
    assert!(answer.headers().contains_key("link"));
    old.answers("/clients/all?limit=7", &json!(clients).to_string());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("traffic.jsonl");
    fs::write(&file, json!({ "method": "GET", "path": "/clients/all?limit=7" }).to_string()).expect("a file");
    let traffic = file.to_str().expect("text");
    let ended = run(&["compare", "--old", &old.url, "--new", new.url(), "--traffic", traffic]).await;
    assert_eq!(ended.stdout, "1 requests compared, 0 answered differently\n", "{}", ended.stderr);
}
