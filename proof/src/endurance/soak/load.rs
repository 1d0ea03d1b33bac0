//! Which requests a soak sends, and what came of them.

use std::mem;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use clap::ValueEnum;
use serde_json::json;

use crate::endurance::http::{Answer, Call, Caller};
use crate::endurance::latency::Latencies;
use crate::endurance::register::Entities;

/// Kinds of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Mix {
    /// Reads only
    Reads,
    /// Two thirds reads, one third updates, deactivations and reactivations: the number of entities is fixed
    Writes,
    /// The same, and registrations of clients: the table grows
    Registrations,
}

/// A stream of random requests about registered entities.
#[derive(Debug)]
pub(super) struct Load {
    mix: Mix,
    entities: Entities,
    /// The next code of a client.
    code: AtomicI64,
    totals: Mutex<Totals>,
}

/// What came of requests.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) latencies: Latencies,
    /// Successful writes.
    pub(super) writes: u64,
    /// Clients registered.
    pub(super) registered: u64,
    /// Responses other than 200, and requests without a response.
    pub(super) errors: u64,
    pub(super) first_error: Option<String>,
}

/// What a request does to the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    None,
    Change,
    Registration,
}

impl Totals {
    /// Adds what came of other requests.
    pub(super) fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.writes += other.writes;
        self.registered += other.registered;
        self.errors += other.errors;
        self.first_error = self.first_error.take().or(other.first_error);
    }
}

impl Load {
    pub(super) fn new(mix: Mix, entities: Entities) -> Self {
        let code = i64::try_from(entities.clients.len()).unwrap_or(i64::MAX).saturating_add(1);
        Self { mix, entities, code: code.into(), totals: Mutex::default() }
    }

    /// Sends a random request, and counts what came of it.
    pub(super) async fn send_one(&self, caller: &Caller, random: &mut fastrand::Rng) {
        let (call, effect) = self.choose(random);
        let sent = Instant::now();
        let answer = caller.send(&call).await;
        let time = sent.elapsed();
        let mut totals = self.totals.lock().unwrap_or_else(PoisonError::into_inner);
        totals.latencies.push(time);
        let error = match answer {
            Ok(Answer { status: 200, .. }) => {
                totals.writes += u64::from(effect != Effect::None);
                totals.registered += u64::from(effect == Effect::Registration);
                return;
            }
            Ok(Answer { status, body, .. }) => format!("{call:?} was answered {status}: {body}"),
            Err(error) => format!("{call:?} was not answered: {error:?}"),
        };
        totals.errors += 1;
        totals.first_error.get_or_insert(error);
    }

    /// Takes what came of the requests since the last time.
    pub(super) fn take(&self) -> Totals {
        mem::take(&mut *self.totals.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn choose(&self, random: &mut fastrand::Rng) -> (Call, Effect) {
        match self.mix {
            Mix::Reads => (self.read(random), Effect::None),
            _ if random.u8(..3) > 0 => (self.read(random), Effect::None),
            Mix::Registrations if random.bool() => {
                let code = self.code.fetch_add(1, Ordering::Relaxed);
                (Call::register_client("Client", code), Effect::Registration)
            }
            Mix::Writes | Mix::Registrations => {
                let change = self.change(random);
                let is_keyed = random.bool();
                let call = if is_keyed { change.with_key(format!("{:032x}", random.u128(..))) } else { change };
                (call, Effect::Change)
            }
        }
    }

    fn read(&self, random: &mut fastrand::Rng) -> Call {
        let Entities { clients, sites, equipements } = &self.entities;
        let one = |ids: &[String], random: &mut fastrand::Rng| random.choice(ids).cloned().unwrap_or_default();
        Call::get(match random.u8(..100) {
            ..30 => format!("/clients/{}/infos", one(clients, random)),
            30..50 => format!("/sites/{}/infos", one(sites, random)),
            50..65 => format!("/equipements/{}/infos", one(equipements, random)),
            65..75 => "/clients/all?limit=50".to_owned(),
            75..82 => format!("/sites/all?client_id={}", one(clients, random)),
            82..89 => format!("/clients/all?code={}", random.usize(1..=clients.len())),
            89..94 => format!("/clients/{}/historique?limit=20", one(clients, random)),
            94..99 => format!("/sites/all?nom=site%20{}&limit=20", random.u32(1..100)),
            _ => "/clients/all".to_owned(),
        })
    }

    fn change(&self, random: &mut fastrand::Rng) -> Call {
        let Entities { clients, sites, equipements } = &self.entities;
        let nom = format!("Nom {}", random.u32(..));
        match random.u8(..10) {
            ..4 => {
                let at = random.usize(..clients.len());
                Call::put("/clients/update", json!({ "client_id": clients[at], "nom": nom, "code": at + 1 }))
            }
            4..7 => Call::put("/sites/update", json!({ "site_id": random.choice(sites), "nom": nom })),
            7..9 => {
                // Two équipements of each site were registered, in order.
                let at = random.usize(..equipements.len());
                let (id, site) = (&equipements[at], &sites[at / 2]);
                Call::put("/equipements/update", json!({ "equipement_id": id, "site_id": site, "nom": nom }))
            }
            _ => {
                let path = format!("/equipements/{}", random.choice(equipements).cloned().unwrap_or_default());
                if random.bool() { Call::delete(path) } else { Call::post(path + "/reactivate", json!({})) }
            }
        }
    }
}
