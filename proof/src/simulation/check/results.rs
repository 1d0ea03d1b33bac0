//! The results of operations that a batch carries out: each is the answer that the operation's own route would give.

use serde_json::{Value, json};

use super::super::call::{BatchedWrite, Write};
use super::super::model::{Entity, Refusal, State};
use super::super::recording::{Answer, index_of};
use super::super::sending::version_of;
use super::answers::{WhenUncertain, check_503_body, check_unavailable};
use super::batches::LAST_TRANSACTION;
use super::claims::claims;
use super::kept::{Expiry, Kept};
use super::timeline::{Effect, Timeline};
use super::{Answered, Violation, writes};

/// One result, and the operation that it is of.
struct Given<'a> {
    answered: Answered<'a>,
    index: usize,
    operation: &'a BatchedWrite,
    /// The operation, with the identifiers of what the batch registered.
    write: Write,
    /// Whether it depends on an operation that may not have been carried out.
    is_dependent: bool,
    result: &'a Value,
    status: u16,
    version: Option<u64>,
}

/// Checks one result.
///
/// # Errors
/// Returns a violation unless it is right.
pub(super) fn check(
    timeline: &Timeline<'_>,
    operations: &[BatchedWrite],
    answered: Answered<'_>,
    result: &Value,
) -> Result<(), Violation> {
    let index = index_of(result).unwrap_or(usize::MAX);
    let operation = operations.get(index).ok_or_else(|| answered.violation(format!("no operation has {result}")))?;
    let resolved = |counts: fn(Kept, Answered<'_>) -> bool| {
        timeline.resolve(&operation.write, operations, answered.request, |effect| counts(effect.kept, answered))
    };
    let (write, is_dependent) = (resolved(Kept::is_possible), is_dependent(&resolved(Kept::is_certain_at_end)));
    let Refusal { status, version, .. } = refusal(answered, result);
    Given { answered, index, operation, write, is_dependent, result, status, version }.check(timeline)
}

impl Given<'_> {
    fn check(&self, timeline: &Timeline<'_>) -> Result<(), Violation> {
        let Self { answered, operation, write, status, .. } = self;
        if self.result["ref"] != json!(operation.reference) {
            return Err(self.violation("another operation has this reference"));
        }
        if *status == 503 {
            check_503_body(&self.result["body"]).map_err(|what| self.violation(what))?;
            return check_unavailable(*answered, LAST_TRANSACTION, WhenUncertain::GiveUp);
        }
        if *status == 200 && answered.request.key.is_some() && !self.is_recorded(timeline) {
            return Err(self.violation("it was not kept"));
        }
        let possible = self.possible(timeline);
        // If others write meanwhile, the counters are those of several reads.
        let is_alone = timeline.is_alone(*answered);
        let shows = |after: &Entity| self.shows(after, &possible, is_alone);
        if let Some(effect) = self.effect(timeline)
            && let Some(after) = &effect.after
        {
            if *status == 200 && shows(after) {
                return Ok(());
            }
            // A refusal may have been decided before another sending carried the operation out.
            let is_certain = effect.kept.at < answered.attempt.invoked || effect.kept.attempt == answered.number;
            if effect.kept.expiry.is_long_after(answered.attempt) && (is_certain || *status == 200) {
                return Err(self.violation(format!("it led to {after:?}")));
            }
        }
        if self.is_dependent && *status == 404 {
            return Ok(());
        }
        let given = refusal(*answered, self.result);
        let mut judged = Vec::new();
        for state in &possible {
            let outcome = state.judge(write, operation.if_match);
            let is_right = match &outcome {
                Ok(after) => *status == 200 && state.get(&after.id) == Some(after) && shows(after),
                Err(refusal) => *refusal == given,
            };
            if is_right || (!is_alone && claims(state, write, operation.if_match).contains(&given)) {
                return Ok(());
            }
            judged.push(outcome);
        }
        judged.dedup();
        Err(self.violation(format!("not at any moment; possible are {judged:?}")))
    }

    fn violation(&self, what: impl std::fmt::Display) -> Violation {
        self.answered.violation(format!("operation {}, {}: {what}", self.index, self.result))
    }

    /// Returns `true` if a transaction of the request has recorded that the operation was carried out.
    fn is_recorded(&self, timeline: &Timeline<'_>) -> bool {
        let Answered { request, answer, .. } = self.answered;
        let before = timeline.commits_of(request).filter(|commit| commit.at < answer.at);
        let kept = before.filter_map(|commit| commit.kept.as_ref());
        let kept = kept.filter(|kept| Expiry::of(kept).is_after(self.answered.attempt));
        let mut records = kept.filter_map(|kept| kept.body.as_array()).flatten();
        records.any(|record| record["i"] == self.index)
    }

    /// Returns what the operation changed: in this sending, or in an earlier one whose answer may be kept.
    fn effect<'t>(&self, timeline: &'t Timeline<'_>) -> Option<&'t Effect> {
        let effects = timeline.effects(self.answered.request).iter();
        let own = effects.filter(|effect| effect.index == self.index && effect.kept.is_possible(self.answered));
        own.min_by_key(|effect| (effect.kept.attempt != self.answered.number, effect.kept.at))
    }

    /// Returns the states on which the operation may have been decided: those of the table, and those with what the
    /// operations before it were about to do.
    fn possible(&self, timeline: &Timeline<'_>) -> Vec<State> {
        let Answered { request, answer, .. } = self.answered;
        let first = request.attempts.first().map_or(0, |attempt| attempt.invoked);
        let window = if self.status == 200 {
            timeline.window(first, answer.at)
        } else {
            timeline.window_of_refusal(self.answered, self.index)
        };
        let effects = timeline.effects(request).iter();
        let before = effects.filter(|effect| effect.index < self.index && effect.kept.is_possible(self.answered));
        let before: Vec<_> = before.filter_map(|effect| effect.after.as_ref()).collect();
        let planned_on = |state: &State| {
            let mut planned = state.clone();
            for entity in &before {
                if planned.get(&entity.id).is_none_or(|known| known.version < entity.version) {
                    planned.put((*entity).clone());
                }
            }
            planned
        };
        timeline.states(window).iter().flat_map(|state| [state.clone(), planned_on(state)]).collect()
    }

    /// Returns `true` if the result shows an entity, with its counters in one of the states.
    fn shows(&self, after: &Entity, possible: &[State], has_counters: bool) -> bool {
        let Self { write, result, version, .. } = self;
        let counters = |body: Value| if has_counters { body } else { writes::without_counters(body) };
        let given = counters(result["body"].clone());
        *version == writes::shown_version(write, after)
            && possible.iter().any(|state| counters(writes::shown(state, write, after)) == given)
    }
}

/// Returns `true` if an operation refers to an entity that another one should have registered.
fn is_dependent(write: &Write) -> bool {
    let parent = write.fields().and_then(|fields| fields.parent.as_deref());
    write.id().into_iter().chain(parent).any(|id| id.starts_with('$'))
}

/// Reads a result as a refusal.
pub(super) fn refusal(answered: Answered<'_>, result: &Value) -> Refusal {
    let status = result["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or_default();
    let version = result["etag"].as_str().and_then(version_of);
    let given = Answer { status, version, body: result["body"].clone(), ..answered.answer.clone() };
    writes::refusal(Answered { answer: &given, ..answered })
}
