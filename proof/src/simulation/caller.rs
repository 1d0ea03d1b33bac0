//! Callers: they send their steps one after the other, and some of them again until there is an answer.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use shared::models::Kind;
use tokio::time::sleep;

use super::StepId;
use super::call::{Call, Write};
use super::environment::Environment;
use super::instance::Instances;
use super::plan::{Action, PlannedBatched, Slot, Step};
use super::prepare::{Next, Prepared};
use super::recording::{Answer, Recorded, index_of};
use super::sending::version_of;

/// What the callers of a history share.
pub(super) struct Callers<'a> {
    pub(super) environment: &'a Arc<Environment>,
    pub(super) instances: Instances<'a>,
    pub(super) recorded: RefCell<BTreeMap<StepId, Recorded>>,
    /// Identifiers of entities that were registered.
    pub(super) ids: RefCell<HashMap<Slot, String>>,
    /// The last tagged answer of each address to any caller: its entity tag and its body.
    pub(super) tagged: RefCell<HashMap<String, (String, Value)>>,
}

impl<'a> Callers<'a> {
    pub(super) fn new(environment: &'a Arc<Environment>, instances: Instances<'a>) -> Self {
        Self {
            environment,
            instances,
            recorded: RefCell::default(),
            ids: RefCell::default(),
            tagged: RefCell::default(),
        }
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
        let own = StepId { caller, step: number };
        let (id, slot) = match self.prepare(own, step, seen) {
            Next::Sweep => return self.environment.sweep(),
            Next::Nothing => return,
            Next::Repeat(id) => (id, None),
            Next::New(Prepared { call, if_match, key, slot }) => {
                let recorded = Recorded { caller, step: number, call, if_match, key, attempts: Vec::new() };
                self.recorded.borrow_mut().insert(own, recorded);
                (own, slot)
            }
        };
        let answer = self.send_until_answered(id, step.sendings).await;
        self.learn(id, slot, answer.as_ref(), seen);
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

    /// Remembers identifiers and versions in an answer.
    fn learn(&self, id: StepId, slot: Option<Slot>, answer: Option<&Answer>, seen: &mut HashMap<Slot, u64>) {
        let Some(answer) = answer.filter(|answer| answer.status == 200) else { return };
        let recorded = self.recorded.borrow();
        match &recorded[&id].call {
            Call::Write(write) => {
                let id = answer.body[write.kind().id_name()].as_str();
                if let (Write::Register(..), Some(slot), Some(id)) = (write, slot, id) {
                    self.ids.borrow_mut().insert(slot, id.to_owned());
                }
                seen.extend(slot.zip(answer.version));
            }
            Call::Infos { id, .. } => {
                seen.extend(self.slot_of(id).zip(answer.version));
            }
            Call::Batch { operations, dry_run: false, .. } => {
                for result in answer.results() {
                    let Some(operation) = index_of(result).and_then(|index| operations.get(index)) else { continue };
                    let Some(id) = result["body"][operation.write.kind().id_name()].as_str() else { continue };
                    let registered = operation.reference.as_ref().and_then(|name| name.parse().ok()).map(Slot);
                    if let Some(slot) = registered {
                        self.ids.borrow_mut().insert(slot, id.to_owned());
                    }
                    seen.extend(self.slot_of(id).zip(result["etag"].as_str().and_then(version_of)));
                }
            }
            Call::History { .. } | Call::List { .. } | Call::Batch { .. } => {}
        }
    }

    fn slot_of(&self, id: &str) -> Option<Slot> {
        self.ids.borrow().iter().find(|(_, known)| *known == id).map(|(slot, _)| *slot)
    }
}

/// A user, as its token names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct User {
    /// Claim that has the name: `sub`, or `client_id` in the token of an application.
    pub(super) claim: &'static str,
    pub(super) name: &'static str,
    pub(super) issuer: &'static str,
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.issuer)
    }
}

/// Returns the user that a caller is. Callers with even numbers are one user. The second caller has the same name, of
/// another issuer; the fourth one is an application.
pub(super) fn user_of(caller: usize) -> User {
    let (claim, name, issuer) = match caller {
        1 => ("sub", "alice", "other.example"),
        _ if caller.is_multiple_of(2) => ("sub", "alice", "login.example"),
        _ => ("client_id", "billing", "login.example"),
    };
    User { claim, name, issuer }
}
