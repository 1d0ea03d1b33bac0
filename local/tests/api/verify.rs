//! The operator's recount: a table that is wrong in every way, found and mended.

use serde_json::{Value, json};
use tokio::process::Command;

use crate::raw::{Raw, number, text};
use crate::support::{Api, body};

async fn post(api: &Api, path: &str, sent: Value) -> Value {
    body(api.post(path, sent.to_string()).await).await
}

fn id(entity: &Value, kind: &str) -> String {
    entity[format!("{kind}_id")].as_str().expect("an id").to_owned()
}

async fn parc_verify(api: &Api, options: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parc"));
    let output = command.args(["verify", "--endpoint", api.endpoint()]).args(options).output().await.expect("an end");
    (output.status.success(), String::from_utf8(output.stdout).expect("text"))
}

#[tokio::test]
async fn every_kind_of_difference_is_found_and_mended() {
    let api = Api::start().await;
    let client = api.register("Boulangerie Morin", 12).await;
    let site = post(&api, "/sites/register", json!({ "client_id": client["client_id"], "nom": "Fournil" })).await;
    let equipement = post(&api, "/equipements/register", json!({ "site_id": site["site_id"], "nom": "Four" })).await;
    let other = api.register("Café du Port", 13).await;
    assert_eq!(parc_verify(&api, &[]).await, (true, "8 items, 0 differences, 0 mended\n".to_owned()));

    let raw = Raw::new(&api);
    let (client, site, equipement) = (id(&client, "client"), id(&site, "site"), id(&equipement, "equipement"));
    let (other, nobody) = (id(&other, "client"), "019a5a1e-3c08-7000-8000-000000000009");
    let (client_key, site_key) = (format!("CLIENT#{client}"), format!("SITE#{site}"));
    raw.set([&client_key, "CLIENT"], "sites", number(7)).await;
    raw.set([&client_key, &site_key], "equipements", number(0)).await;
    raw.set([&site_key, &format!("EQUIPEMENT#{equipement}")], "client_id", text(&other)).await;
    raw.delete(["CODE#13", "CODE"]).await;
    raw.set(["CODE#14", "CODE"], "client_id", text(&other)).await;
    raw.delete([&format!("EQUIPEMENT#{equipement}"), "EQUIPEMENT"]).await;
    raw.set([&format!("SITE#{nobody}"), "SITE"], "client_id", text(&other)).await;
    raw.set([&format!("EQUIPEMENT#{nobody}"), "EQUIPEMENT"], "site_id", text(&site)).await;

    let expected = [
        format!("client {client}: sites is 7, counted 1; equipements is 1, counted 1"),
        format!("site {site}: equipements is 0, counted 1"),
        format!("client {other}: its code 13 is not reserved for it"),
        format!("CODE#14: reserved for client {other}, which does not have it"),
        format!("équipement {equipement}: is at site {site}, which is not said of it"),
        format!("site {nobody}: said to be at client {other}, where it is not"),
        format!("équipement {nobody}: said to be at site {site}, where it is not"),
    ];
    let (good, said) = parc_verify(&api, &[]).await;
    assert!(!good);
    for difference in &expected {
        assert!(said.contains(&format!("{difference}\n")), "{difference} is not in\n{said}");
    }
    assert!(said.ends_with("9 items, 7 differences, 0 mended\n"), "{said}");

    // The équipement's client is looked at once it is said where the équipement is.
    let (_, said) = parc_verify(&api, &["--repair"]).await;
    assert_eq!(said.matches("(mended)").count(), 7, "{said}");
    let (_, said) = parc_verify(&api, &["--repair"]).await;
    assert!(said.contains(&format!("équipement {equipement}: says client {other}")), "{said}");
    assert_eq!(parc_verify(&api, &[]).await, (true, "8 items, 0 differences, 0 mended\n".to_owned()));
}

#[tokio::test]
async fn counters_below_zero_and_entities_off_the_lists_are_mended() {
    let api = Api::start().await;
    let client = api.register("Boulangerie Morin", 12).await;
    let site = post(&api, "/sites/register", json!({ "client_id": client["client_id"], "nom": "Fournil" })).await;
    let raw = Raw::new(&api);
    let [client_key, site_key] = [format!("CLIENT#{}", id(&client, "client")), format!("SITE#{}", id(&site, "site"))];
    raw.set([&client_key, "CLIENT"], "sites", number(-1)).await;
    raw.set([&client_key, &site_key], "equipements", number(-2)).await;
    raw.set([&client_key, &site_key], "GSI1PK", text("SITE#9")).await;
    assert_eq!(api.get("/clients/all").await.status(), 500);
    // What stands in the way of a recount is mended first.
    for _ in 0..3 {
        parc_verify(&api, &["--repair"]).await;
    }
    assert_eq!(parc_verify(&api, &[]).await, (true, "4 items, 0 differences, 0 mended\n".to_owned()));
    let client = json!({ "sites": 1, "equipements": 0 });
    let listed = body(api.get("/clients/all").await).await;
    assert_eq!([&listed[0]["sites"], &listed[0]["equipements"]], [&client["sites"], &client["equipements"]]);
    assert_eq!(body(api.get("/sites/all").await).await, json!([site]));
}

#[tokio::test]
async fn what_an_earlier_version_wrote_is_made_searchable() {
    let api = Api::start().await;
    let client = api.register("Boulangerie Morin", 12).await;
    let key = format!("CLIENT#{}", id(&client, "client"));
    Raw::new(&api).remove([&key, "CLIENT"], "GSI2SK").await;
    assert_eq!(body(api.get("/clients/all").await).await, json!([client]));
    assert_eq!(body(api.get("/clients/all?nom=bou").await).await, json!([]));
    let (good, said) = parc_verify(&api, &["--repair"]).await;
    assert!(good && said.contains("is not listed where it should be (mended)"), "{said}");
    assert_eq!(body(api.get("/clients/all?nom=bou").await).await, json!([client]));
}

#[tokio::test]
async fn a_client_that_is_lost_leaves_its_traces() {
    let api = Api::start().await;
    let client = api.register("Boulangerie Morin", 12).await;
    let site = post(&api, "/sites/register", json!({ "client_id": client["client_id"], "nom": "Fournil" })).await;
    let (client, site) = (id(&client, "client"), id(&site, "site"));
    Raw::new(&api).delete([&format!("CLIENT#{client}"), "CLIENT"]).await;
    for _ in 0..2 {
        let (good, said) = parc_verify(&api, &["--repair"]).await;
        assert!(!good && said.ends_with("3 items, 2 differences, 0 mended\n"), "{said}");
        assert!(said.contains(&format!("site {site}: its client {client} is unknown")), "{said}");
        assert!(said.contains(&format!("CODE#12: reserved for client {client}, which does not have it")), "{said}");
    }
}

#[tokio::test]
async fn what_an_index_shows_at_two_places_is_listed_once() {
    let api = Api::start().await;
    let client = api.register("Boulangerie Morin", 12).await;
    let site = post(&api, "/sites/register", json!({ "client_id": client["client_id"], "nom": "Fournil" })).await;
    let sent = json!({ "site_id": site["site_id"], "nom": "Four" });
    let equipement = post(&api, "/equipements/register", sent.clone()).await;
    let other = post(&api, "/equipements/register", sent).await;
    // As an index may be for a moment, while an équipement moves.
    let raw = Raw::new(&api);
    let at = |site: &str| [format!("SITE#{site}"), format!("EQUIPEMENT#{}", id(&equipement, "equipement"))];
    let [pk, sk] = at(&id(&site, "site"));
    let item = raw.0.get_item().table_name("parc").key("PK", text(pk)).key("SK", text(sk));
    let mut item = item.send().await.expect("an item").item.expect("an item");
    let [pk, _] = at("019a5a1e-3c08-7000-8000-000000000009");
    item.insert("PK".to_owned(), text(pk));
    raw.0.put_item().table_name("parc").set_item(Some(item)).send().await.expect("a copy");
    let listed = body(api.get("/equipements/all").await).await;
    assert_eq!(listed.as_array().map(Vec::len), Some(2), "{listed}");
    assert_eq!(
        [&listed[0]["equipement_id"], &listed[1]["equipement_id"]],
        [&equipement["equipement_id"], &other["equipement_id"]]
    );
}

#[tokio::test]
async fn what_has_an_end_is_ended_by_the_table() {
    let api = Api::start().await;
    let described = Raw::new(&api).0.describe_time_to_live().table_name("parc").send().await.expect("a description");
    let expiry = described.time_to_live_description.expect("a description");
    assert_eq!(expiry.attribute_name.as_deref(), Some("expires_at"));
    assert_eq!(expiry.time_to_live_status, Some(aws_sdk_dynamodb::types::TimeToLiveStatus::Enabled));
}

#[tokio::test]
async fn what_cannot_be_read_is_a_difference_that_says_nothing_of_its_values() {
    let api = Api::start().await;
    let client = id(&api.register("Boulangerie Morin", 12).await, "client");
    Raw::new(&api).set([&format!("CLIENT#{client}"), "CLIENT"], "status", text("Boulangerie Morin")).await;
    let (good, said) = parc_verify(&api, &["--repair"]).await;
    assert!(!good && said.contains(&format!("CLIENT#{client}")) && !said.contains("Boulangerie"), "{said}");
    // To a caller it is an internal error, with as little.
    let answer = api.get(&format!("/clients/{client}/infos")).await;
    assert_eq!(answer.status(), 500);
    assert_eq!(body(answer).await, json!({ "detail": "Erreur interne" }));
}

#[tokio::test]
async fn a_repair_while_others_write_leaves_the_counters_right() {
    let api = Api::start().await;
    let client = api.register("Boulangerie Morin", 12).await;
    let site = post(&api, "/sites/register", json!({ "client_id": client["client_id"], "nom": "Fournil" })).await;
    let raw = Raw::new(&api);
    let install = async {
        for _ in 0..60 {
            post(&api, "/equipements/register", json!({ "site_id": site["site_id"], "nom": "Four" })).await;
        }
    };
    let spoil_and_mend = async {
        for wrong in 1..6 {
            let site_key = [&format!("CLIENT#{}", id(&client, "client"))[..], &format!("SITE#{}", id(&site, "site"))];
            raw.set([&format!("CLIENT#{}", id(&client, "client")), "CLIENT"], "equipements", number(1000 * wrong))
                .await;
            raw.set(site_key, "equipements", number(2000 * wrong)).await;
            parc_verify(&api, &["--repair"]).await;
        }
    };
    futures_util::join!(install, spoil_and_mend);
    parc_verify(&api, &["--repair"]).await;
    assert_eq!(api.differences().await, [""; 0]);
    assert_eq!(body(api.get("/clients/all").await).await[0]["equipements"], 60);
}
