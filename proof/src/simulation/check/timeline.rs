//! The states that the table had, one after the other.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;

use serde_json::{Value, json};

use super::super::call::{Call, Write};
use super::super::caller::user_of;
use super::super::model::{Entity, State};
use super::super::recording::{Attempt, Commit, Entry, Recorded};
use super::super::{History, StepId, plain};
use super::kept::Kept;
use super::{Answered, Violation, reads};

/// What a request, or one operation of a batch, changed.
#[derive(Debug, Clone)]
pub(super) struct Effect {
    /// The transaction that caused it.
    pub(super) kept: Kept,
    /// Index in the batch.
    pub(super) index: usize,
    /// The entity after it; `None` if only the answer was kept, because nothing changes.
    pub(super) after: Option<Entity>,
}

/// The states of a history, and what led from each to the next.
pub(super) struct Timeline<'a> {
    pub(super) history: &'a History,
    states: Vec<State>,
    /// For each state after the first one, the place and the time of the transaction that led to it.
    at: Vec<(u64, u64)>,
    effects: HashMap<StepId, Vec<Effect>>,
    pub(super) kept: HashMap<StepId, Vec<Kept>>,
    /// History entries of each entity as its history shows them, oldest first.
    pub(super) versions: BTreeMap<String, Vec<Value>>,
    /// Requests with each key.
    pub(super) by_key: HashMap<&'a str, Vec<&'a Recorded>>,
}

impl<'a> Timeline<'a> {
    /// Applies every transaction to the model, in order.
    ///
    /// # Errors
    /// Returns a violation if a transaction is not what its request asks for.
    pub(super) fn of(history: &'a History) -> Result<Self, Violation> {
        let mut by_key: HashMap<_, Vec<_>> = HashMap::new();
        for request in &history.requests {
            if let Some(key) = &request.key {
                by_key.entry(key.as_str()).or_default().push(request);
            }
        }
        let mut timeline = Self {
            history,
            states: vec![State::default()],
            at: Vec::new(),
            effects: HashMap::new(),
            kept: HashMap::new(),
            versions: BTreeMap::new(),
            by_key,
        };
        let requests: HashMap<_, _> = history.requests.iter().map(|request| (request.step_id(), request)).collect();
        for commit in &history.commits {
            let request =
                requests.get(&commit.by.step_id()).ok_or_else(|| Violation(format!("nobody sent {commit:?}")))?;
            timeline.apply_commit(commit, request)?;
        }
        Ok(timeline)
    }

    fn apply_commit(&mut self, commit: &Commit, request: &Recorded) -> Result<(), Violation> {
        let wrong = |what: &str| Violation(format!("{what}: {:?} of {:?}", commit, request.call));
        let attempt = &request.attempts[commit.by.attempt];
        let kept = self.keep(commit, request)?;
        let mut state = self.end().clone();
        match &request.call {
            Call::Write(write) => {
                let after = match &*commit.entries {
                    // Decided on an earlier state: the answer tells which.
                    [] => None,
                    [entry] => {
                        let after = state.judge(write, request.if_match);
                        let after = after.map_err(|refusal| wrong(&format!("should be refused ({refusal:?})")))?;
                        Some(self.apply(&mut state, write, after, entry, attempt, user_of(request.caller).name)?)
                    }
                    _ => return Err(wrong("one change has several history entries")),
                };
                self.add_effect(commit, request, kept, 0, after)?;
            }
            Call::Batch { operations, dry_run: false, .. } => {
                for entry in &commit.entries {
                    let (index, after) = self
                        .operation_of(&state, operations, entry, (commit, request, kept.expiry))
                        .ok_or_else(|| wrong(&format!("no operation asks for {entry:?}")))?;
                    let write = &operations[index].write;
                    let after = self.apply(&mut state, write, after, entry, attempt, user_of(request.caller).name)?;
                    self.add_effect(commit, request, kept, index, Some(after))?;
                    self.states.push(state.clone());
                    self.at.push((commit.at, commit.committed_at));
                }
                return Ok(());
            }
            Call::Infos { .. } | Call::History { .. } | Call::List { .. } | Call::Batch { .. } => {
                return Err(wrong("a request that reads wrote"));
            }
        }
        self.states.push(state);
        self.at.push((commit.at, commit.committed_at));
        Ok(())
    }

    /// Applies one change, and compares its history entry.
    fn apply(
        &mut self,
        state: &mut State,
        write: &Write,
        after: Entity,
        entry: &Entry,
        attempt: &Attempt,
        caller: &str,
    ) -> Result<Entity, Violation> {
        let before = if let Write::Register(..) = write { None } else { state.get(&after.id).cloned() };
        if before.as_ref() == Some(&after) {
            return Err(Violation(format!("nothing changes, but there is an entry: {entry:?}")));
        }
        let prefix = format!("{}#", after.kind.name().to_uppercase());
        let id = entry.partition.strip_prefix(&prefix).unwrap_or_default().to_owned();
        let timestamp = attempt.function_time.clone();
        let after = match &before {
            None => Entity { id, timestamp: timestamp.clone(), ..after },
            Some(_) => after,
        };
        let expected = json!({
            "PK": format!("{prefix}{}", after.id),
            "SK": format!("VERSION#{:010}", after.version),
            "at": timestamp,
            "operation": after.change_from(before.as_ref()),
            "by": caller,
            "request_id": attempt.request_id,
            "fields": after.fields(),
        });
        let mut found = plain(&entry.item);
        found.as_object_mut().map(|entry| entry.remove("digest"));
        if found != expected {
            return Err(Violation(format!("a history entry differs: expected {expected}, found {found}")));
        }
        let versions = self.versions.entry(after.id.clone()).or_default();
        if versions.len() as u64 + 1 != after.version {
            return Err(Violation(format!("there are {} versions before {expected}", versions.len())));
        }
        versions.push(reads::history_entry(before.as_ref(), &after, &expected));
        state.put(after.clone());
        Ok(after)
    }

    /// Records an effect.
    ///
    /// # Errors
    /// Returns a violation if the request, or another one with its key, had an effect already.
    fn add_effect(
        &mut self,
        commit: &Commit,
        request: &Recorded,
        kept: Kept,
        index: usize,
        after: Option<Entity>,
    ) -> Result<(), Violation> {
        let sent = &request.attempts[kept.attempt];
        let twice = |other: &Effect| other.index == index && other.kept.expiry.is_long_after(sent);
        let under_key = request.key.iter().flat_map(|key| &self.by_key[key.as_str()]);
        let others = under_key.filter(|other| other.step_id() != request.step_id());
        let effects = others.flat_map(|other| self.effects(other));
        let mut earlier = effects.filter(|other| other.kept.expiry.is_long_after(sent));
        if self.effects(request).iter().any(twice) || earlier.next().is_some() {
            let (call, key) = (&request.call, &request.key);
            return Err(Violation(format!("carried out twice: {call:?}, index {index}, key {key:?}: {commit:?}")));
        }
        let effect = Effect { kept, index, after };
        self.effects.entry(request.step_id()).or_default().push(effect);
        Ok(())
    }

    /// Returns what a request changed, in order.
    pub(super) fn effects(&self, request: &Recorded) -> &[Effect] {
        self.effects.get(&request.step_id()).map_or(&[], Vec::as_slice)
    }

    /// Returns the transactions of a request.
    pub(super) fn commits_of(&self, request: &Recorded) -> impl Iterator<Item = &Commit> {
        let id = request.step_id();
        self.history.commits.iter().filter(move |commit| commit.by.step_id() == id)
    }

    /// Returns the states between two places, by index.
    pub(super) fn window(&self, from: u64, to: u64) -> RangeInclusive<usize> {
        let index = |place: u64| self.at.partition_point(|(at, _)| *at < place);
        index(from)..=index(to)
    }

    /// Returns `true` if no other request writes from the first sending of a request to an answer.
    pub(super) fn is_alone(&self, answered: Answered<'_>) -> bool {
        let Answered { request, answer, .. } = answered;
        let first = request.attempts.first().map_or(0, |attempt| attempt.invoked);
        let mut meanwhile = self.history.commits.iter().filter(|commit| (first..answer.at).contains(&commit.at));
        meanwhile.all(|commit| commit.by.step_id() == request.step_id())
    }

    /// Returns the states that an index may show between a sending and a place.
    pub(super) fn window_of_index(&self, sent: &Attempt, to: u64) -> RangeInclusive<usize> {
        let oldest = sent.invoked_at.saturating_sub(self.history.lag + 1);
        let first = self.at.partition_point(|(_, millis)| *millis < oldest);
        let window = self.window(sent.invoked, to);
        if self.history.lag == 0 { window } else { first.min(*window.start())..=*window.end() }
    }

    /// Returns the states in a window.
    pub(super) fn states(&self, window: RangeInclusive<usize>) -> &[State] {
        &self.states[window]
    }

    /// Returns the state at the end.
    pub(super) fn end(&self) -> &State {
        &self.states[self.states.len() - 1]
    }
}
