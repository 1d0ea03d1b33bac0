//! Random requests, one after the other and concurrently: counters always equal what they count.

use std::collections::HashMap;
use std::sync::Mutex;

use fastrand::Rng;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Fault;

use crate::support::{Api, body};

/// Identifiers of the entities registered so far, by kind.
#[derive(Default)]
struct Known(Mutex<HashMap<&'static str, Vec<String>>>);

impl Known {
    fn random_id(&self, rng: &mut Rng, kind: &str) -> Option<String> {
        let known = self.0.lock().expect("a lock");
        rng.choice(known.get(kind)?).cloned()
    }

    fn add(&self, kind: &'static str, answer: &Value) {
        let id = answer[format!("{kind}_id")].as_str().expect("an id").to_owned();
        self.0.lock().expect("a lock").entry(kind).or_default().push(id);
    }
}

/// Returns the method, path and body of a random request, or `None` if it needs an entity and none exists yet.
fn request(rng: &mut Rng, known: &Known, kind: &'static str) -> Option<(Method, String, Option<Value>)> {
    let parent = |rng: &mut Rng, kind| known.random_id(rng, kind);
    let nom = format!("nom {}", rng.u32(..));
    let register = |body| Some((Method::POST, format!("/{kind}s/register"), Some(body)));
    match (rng.u32(0..10), kind) {
        (0..4, "client") => register(json!({ "nom": nom, "code": rng.i64(0..1000) })),
        (0..4, "site") => register(json!({ "client_id": parent(rng, "client")?, "nom": nom })),
        (0..4, _) => register(json!({ "site_id": parent(rng, "site")?, "nom": nom })),
        (4..7, _) => {
            let id = known.random_id(rng, kind)?;
            let update = match kind {
                "client" => json!({ "client_id": id, "nom": nom, "code": rng.i64(0..1000) }),
                "site" => json!({ "site_id": id, "nom": nom }),
                _ => json!({ "equipement_id": id, "site_id": parent(rng, "site")?, "nom": nom }),
            };
            Some((Method::PUT, format!("/{kind}s/update"), Some(update)))
        }
        (7, _) => Some((Method::DELETE, format!("/{kind}s/{}", known.random_id(rng, kind)?), None)),
        _ => Some((Method::POST, format!("/{kind}s/{}/reactivate", known.random_id(rng, kind)?), None)),
    }
}

/// Sends a random request, and checks that the contract allows its status.
async fn step(api: &Api, rng: &mut Rng, known: &Known) {
    let kind = ["client", "site", "equipement", "equipement", "equipement"][rng.usize(0..5)];
    let Some((method, path, sent)) = request(rng, known, kind) else { return };
    let mut call = api.request(method, &path);
    if let Some(sent) = sent {
        call = call.header("content-type", "application/json").body(sent.to_string());
    }
    let response = call.send().await.expect("an answer");
    let status = response.status().as_u16();
    assert!([200, 404, 409, 503].contains(&status), "{path}: {status}");
    if status == 200 && path.ends_with("/register") {
        known.add(kind, &body(response).await);
    }
}

/// Returns the number of active entities that have this value under `name`.
fn count_active(entities: &Value, name: &str, value: &Value) -> u64 {
    let counted = |it: &&Value| it["status"] == "actif" && it[name] == *value;
    entities.as_array().expect("a list").iter().filter(counted).count() as u64
}

/// Checks every counter against the lists, without any code of parc's own recount.
pub(crate) async fn recount(api: &Api) {
    let list = async |kind: &str| body(api.get(&format!("/{kind}/all")).await).await;
    let (clients, sites, equipements) = (list("clients").await, list("sites").await, list("equipements").await);
    let mut of_active_sites: HashMap<String, u64> = HashMap::new();
    for site in sites.as_array().expect("a list") {
        let counted = count_active(&equipements, "site_id", &site["site_id"]);
        assert_eq!(site["equipements"], counted, "{site}");
        if site["status"] == "actif" {
            *of_active_sites.entry(site["client_id"].to_string()).or_default() += counted;
        }
    }
    for client in clients.as_array().expect("a list") {
        assert_eq!(client["sites"], count_active(&sites, "client_id", &client["client_id"]), "{client}");
        let counted = of_active_sites.get(&client["client_id"].to_string()).copied().unwrap_or_default();
        assert_eq!(client["equipements"], counted, "{client}");
    }
    let codes: std::collections::HashSet<_> =
        clients.as_array().into_iter().flatten().map(|c| c["code"].to_string()).collect();
    assert_eq!(codes.len(), clients.as_array().map_or(0, Vec::len), "two clients have one code");
}

#[tokio::test]
async fn counters_are_right_after_each_random_request() {
    for seed in 0..4 {
        let (api, known, mut rng) = (Api::start().await, Known::default(), Rng::with_seed(seed));
        for _ in 0..120 {
            step(&api, &mut rng, &known).await;
            recount(&api).await;
        }
        assert_eq!(api.findings().await, [""; 0]);
    }
}

#[tokio::test]
async fn counters_are_right_after_concurrent_faults() {
    for seed in 0..2 {
        let (api, known) = (Api::start().await, Known::default());
        let faults = vec![
            Fault::every(3, "TransactWriteItems").answers(Fault::CONFLICT),
            Fault::every(11, "TransactWriteItems").answers_after(Fault::SERVER_ERROR),
            Fault::every(7, "TransactWriteItems").answers(Fault::THROTTLED),
            Fault::every(5, "TransactWriteItems").drops_the_answer(),
            Fault::every(13, "TransactWriteItems").truncates_the_answer(),
            Fault::every(9, "TransactWriteItems").answers(Fault::HTML_PAGE),
            Fault::every(7, "GetItem").answers(Fault::THROTTLED),
            Fault::every(5, "GetItem").drops_the_call(),
        ];
        let (through, _proxy) = api.behind(faults).await;
        let callers = (0..32).map(|caller| {
            let (through, known) = (&through, &known);
            async move {
                let mut rng = Rng::with_seed(seed * 32 + caller);
                for _ in 0..25 {
                    step(through, &mut rng, known).await;
                }
            }
        });
        join_all(callers).await;
        recount(&api).await;
        assert_eq!(api.findings().await, [""; 0]);
    }
}

#[tokio::test]
async fn concurrent_registrations_are_all_counted() {
    let api = Api::start().await;
    let client = api.register("Boulangerie Morin", 12).await;
    let site = json!({ "client_id": client["client_id"], "nom": "Fournil" }).to_string();
    let site = body(api.post("/sites/register", site).await).await;
    let register = async |_| {
        let equipement = json!({ "site_id": site["site_id"], "nom": "Four" }).to_string();
        api.post("/equipements/register", equipement).await.status().as_u16()
    };
    let statuses = join_all((0..64).map(register)).await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    recount(&api).await;
    assert_eq!(body(api.get("/clients/all").await).await[0]["equipements"], 64);
}
