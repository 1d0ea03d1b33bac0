//! Races of two requests: the first is held up between its read and its write, and the second changes
//! what it read.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Fault, Gate};
use tokio::time::{Instant, timeout};

use crate::histories::recount;
use crate::support::{Api, body};

/// How long the first may take to come to its write.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client with two sites and an équipement at the first, by their identifiers.
struct World {
    api: Api,
    client: String,
    sites: [String; 2],
    equipement: String,
}

async fn call(api: &Api, method: Method, path: &str, sent: Option<Value>) -> (u16, Value) {
    let mut request = api.request(method, path);
    if let Some(sent) = sent {
        request = request.header("content-type", "application/json").body(sent.to_string());
    }
    let response = request.send().await.expect("an answer");
    (response.status().as_u16(), body(response).await)
}

async fn register(api: &Api, kind: &str, sent: Value) -> String {
    let (status, answer) = call(api, Method::POST, &format!("/{kind}s/register"), Some(sent)).await;
    assert_eq!(status, 200, "{answer}");
    answer[format!("{kind}_id")].as_str().expect("an id").to_owned()
}

impl World {
    async fn new() -> Self {
        let api = Api::start().await;
        let client = register(&api, "client", json!({ "nom": "Boulangerie Morin", "code": 12 })).await;
        let site = json!({ "client_id": client, "nom": "Fournil" });
        let sites = [register(&api, "site", site.clone()).await, register(&api, "site", site).await];
        let equipement = register(&api, "equipement", json!({ "site_id": sites[0], "nom": "Four" })).await;
        Self { api, client, sites, equipement }
    }

    /// Returns the answer to the first request, which reads before the second writes, and writes after it.
    async fn race(
        &self,
        first: (Method, String, Option<Value>),
        second: (Method, String, Option<Value>),
    ) -> (u16, Value) {
        let gate = Arc::new(Gate::default());
        let conflict = Fault::until(&gate, "TransactWriteItems").answers(Fault::CONFLICT);
        let (through, _proxy) = self.api.behind(vec![conflict]).await;
        let meanwhile = async {
            timeout(PATIENCE, gate.reached()).await.expect("the first to write");
            let (status, answer) = call(&self.api, second.0, &second.1, second.2).await;
            assert_eq!(status, 200, "{answer}");
            gate.open();
        };
        let (answer, ()) = futures_util::join!(call(&through, first.0, &first.1, first.2), meanwhile);
        recount(&self.api).await;
        assert_eq!(self.api.findings().await, [""; 0]);
        answer
    }

    fn recode(&self, code: i64) -> (Method, String, Option<Value>) {
        let sent = json!({ "client_id": self.client, "nom": "Boulangerie Morin", "code": code });
        (Method::PUT, "/clients/update".to_owned(), Some(sent))
    }

    fn install(&self) -> (Method, String, Option<Value>) {
        (Method::POST, "/equipements/register".to_owned(), Some(json!({ "site_id": self.sites[0], "nom": "Pétrin" })))
    }

    fn place_at(&self, site: usize) -> (Method, String, Option<Value>) {
        let sent = json!({ "equipement_id": self.equipement, "site_id": self.sites[site], "nom": "Four" });
        (Method::PUT, "/equipements/update".to_owned(), Some(sent))
    }

    fn move_away(&self) -> (Method, String, Option<Value>) {
        self.place_at(1)
    }
}

fn deactivate(kind: &str, id: &str) -> (Method, String, Option<Value>) {
    (Method::DELETE, format!("/{kind}s/{id}"), None)
}

#[tokio::test]
async fn a_recode_keeps_concurrent_counts() {
    let world = World::new().await;
    let (status, answer) = world.race(world.recode(13), world.install()).await;
    // The answer shows the counters that the change was decided on.
    assert_eq!((status, &answer["code"], &answer["equipements"]), (200, &json!(13), &json!(1)));
    let (_, clients) = call(&world.api, Method::GET, "/clients/all", None).await;
    assert_eq!((&clients[0]["code"], &clients[0]["equipements"]), (&json!(13), &json!(2)));
}

#[tokio::test]
async fn a_code_the_client_already_got_is_not_taken() {
    let world = World::new().await;
    let (status, answer) = world.race(world.recode(13), world.recode(13)).await;
    assert_eq!((status, &answer["code"]), (200, &json!(13)));
}

#[tokio::test]
async fn deactivating_a_site_counts_concurrent_installs() {
    let world = World::new().await;
    let (status, _) = world.race(deactivate("site", &world.sites[0]), world.install()).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn deactivation_survives_its_site_being_deactivated() {
    let world = World::new().await;
    let first = deactivate("equipement", &world.equipement);
    let (status, _) = world.race(first, deactivate("site", &world.sites[0])).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_move_survives_a_concurrent_deactivation() {
    let world = World::new().await;
    let (status, answer) = world.race(world.move_away(), deactivate("equipement", &world.equipement)).await;
    assert_eq!((status, &answer["status"], &answer["site_id"]), (200, &json!("inactif"), &json!(world.sites[1])));
}

#[tokio::test]
async fn deactivation_follows_a_concurrent_move() {
    let world = World::new().await;
    let (status, _) = world.race(deactivate("equipement", &world.equipement), world.move_away()).await;
    assert_eq!(status, 200);
    let (_, infos) = call(&world.api, Method::GET, &format!("/equipements/{}/infos", world.equipement), None).await;
    assert_eq!([&infos["status"], &infos["site_id"]], [&json!("inactif"), &json!(world.sites[1])]);
}

#[tokio::test]
async fn two_equal_moves_move_once() {
    let world = World::new().await;
    let (status, answer) = world.race(world.move_away(), world.move_away()).await;
    assert_eq!((status, &answer["site_id"]), (200, &json!(world.sites[1])));
}

#[tokio::test]
async fn an_update_wins_over_a_concurrent_move() {
    let world = World::new().await;
    let sent = json!({ "equipement_id": world.equipement, "site_id": world.sites[0], "nom": "Four à sole" });
    let renamed = (Method::PUT, "/equipements/update".to_owned(), Some(sent));
    let (status, answer) = world.race(renamed, world.move_away()).await;
    assert_eq!((status, &answer["site_id"]), (200, &json!(world.sites[0])));
}

#[tokio::test]
async fn concurrent_deactivations_of_an_equipement_count_once() {
    let world = World::new().await;
    let twice = || deactivate("equipement", &world.equipement);
    assert_eq!(world.race(twice(), twice()).await, (200, json!(true)));
}

#[tokio::test]
async fn concurrent_deactivations_of_a_site_count_once() {
    let world = World::new().await;
    let twice = || deactivate("site", &world.sites[0]);
    assert_eq!(world.race(twice(), twice()).await, (200, json!(true)));
}

#[tokio::test]
async fn an_equipement_is_found_while_it_moves() {
    let world = World::new().await;
    let path = format!("/equipements/{}/infos", world.equipement);
    let moves = async {
        for place in 0..80 {
            let (method, path, sent) = world.place_at(place % 2);
            assert_eq!(call(&world.api, method, &path, sent).await.0, 200);
        }
    };
    let look = async {
        for _ in 0..160 {
            assert_eq!(call(&world.api, Method::GET, &path, None).await.0, 200);
        }
    };
    futures_util::join!(moves, look);
}

#[tokio::test]
async fn a_site_that_changes_back_and_forth_fails_no_deactivation() {
    let world = World::new().await;
    let (api, site) = (&world.api, &world.sites[0]);
    let end = Instant::now() + Duration::from_secs(3);
    let toggle = async {
        while Instant::now() < end {
            for (method, path) in
                [(Method::DELETE, format!("/sites/{site}")), (Method::POST, format!("/sites/{site}/reactivate"))]
            {
                assert_eq!(call(api, method, &path, None).await.0, 200);
            }
        }
    };
    let deactivate = async {
        while Instant::now() < end {
            let path = format!("/equipements/{}", world.equipement);
            assert_eq!(call(api, Method::DELETE, &path, None).await.0, 200);
            let status = call(api, Method::POST, &format!("{path}/reactivate"), None).await.0;
            assert!([200, 409].contains(&status), "{status}");
        }
    };
    futures_util::join!(toggle, deactivate);
    recount(api).await;
    assert_eq!(api.findings().await, [""; 0]);
}
