//! `parc compare`.

use std::fs;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

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
        (Some(0), "12 requests compared, 0 answered differently\n")
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
            format!("GET /sites/{site}/infos: equipements.{equipement}: missing in the new service"),
            format!("GET /equipements/all: {equipement}.status: {status}"),
            format!("GET /equipements/all?site_id={site}: {equipement}.status: {status}"),
            format!("GET /equipements/{equipement}/infos: status: {status}"),
        ],
        "13 requests compared, 9 answered differently",
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
        json!({ "method": "OPTIONS", "path": "/clients/all" }),
    ];
    let ended = copies.replay(&requests, &[]).await;
    let others = "lines with other methods or paths than those of the API, not sent: 1\n";
    let stdout = ended.stdout.strip_prefix(others).expect("a line");
    assert!(stdout.ends_with(
        "requests that write, not sent: 1; --writes sends them to two copies\n3 requests compared, 1 answered differently\n"
    ));
    assert!(stdout.starts_with("GET /clients/all?code=14: "));
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
async fn a_file_that_is_not_traffic_is_refused_before_anything_is_sent() {
    let copies = Copies::new().await;
    let requests =
        [json!({ "method": "DELETE", "path": format!("/clients/{}", copies.client) }), json!({ "method": "GET" })];
    let ended = copies.replay(&requests, &["--writes"]).await;
    assert!(
        ended.error().ends_with("traffic.jsonl, line 2: missing field `path` at line 1 column 16"),
        "{}",
        ended.stderr
    );
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
async fn equal_errors_are_not_equal_services() {
    let [old, new] = [OldService::start().await, OldService::start().await];
    let compare = async || run(&["compare", "--old", &old.url, "--new", &new.url]).await;
    for service in [&old, &new] {
        service.answers("/clients/all", "<html>");
    }
    let error = format!("the answer to GET {}/clients/all is not a list in JSON: expected value", old.url);
    assert!(compare().await.error().starts_with(&error));
    for service in [&old, &new] {
        service.disturb("/clients/all", Trouble::Status(401), 1);
    }
    let error = format!("GET {}/clients/all is answered 401: it asks for a token; pass one that may read", old.url);
    assert_eq!(compare().await.error(), error);
}

#[tokio::test]
async fn a_status_that_differs_from_the_recorded_one_is_reported() {
    let copies = Copies::new().await;
    let request = json!({ "method": "DELETE", "path": "/sites/x", "status": 200 });
    let difference = "DELETE /sites/x: both services answer 404, but 200 was recorded".to_owned();
    let totals = "1 requests compared, 1 answered differently";
    assert_differences(&copies.replay(&[request], &["--writes"]).await, &[difference], totals);
}

#[tokio::test]
async fn pages_of_a_list_are_compared_as_one() {
    let [old, new] = [OldService::start().await, OldService::start().await];
    let clients: Vec<_> =
        (1..4).map(|number| json!({ "client_id": Uuid::from_u128(number), "nom": "Morin" })).collect();
    old.answers("/clients/all", &json!(clients[..1]).to_string());
    old.links("/clients/all", "</clients/all?cursor=2>; rel=\"next\"");
    old.answers("/clients/all?cursor=2", &json!(clients[1..]).to_string());
    new.answers("/clients/all", &json!(clients).to_string());
    let compare = async || run(&["compare", "--old", &old.url, "--new", &new.url]).await;
    let ended = compare().await;
    assert!(
        ended.stdout.ends_with("\n5 requests compared, 0 answered differently\n"),
        "{}{}",
        ended.stdout,
        ended.stderr
    );
    old.answers("/clients/all?cursor=2", "<html>");
    let error = format!("the answer to GET {}/clients/all?cursor=2 is not a list in JSON: ", old.url);
    assert!(compare().await.error().starts_with(&error));
}
