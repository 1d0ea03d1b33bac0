//! Concurrent calls on one équipement, with faults and with retries under keys: each takes effect once, at
//! one moment between its first attempt and its answer.

use std::time::Duration;

use fastrand::Rng;
use futures_util::future::join_all;
use reqwest::{Method, Response};
use serde_json::json;
use testkit::linear::entity::{Call, Entity, EntityModel, Fields, Reply};
use testkit::linear::{self, Outcome, Recorder};
use testkit::{Fault, Proxy};

use crate::entities::{Entities, send, tag, version};
use crate::histories::recount;
use crate::support::{Api, body};

/// Maximum attempts of a patient caller. An impatient one gives up after the first 503.
const ATTEMPTS: usize = 100;

/// Returns faults of every kind. Each applies to a few per cent of the calls; some fail the request with a
/// 503, after which nobody knows whether the write was or will be carried out.
pub(crate) fn mixture(seed: u64) -> Vec<Fault> {
    let write = |number: u64| Fault::sometimes(0.04, seed * 100 + number, "TransactWriteItems");
    let read = |number: u64| Fault::sometimes(0.03, seed * 100 + 50 + number, "GetItem");
    vec![
        write(0).answers(Fault::CONFLICT),
        write(1).answers(Fault::TRANSACTION_THROTTLED),
        write(2).answers(Fault::THROTTLED),
        write(3).answers(Fault::IN_PROGRESS),
        write(4).answers(Fault::HTML_PAGE),
        write(5).answers(Fault::EMPTY_SUCCESS),
        write(6).answers_after(Fault::SERVER_ERROR),
        write(7).drops_the_answer(),
        write(8).truncates_the_answer(),
        write(9).drops_the_call(),
        write(10).delays_the_call(Duration::from_millis(30)),
        write(11).delays_the_call(Duration::from_millis(300)),
        write(12).answers(Fault::NO_TABLE),
        write(13).answers_after(Fault::NO_TABLE),
        write(14).answers_before(Fault::NO_TABLE, Duration::from_millis(5)),
        write(15).answers_before(Fault::NO_TABLE, Duration::from_millis(300)),
        read(0).answers(Fault::THROTTLED),
        read(1).answers(Fault::EMPTY_SUCCESS),
        read(2).drops_the_call(),
        read(3).truncates_the_answer(),
        read(4).answers(Fault::NO_TABLE),
    ]
}

/// An équipement, and two sites between which it moves.
struct Subject<'a> {
    api: &'a Api,
    sites: [&'a str; 2],
    id: String,
}

impl Subject<'_> {
    /// Sends a call under one key until it has a reply, but at most so many times.
    async fn call(&self, key: &str, call: &Call, attempts: usize) -> Option<Reply> {
        for _ in 0..attempts {
            let answer = self.send(key, call).await;
            match answer.status().as_u16() {
                503 => {}
                412 => return Some(Reply::Refused { current: version(&tag(&answer)) }),
                200 => return Some(reply(call, answer).await),
                status => panic!("{call:?}: {status}"),
            }
        }
        None
    }

    /// Repeats a registration until it succeeds, and returns the identifier in the kept answer.
    async fn registered(&self, key: &str, register: &Call) -> String {
        for _ in 0..ATTEMPTS {
            let answer = self.send(key, register).await;
            if answer.status() == 200 {
                return body(answer).await["equipement_id"].as_str().expect("an id").to_owned();
            }
        }
        panic!("{key} had no answer in {ATTEMPTS} attempts")
    }

    async fn send(&self, key: &str, call: &Call) -> Response {
        let path = format!("/equipements/{}", self.id);
        let (method, path, sent, expected) = match call {
            Call::Register(fields) => {
                let sent = json!({ "site_id": fields.site, "nom": fields.nom });
                (Method::POST, "/equipements/register".to_owned(), Some(sent), None)
            }
            Call::Update { fields, expected } => {
                let sent = json!({ "equipement_id": self.id, "site_id": fields.site, "nom": fields.nom });
                (Method::PUT, "/equipements/update".to_owned(), Some(sent), *expected)
            }
            Call::SetStatus { active: true, expected } => (Method::POST, format!("{path}/reactivate"), None, *expected),
            Call::SetStatus { active: false, expected } => (Method::DELETE, path, None, *expected),
            Call::Read => (Method::GET, format!("{path}/infos"), None, None),
        };
        let expected = expected.map(|version| format!("\"{version}-\""));
        let tag = expected.as_ref().map(|expected| ("if-match", expected.as_str()));
        let headers: Vec<_> = tag.into_iter().chain([("idempotency-key", key)]).collect();
        send(self.api, method, &path, sent, &headers).await
    }

    /// Returns a random call of a caller whose last read returned this version.
    fn random_call(&self, rng: &mut Rng, seen: u64) -> Call {
        let expected = rng.bool().then_some(seen);
        match rng.u32(0..10) {
            0..5 => {
                let site = self.sites[rng.usize(0..2)].to_owned();
                Call::Update { fields: Fields { nom: format!("nom {}", rng.u32(0..4)), site: Some(site) }, expected }
            }
            5..7 => Call::SetStatus { active: rng.bool(), expected },
            _ => Call::Read,
        }
    }
}

async fn reply(call: &Call, answer: Response) -> Reply {
    if let Call::SetStatus { .. } = call {
        return Reply::Done;
    }
    let version = version(&tag(&answer));
    let entity = body(answer).await;
    let text = |name: &str| entity[name].as_str().expect("text").to_owned();
    let fields = Fields { nom: text("nom"), site: Some(text("site_id")) };
    let entity = Entity { version, fields, active: entity["status"] == "actif" };
    if *call == Call::Read { Reply::Found(entity) } else { Reply::Written(entity) }
}

/// Lets three callers use one équipement, and checks their replies. Returns the number of calls that had a
/// reply.
async fn check_history(api: &Api, sites: [&str; 2], seed: u64) -> usize {
    let recorder = Recorder::default();
    let mut subject = Subject { api, sites, id: String::new() };
    let register = Call::Register(Fields { nom: "nom".to_owned(), site: Some(sites[0].to_owned()) });
    let key = format!("{seed}-register");
    recorder.record(0, register.clone(), async |call| subject.call(&key, call, ATTEMPTS).await).await;
    subject.id = subject.registered(&key, &register).await;
    let callers = (1..=3).map(|caller: usize| {
        let (subject, recorder) = (&subject, &recorder);
        async move {
            let mut rng = Rng::with_seed(seed * 10 + caller as u64);
            let mut version = 1;
            for number in 0..8 {
                let call = subject.random_call(&mut rng, version);
                let key = format!("{seed}-{caller}-{number}");
                let attempts = if rng.bool() { ATTEMPTS } else { 1 };
                recorder
                    .record(caller, call, async |call| {
                        let reply = subject.call(&key, call, attempts).await;
                        if let Some(Reply::Written(entity) | Reply::Found(entity)) = &reply {
                            version = entity.version;
                        }
                        reply
                    })
                    .await;
            }
        }
    });
    join_all(callers).await;
    let history = recorder.into_history();
    linear::check::<EntityModel>(&history).unwrap_or_else(|violation| panic!("seed {seed}: {violation}"));
    history.iter().filter(|operation| operation.outcome != Outcome::Unknown).count()
}

#[tokio::test]
async fn random_histories_with_faults_are_linearizable() {
    let entities = Entities::new().await;
    let other = json!({ "client_id": entities.client["client_id"], "nom": "Dépôt" });
    let other = body(entities.api.post("/sites/register", other.to_string()).await).await;
    let [site, other] = [&entities.site, &other].map(|site| site["site_id"].as_str().expect("an id"));
    let lanes = (0..8).map(async |lane: u64| {
        let (through, proxy): (Api, Proxy) = entities.api.behind(mixture(lane)).await;
        let mut answered = 0;
        for number in 0..25 {
            answered += check_history(&through, [site, other], lane * 25 + number).await;
        }
        proxy.wait_for_delayed_calls().await;
        answered
    });
    // 200 histories of 25 calls.
    let answered: usize = join_all(lanes).await.into_iter().sum();
    assert!((4_000..5_000).contains(&answered), "{answered} of 5,000 calls had a reply");
    recount(&entities.api).await;
    assert_eq!(entities.api.findings().await, [""; 0]);
}
