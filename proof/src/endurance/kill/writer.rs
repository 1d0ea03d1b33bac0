//! A caller that writes, one request at a time, and knows what must have come of it.

use std::sync::Arc;

use serde_json::Value;
use shared::models::Kind;
use testkit::AnyError;
use tokio::sync::watch;

use super::expected::Expected;
use super::operations::{Action, Operation, Request};
use crate::endurance::ensure;
use crate::endurance::http::{Answer, Caller};

/// Largest number of operations of a batch.
const MAX_BATCH: usize = 25;

/// Codes of one writer.
const CODES: i64 = 1_000_000_000;

/// What a writer has done.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    /// Requests that were answered 200.
    pub(super) acknowledged: u64,
    /// Writes of these requests.
    pub(super) operations: u64,
    /// Requests that were cut off by a kill.
    pub(super) unacknowledged: u64,
    /// Those that had had an effect before the kill.
    pub(super) kept: u64,
    /// Acknowledged requests that were sent again, and answered as before.
    pub(super) repeated: u64,
}

/// A caller that writes.
#[derive(Debug)]
pub(super) struct Writer {
    number: usize,
    pub(super) expected: Expected,
    pub(super) counts: Counts,
    /// A client to which every writer adds sites.
    shared: Arc<str>,
    random: fastrand::Rng,
    sequence: i64,
    /// The request that a kill cut off.
    pending: Option<Request>,
    /// The last acknowledged request and its response.
    last: Option<(Request, Value)>,
}

impl Counts {
    /// Adds those of another writer.
    pub(super) fn add(&mut self, other: Self) {
        self.acknowledged += other.acknowledged;
        self.operations += other.operations;
        self.unacknowledged += other.unacknowledged;
        self.kept += other.kept;
        self.repeated += other.repeated;
    }
}

impl Writer {
    /// Creates a writer.
    pub(super) fn new(number: usize, shared: Arc<str>, seed: u64) -> Self {
        let random = fastrand::Rng::with_seed(seed.wrapping_add(1 + number as u64));
        let (expected, counts) = (Expected::default(), Counts::default());
        Self { number, expected, counts, shared, random, sequence: 0, pending: None, last: None }
    }

    /// Writes until a request fails because the program was killed.
    ///
    /// # Errors
    /// Returns an error if a request is refused, or fails before the kill.
    pub(super) async fn write_until(
        &mut self,
        caller: &Caller,
        killed: &watch::Receiver<bool>,
    ) -> Result<(), AnyError> {
        loop {
            let request = self.plan();
            match caller.send(&request.call()).await {
                Ok(answer) => self.acknowledge(caller, request, answer, Some(killed)).await?,
                Err(_) if *killed.borrow() => {
                    self.cut_off(request);
                }
                Err(error) => return Err(format!("a request failed before the kill: {error:?}").into()),
            }
            if self.pending.is_some() {
                return Ok(());
            }
        }
    }

    fn cut_off(&mut self, request: Request) {
        self.counts.unacknowledged += 1;
        self.pending = Some(request);
    }

    /// Sends the last acknowledged request again, which must be answered as before, and the one that the kill cut off.
    ///
    /// # Errors
    /// Returns an error if a request fails, or an acknowledged one is answered otherwise than before.
    pub(super) async fn settle(&mut self, caller: &Caller) -> Result<(), AnyError> {
        if let Some((request, first)) = self.last.take() {
            let Answer { status, body, is_replayed, .. } = caller.send(&request.call()).await?;
            ensure(status == 200 && is_replayed && body == first, || {
                format!("{request:?} was acknowledged with {first}; sent again, it was answered {status}: {body}")
            })?;
            self.counts.repeated += 1;
        }
        if let Some(request) = self.pending.take() {
            let answer = caller.send(&request.call()).await?;
            self.counts.kept += u64::from(answer.is_replayed);
            self.acknowledge(caller, request, answer, None).await?;
        }
        Ok(())
    }

    /// Records the effects of a request that was answered. A batch is sent again until nothing of it remains.
    async fn acknowledge(
        &mut self,
        caller: &Caller,
        request: Request,
        mut answer: Answer,
        killed: Option<&watch::Receiver<bool>>,
    ) -> Result<(), AnyError> {
        while answer.status == 200 && request.is_batch && answer.body["bilan"]["restant"] != 0 {
            answer = match caller.send(&request.call()).await {
                Ok(answer) => answer,
                Err(_) if killed.is_some_and(|killed| *killed.borrow()) => {
                    self.cut_off(request);
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            };
        }
        let bodies = request.bodies(&answer.body).filter(|_| answer.status == 200);
        let Some(bodies) = bodies else {
            return Err(format!("{request:?} was answered {}: {}", answer.status, answer.body).into());
        };
        for (operation, body) in request.operations.iter().zip(bodies) {
            self.expected.apply(operation, body)?;
        }
        self.counts.acknowledged += 1;
        self.counts.operations += request.operations.len() as u64;
        self.last = Some((request, answer.body));
        Ok(())
    }

    /// Chooses a request that the register must carry out.
    fn plan(&mut self) -> Request {
        self.sequence += 1;
        let key = format!("{}-{}", self.number, self.sequence);
        let is_batch = self.random.u8(..10) == 0;
        let count = if is_batch { self.random.usize(1..=MAX_BATCH) } else { 1 };
        let mut operations: Vec<Operation> = Vec::new();
        for place in 0..count {
            let mut operation = self.choose(is_batch);
            // Each existing entity is written at most once in a batch, so that no member depends on another.
            while operation.id.is_some() && operations.iter().any(|other| other.id == operation.id) {
                operation = self.choose(is_batch);
            }
            if operation.action != Action::Deactivate && operation.action != Action::Reactivate {
                operation.nom = Some(format!("Nom {}.{place}", self.sequence));
            }
            if operation.kind == Kind::Client && operation.action == Action::Register {
                let code = 1 + i64::try_from(self.number).unwrap_or_default() * CODES + self.sequence * 100;
                operation.code = Some(code + i64::try_from(place).unwrap_or_default());
            }
            operations.push(operation);
        }
        Request { key, operations, is_batch }
    }

    /// Chooses a write that is allowed, whatever else its batch does.
    fn choose(&mut self, is_in_batch: bool) -> Operation {
        let changes = if is_in_batch { 72 } else { 100 };
        let chosen = match self.random.u8(..changes) {
            ..8 => None,
            8..25 => self.update(Kind::Client),
            25..37 => self
                .open_client()
                .map(|client| Operation { parent: Some(client), ..Operation::new(Action::Register, Kind::Site, None) }),
            37..47 => self.update(Kind::Site),
            47..62 => self.open_site().map(|site| Operation {
                parent: Some(site),
                ..Operation::new(Action::Register, Kind::Equipement, None)
            }),
            62..72 => self.update(Kind::Equipement),
            72..84 => self.toggle(Kind::Equipement),
            84..92 => self.toggle(Kind::Site),
            _ => self.toggle(Kind::Client),
        };
        chosen.unwrap_or_else(|| Operation::new(Action::Register, Kind::Client, None))
    }

    fn any(&mut self, kind: Kind) -> Option<String> {
        self.random.choice(self.expected.of_kind(kind)).cloned()
    }

    /// Returns an active client: one of its own, or the one that all share.
    fn open_client(&mut self) -> Option<String> {
        if self.random.u8(..3) == 0 {
            return Some(self.shared.to_string());
        }
        self.any(Kind::Client).filter(|client| self.is_open(client))
    }

    /// Returns an active site of an active client.
    fn open_site(&mut self) -> Option<String> {
        self.any(Kind::Site).filter(|site| self.is_open(site))
    }

    /// Returns `true` if the entity and those above it are active.
    fn is_open(&self, id: &str) -> bool {
        *id == *self.shared
            || self.expected.get(id).is_some_and(|entity| {
                entity.is_active && entity.parent.as_deref().is_none_or(|parent| self.is_open(parent))
            })
    }

    fn update(&mut self, kind: Kind) -> Option<Operation> {
        let id = self.any(kind)?;
        let elsewhere = if kind == Kind::Equipement && self.random.bool() { self.open_site() } else { None };
        let entity = self.expected.get(&id)?;
        let parent = elsewhere.or_else(|| entity.parent.clone()).filter(|_| kind == Kind::Equipement);
        let code = entity.code;
        Some(Operation { parent, code, ..Operation::new(Action::Update, kind, Some(id)) })
    }

    fn toggle(&mut self, kind: Kind) -> Option<Operation> {
        let id = self.any(kind)?;
        let entity = self.expected.get(&id)?;
        if entity.is_active {
            return Some(Operation::new(Action::Deactivate, kind, Some(id)));
        }
        let is_allowed = entity.parent.as_deref().is_none_or(|parent| self.is_open(parent));
        is_allowed.then(|| Operation::new(Action::Reactivate, kind, Some(id)))
    }
}
