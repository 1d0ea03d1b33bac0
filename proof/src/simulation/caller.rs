//! Callers: they send their steps one after the other, and some of them again until there is an answer.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use chrono::SecondsFormat;
use lambda_http::http::header::{ETAG, LINK};
use shared::http::Response;
use shared::models::Kind;
use tokio::time::sleep;

use super::call::{Call, Http, Write};
use super::event::{event, headers};
use super::instance::{INSTANCES, Instances, Invocation, body};
use super::plan::{Action, IfMatch, PlannedBatched, Slot, Step};
use super::prepare::Prepared;
use super::recording::{Answer, Attempt, AttemptId, Recorded};
use super::wire::{RequestTrace, World};

/// Maximum number of pages that a caller reads of one list.
const MAX_PAGES: usize = 30;

/// Purposes of the random numbers of an attempt; calls of the table are numbered from 0.
const OF_SENDING: u64 = 1 << 40;

/// What the callers of a history share.
pub(super) struct Callers<'a> {
    pub(super) world: &'a Arc<World>,
    pub(super) instances: Instances<'a>,
    recorded: RefCell<BTreeMap<(usize, usize), Recorded>>,
    /// Identifiers of entities that were registered.
    pub(super) ids: RefCell<HashMap<Slot, String>>,
}

impl<'a> Callers<'a> {
    pub(super) fn new(world: &'a Arc<World>, instances: Instances<'a>) -> Self {
        Self { world, instances, recorded: RefCell::default(), ids: RefCell::default() }
    }

    /// Returns every request.
    pub(super) fn into_recorded(self) -> Vec<Recorded> {
        self.recorded.into_inner().into_values().collect()
    }

    /// Carries out the steps of one caller.
    pub(super) async fn run(&self, caller: usize, steps: &[Step]) {
        let mut seen = HashMap::new();
        for (number, step) in steps.iter().enumerate() {
            sleep(Duration::from_millis(step.wait)).await;
            if step.sendings > 0 {
                self.step(caller, number, step, &mut seen).await;
            }
        }
    }

    async fn step(&self, caller: usize, number: usize, step: &Step, seen: &mut HashMap<Slot, u64>) {
        // Callers with different names choose the same keys.
        let key = |number: usize| format!("{} {}-{number}", name(caller), caller / 2);
        let own_key = step.has_key.then(|| key(number));
        let (place, prepared) = match &step.action {
            Action::Sweep => return self.world.sweep(),
            Action::Repeat { caller, step: number } => {
                let of = (*caller, *number);
                // There is nothing to repeat if that step was left out or had no key.
                match self.recorded.borrow().get(&of) {
                    Some(recorded) if recorded.key.is_some() => {}
                    _ => return,
                }
                (of, None)
            }
            Action::ReuseKey { step: of, with, write } => {
                let recorded = self.recorded.borrow();
                let earlier = recorded.get(&(caller, *of)).filter(|earlier| earlier.key.is_some());
                let key = earlier.and_then(|earlier| earlier.key.clone()).or(own_key);
                let other = self.prepare_write(write, IfMatch::Any, key, seen);
                let prepared = match earlier {
                    Some(earlier) => Prepared::varied(earlier, *with, other),
                    None => other,
                };
                match earlier {
                    // It happens to be the same request.
                    Some(earlier) if earlier.call == prepared.call && earlier.if_match == prepared.if_match => {
                        ((caller, *of), None)
                    }
                    _ => ((caller, number), Some(prepared)),
                }
            }
            Action::Write(write, if_match) => {
                ((caller, number), Some(self.prepare_write(write, *if_match, own_key, seen)))
            }
            Action::Infos(kind, slot, limit) => {
                let call = Call::Infos { kind: *kind, id: self.id(*slot), limit: *limit };
                ((caller, number), Some(Prepared::reading(call)))
            }
            Action::History(kind, slot, limit) => {
                let call = Call::History { kind: *kind, id: self.id(*slot), limit: *limit };
                ((caller, number), Some(Prepared::reading(call)))
            }
            Action::List(kind, filter, parent) => {
                let mut filter = filter.clone();
                filter.extend(parent.map(|(name, slot)| (name, self.id(slot))));
                ((caller, number), Some(Prepared::reading(Call::List { kind: *kind, filter })))
            }
            Action::Batch { operations, atomic, dry_run } => {
                ((caller, number), Some(self.prepare_batch(operations, [*atomic, *dry_run], own_key, seen)))
            }
        };
        let registers = prepared.as_ref().map(|prepared| prepared.registers.clone()).unwrap_or_default();
        if let Some(Prepared { call, if_match, key, .. }) = prepared {
            let (caller, step) = place;
            let recorded = Recorded { caller, step, call, if_match, key, attempts: Vec::new() };
            self.recorded.borrow_mut().insert(place, recorded);
        }
        let answer = self.send_until_answered(place, step.sendings).await;
        self.learn(place, &registers, answer.as_ref(), seen);
    }

    /// Registers the first entities.
    pub(super) async fn set_up(&self, caller: usize, operations: &[PlannedBatched]) {
        let operations = operations.to_vec();
        let action = Action::Batch { operations, atomic: false, dry_run: false };
        self.run(caller, &[Step { wait: 0, action, has_key: false, sendings: 1 }]).await;
    }

    /// Reads every list, after everything else.
    pub(super) async fn read_lists(&self, caller: usize) {
        let list = |kind| Action::List(kind, BTreeMap::new(), None);
        let steps = Kind::ALL.map(|kind| Step { wait: 0, action: list(kind), has_key: false, sendings: 1 });
        self.run(caller, &steps).await;
    }

    /// Sends a request, and every further page of a list, until there is an answer that is not a 503.
    async fn send_until_answered(&self, place: (usize, usize), sendings: usize) -> Option<Answer> {
        let (http, has_key, writes) = {
            let recorded = self.recorded.borrow();
            let recorded = &recorded[&place];
            (recorded.call.http(), recorded.key.is_some(), recorded.call.writes())
        };
        let mut link = None;
        for _ in 0..MAX_PAGES {
            let mut last = None;
            for sending in 0..sendings {
                if sending > 0 {
                    sleep(Duration::from_millis(100 << sending.min(5))).await;
                }
                last = self.send(place, &http, link.as_deref()).await;
                let is_decided = last.as_ref().is_some_and(|answer| answer.status != 503);
                // Without a key, nobody knows whether a write that is sent again would be a second one.
                if is_decided || (writes && !has_key) {
                    break;
                }
            }
            match last.as_ref().and_then(|answer| answer.next.clone()) {
                Some(next) => link = Some(next),
                None => return last,
            }
        }
        None
    }

    /// Sends a request once.
    async fn send(&self, place: (usize, usize), http: &Http, link: Option<&str>) -> Option<Answer> {
        let (caller, step) = place;
        let (id, if_match, key) = {
            let recorded = self.recorded.borrow();
            let recorded = &recorded[&place];
            let id = AttemptId { caller, step, attempt: recorded.attempts.len() };
            (id, recorded.if_match, recorded.key.clone())
        };
        let mut rng = self.world.faults.rng(id, OF_SENDING);
        let instance = rng.usize(0..INSTANCES);
        let trace = Arc::new(RequestTrace::new(id));
        let request_id = format!("{caller}-{step}-{}", id.attempt);
        let function_time = self.instances.time(instance).to_rfc3339_opts(SecondsFormat::Millis, true);
        let time_limit = u64::try_from(self.instances.time_limit(http.route).as_millis()).unwrap_or(u64::MAX);
        let attempt = Attempt {
            request_id: request_id.clone(),
            invoked: self.world.tick(),
            invoked_at: self.world.millis(),
            function_time,
            time_limit,
            worst_fault: None,
            answer: None,
        };
        self.attempts(place, |attempts| attempts.push(attempt));
        let headers = headers(if_match, key.as_deref());
        let event = event(http, link, &request_id, name(caller), &headers).to_string();
        let kill = self.world.faults.kill(id);
        let invocation = Invocation { instance, route: http.route, event, trace: Arc::clone(&trace), kill };
        let response = self.instances.invoke(invocation).await;
        let answer = response.map(|response| self.read(&response));
        self.attempts(place, |attempts| {
            let attempt = &mut attempts[id.attempt];
            attempt.worst_fault = trace.worst_fault();
            attempt.answer.clone_from(&answer);
        });
        answer
    }

    fn attempts(&self, place: (usize, usize), change: impl FnOnce(&mut Vec<Attempt>)) {
        change(&mut self.recorded.borrow_mut().get_mut(&place).expect("a request that was recorded").attempts);
    }

    fn read(&self, response: &Response) -> Answer {
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let next =
            header(LINK).and_then(|link| link.strip_prefix('<')?.split_once('>')).map(|(next, _)| next.to_owned());
        let version = header(ETAG).and_then(|tag| tag.trim_matches('"').split_once('-')?.0.parse().ok());
        Answer {
            at: self.world.tick(),
            answered_at: self.world.millis(),
            status: response.status().as_u16(),
            version,
            is_replay: response.headers().contains_key("idempotency-replayed"),
            next,
            body: serde_json::from_slice(body(response)).unwrap_or_default(),
        }
    }

    /// Remembers identifiers and versions in an answer.
    fn learn(&self, place: (usize, usize), registers: &[Slot], answer: Option<&Answer>, seen: &mut HashMap<Slot, u64>) {
        let Some(answer) = answer.filter(|answer| answer.status == 200) else { return };
        let recorded = self.recorded.borrow();
        match &recorded[&place].call {
            Call::Write(write) => {
                let id = answer.body[write.kind().id_name()].as_str();
                for slot in registers {
                    if let (Write::Register(..), Some(id)) = (write, id) {
                        self.ids.borrow_mut().insert(*slot, id.to_owned());
                    }
                    seen.extend(answer.version.map(|version| (*slot, version)));
                }
            }
            Call::Infos { id, .. } => {
                let slot = self.ids.borrow().iter().find(|(_, known)| *known == id).map(|(slot, _)| *slot);
                seen.extend(slot.zip(answer.version));
            }
            Call::Batch { operations, dry_run: false, .. } => {
                for result in answer.body["resultats"].as_array().into_iter().flatten() {
                    let index = result["index"].as_u64().and_then(|index| usize::try_from(index).ok());
                    let Some(operation) = index.and_then(|index| operations.get(index)) else { continue };
                    let id = result["body"][operation.write.kind().id_name()].as_str();
                    let slot = operation.reference.as_ref().and_then(|name| name.parse().ok()).map(Slot);
                    if let (Some(slot), Some(id)) = (slot, id) {
                        self.ids.borrow_mut().insert(slot, id.to_owned());
                    }
                }
            }
            Call::History { .. } | Call::List { .. } | Call::Batch { .. } => {}
        }
    }
}

/// Returns the name in the token of a caller. Callers whose numbers are both even or both odd share it.
pub(super) fn name(caller: usize) -> &'static str {
    if caller.is_multiple_of(2) { "alice" } else { "bernard" }
}
