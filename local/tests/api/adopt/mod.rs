//! `parc adopt`.

mod conflicts;
mod faults;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::old::OldService;
use crate::process::{Ended, run};
use crate::support::{Api, body};

/// Returns a version 4 UUID that ends with this number.
fn id(number: u32) -> String {
    format!("{:08x}-5717-4562-b3fc-2c96{number:08x}", number.wrapping_mul(0x9e37_79b9))
}

fn client(number: u32, nom: &str, code: i64, timestamp: &str) -> Value {
    let client = json!({ "client_id": id(number), "nom": nom, "code": code, "sites": 0, "equipements": 0 });
    merged(client, json!({ "status": "actif", "timestamp": timestamp }))
}

fn site(number: u32, client: u32, status: &str, timestamp: &str) -> Value {
    let site = json!({ "site_id": id(number), "client_id": id(client), "nom": format!("Site {number}") });
    merged(site, json!({ "equipements": 0, "status": status, "timestamp": timestamp }))
}

fn equipement(number: u32, [site, client]: [u32; 2], status: &str) -> Value {
    let ids = json!({ "equipement_id": id(number), "site_id": id(site), "client_id": id(client), "nom": "Four" });
    merged(ids, json!({ "type": null, "numero_serie": "🧊-1", "status": status, "timestamp": NEW }))
}

fn merged(mut one: Value, mut other: Value) -> Value {
    one.as_object_mut().expect("an object").append(other.as_object_mut().expect("an object"));
    one
}

/// Enough sites for several transactions.
const SOME: u32 = 70;

const OLD: &str = "2019-03-01T00:00:00.000Z";
const NEW: &str = "2025-11-06T16:55:01.544Z";

/// Takes an old service over into the table of an API.
async fn adopt(old: &OldService, endpoint: &str) -> Ended {
    run(&["adopt", "--from", &old.url, "--endpoint", endpoint]).await
}

impl Ended {
    /// Checks that the takeover left differences, and returns them without the last two lines.
    pub(crate) fn differences(&self) -> Vec<&str> {
        assert_eq!(self.status.code(), Some(1), "{}{}", self.stdout, self.stderr);
        let lines: Vec<_> = self.stdout.lines().collect();
        let (differences, totals) = lines.split_at(lines.len() - 3);
        assert_eq!(totals[2], format!("differences, listed above: {}", differences.len()));
        differences.to_vec()
    }

    /// Checks that everything was taken over, and nothing differs.
    pub(crate) fn assert_taken_over(&self, added: usize, existing: usize) {
        assert_eq!(self.status.code(), Some(0), "{}{}", self.stdout, self.stderr);
        let total = format!("{added} entities taken over, {existing} were there already, 0 left out");
        let lines: Vec<_> = self.stdout.lines().collect();
        assert!(
            matches!(lines[..], [first, units, "differences, listed above: 0"]
            if first == total && units.starts_with("the writing consumed ")),
            "{}",
            self.stdout
        );
    }
}

/// Returns a register with equal timestamps, inactive entities, codes at both ends of 64 bits, and a client with this
/// number of sites.
fn register(sites_of_one: u32) -> [Vec<Value>; 3] {
    let mut clients: Vec<_> = (0..40).map(|number| client(number, "Morin", i64::from(number), OLD)).collect();
    clients.push(client(100, "🧑‍🚒 Zoe\u{301}", i64::MAX, NEW));
    clients.push(client(101, &"é".repeat(256), i64::MIN, NEW));
    clients[3]["status"] = json!("inactif");
    // Client 100 has an active site with one active équipement, and an inactive site with another one.
    let mut sites = vec![site(200, 100, "actif", OLD), site(201, 100, "inactif", OLD), site(202, 3, "actif", NEW)];
    let equipements = vec![
        equipement(300, [200, 100], "actif"),
        equipement(301, [200, 100], "inactif"),
        equipement(302, [201, 100], "actif"),
        equipement(303, [202, 3], "actif"),
    ];
    for site in &mut sites {
        site["equipements"] = json!(1);
    }
    for number in [3, 40] {
        clients[number]["sites"] = json!(1);
        clients[number]["equipements"] = json!(1);
    }
    sites.extend((400..400 + sites_of_one).map(|number| site(number, 5, "actif", NEW)));
    clients[5]["sites"] = json!(sites_of_one);
    [clients, sites, equipements]
}

#[tokio::test]
async fn lists_are_those_of_the_old_service() {
    // More sites than are written by one call of the store.
    let [clients, sites, equipements] = register(300);
    let (api, old) = (Api::start().await, OldService::with(&clients, &sites, &equipements).await);
    let count = clients.len() + sites.len() + equipements.len();
    adopt(&old, api.endpoint()).await.assert_taken_over(count, 0);
    for (path, list) in [("/clients/all", clients), ("/sites/all", sites), ("/equipements/all", equipements)] {
        assert_eq!(body(api.get(path).await).await, json!(list), "{path}");
    }
    assert_eq!(api.findings().await, [""; 0]);
}

#[tokio::test]
async fn a_repeated_takeover_changes_nothing() {
    let [clients, sites, equipements] = register(SOME);
    let (api, old) = (Api::start().await, OldService::with(&clients, &sites, &equipements).await);
    let count = clients.len() + sites.len() + equipements.len();
    adopt(&old, api.endpoint()).await.assert_taken_over(count, 0);
    let before = api.raw().items().await;
    adopt(&old, api.endpoint()).await.assert_taken_over(0, count);
    assert!(before == api.raw().items().await);
}

#[tokio::test]
async fn a_takeover_is_the_first_entry_of_the_history() {
    let [clients, sites, equipements] = register(SOME);
    let (api, old) = (Api::start().await, OldService::with(&clients, &sites, &equipements).await);
    adopt(&old, api.endpoint()).await;
    for (path, fields) in [
        (format!("/clients/{}/historique", id(3)), json!({ "nom": "Morin", "code": 3, "status": "inactif" })),
        (format!("/sites/{}/historique", id(201)), json!({ "nom": "Site 201", "status": "inactif" })),
    ] {
        let history = body(api.get(&path).await).await;
        let instant: DateTime<Utc> = history[0]["timestamp"].as_str().expect("an instant").parse().expect("an instant");
        assert!((Utc::now() - instant) < TimeDelta::minutes(2) && instant <= Utc::now());
        let entry = json!({ "version": 1, "timestamp": history[0]["timestamp"], "operation": "creation", "par": null });
        assert_eq!(history, json!([merged(entry, json!({ "requete": "adopt", "avant": null, "apres": fields }))]));
    }
}

#[tokio::test]
async fn a_register_of_parc_is_taken_over_from_its_api() {
    let (from, to) = (Api::start().await, Api::start().await);
    let client = from.register("Morin", 12).await;
    let site = json!({ "client_id": client["client_id"], "nom": "Fournil" });
    let site = body(from.post("/sites/register", site.to_string()).await).await;
    let equipement = json!({ "site_id": site["site_id"], "nom": "Four" });
    assert_eq!(from.post("/equipements/register", equipement.to_string()).await.status(), 200);
    run(&["adopt", "--from", from.url(), "--endpoint", to.endpoint()]).await.assert_taken_over(3, 0);
    let compared = run(&["compare", "--old", from.url(), "--new", to.url()]).await;
    assert_eq!(compared.stdout, "11 requests compared, 0 answered differently\n");
    assert!(compared.status.success());
}

#[tokio::test]
async fn a_service_with_clients_only_is_taken_over_as_far_as_it_tells() {
    let api = Api::start().await;
    let (mut one, other) = (client(1, "Morin", 1, OLD), client(2, "Petit", 2, OLD));
    one["sites"] = json!(2);
    one["equipements"] = json!(3);
    let old = OldService::start().await;
    old.answers("/clients/all", &json!([one, other]).to_string());
    let sites = json!([
        { "site_id": id(11), "nom": "Fournil", "equipements": 3 },
        { "site_id": id(10), "nom": "Dépôt", "equipements": 0 },
    ]);
    old.answers(&format!("/clients/{}/infos", id(1)), &merged(one, json!({ "sites": sites })).to_string());
    old.answers(&format!("/clients/{}/infos", id(2)), &merged(other, json!({ "sites": [] })).to_string());
    let counted = [
        format!("client {}: equipements is 3 in the old service, 0 in parc", id(1)),
        format!("site {}: equipements is 3 in the old service, 0 in parc", id(11)),
    ];
    for _ in 0..2 {
        let ended = adopt(&old, api.endpoint()).await;
        let differences = ended.differences();
        assert!(differences[0].starts_with("the old service has no /equipements/all: "));
        assert!(differences[1].starts_with("the old service has no /sites/all: "));
        assert_eq!(differences[2..], counted);
    }
    let page = body(api.get(&format!("/clients/{}/infos", id(1))).await).await;
    let names: Vec<_> = page["sites"].as_array().expect("sites").iter().map(|site| &site["nom"]).collect();
    assert_eq!(names, ["Fournil", "Dépôt"]);
    assert_eq!(api.findings().await, [""; 0]);
}
