//! Answers to batches: for each operation, the answer that its own route would give.

use serde_json::Value;

use super::super::call::{BatchedWrite, Write};
use super::super::recording::Answer;
use super::super::register::{Entity, State};
use super::super::sending::version_of;
use super::answers::check_unavailable;
use super::claims::claims;
use super::kept::{EXPIRED, KEPT};
use super::timeline::{Effect, Timeline};
use super::{Answered, Violation, plans, writes};

/// Milliseconds before the deadline at which a batch begins no further transaction, and may stop after a long pause.
const LAST_TRANSACTION: u64 = 4_100;

/// How the batch is run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Options {
    pub(super) dry_run: bool,
    pub(super) atomic: bool,
}

/// Checks one answer.
///
/// # Errors
/// Returns a violation unless every result is right.
pub(super) fn check(
    timeline: &Timeline<'_>,
    operations: &[BatchedWrite],
    options: Options,
    answered: Answered<'_>,
) -> Result<(), Violation> {
    let Answered { request, number, answer, .. } = answered;
    let effects = timeline.effects(request);
    if !options.dry_run && writes::check_reused_key(timeline, answered)? {
        return Ok(());
    }
    let is_too_long = answer.body["detail"][0]["type"] == "atomic_too_long";
    match answer.status {
        200 => {}
        422 if options.atomic && is_too_long && effects.iter().all(|effect| effect.attempt != number) => return Ok(()),
        422 if options.dry_run => return Ok(()),
        _ => return Err(answered.violation("a batch has no such answer")),
    }
    let results = answer.body["resultats"].as_array().map_or(&[][..], Vec::as_slice);
    let left = answer.body["bilan"]["restant"].as_u64();
    if left != Some((operations.len() - results.len()) as u64) {
        return Err(answered.violation("results are missing"));
    }
    // An atomic batch that is refused answers only the refused operations.
    let is_refused = options.atomic
        && effects.iter().all(|effect| effect.attempt != number)
        && results.iter().any(|result| result["status"] != 200);
    if results.len() < operations.len() && !is_refused {
        check_unavailable(answered, LAST_TRANSACTION)?;
    }
    let is_split = |pair: &[Effect]| pair[0].attempt == pair[1].attempt && pair[0].at != pair[1].at;
    if options.atomic && effects.windows(2).any(is_split) {
        return Err(answered.violation("an atomic batch is several transactions"));
    }
    if options.dry_run || is_refused {
        return plans::check(timeline, operations, options, answered, results);
    }
    check_repeated_results(timeline, answered, results)?;
    results.iter().try_for_each(|result| check_result(timeline, operations, answered, result))
}

/// Checks that what an earlier sending carried out has the same result again while it is kept.
fn check_repeated_results(timeline: &Timeline<'_>, answered: Answered<'_>, results: &[Value]) -> Result<(), Violation> {
    let Answered { request, attempt, answer, .. } = answered;
    let since = timeline.kept_since(request, answer.at);
    let Some(since) = since.filter(|since| attempt.invoked_at.saturating_sub(*since) < KEPT) else { return Ok(()) };
    let is_kept = |earlier: &&Answer| {
        earlier.at < attempt.invoked && earlier.status == 200 && timeline.kept_since(request, earlier.at) == Some(since)
    };
    let earlier = request.attempts.iter().filter_map(|sent| sent.answer.as_ref()).filter(is_kept);
    let earlier = earlier.flat_map(|earlier| earlier.body["resultats"].as_array().into_iter().flatten());
    for first in earlier.filter(|result| result["status"] == 200) {
        if results.iter().find(|result| result["index"] == first["index"]) != Some(first) {
            return Err(answered.violation(format!("the first result was {first}")));
        }
        if !answer.is_replay {
            return Err(answered.violation("a repeated result is not marked"));
        }
    }
    Ok(())
}

fn check_result(
    timeline: &Timeline<'_>,
    operations: &[BatchedWrite],
    answered: Answered<'_>,
    result: &Value,
) -> Result<(), Violation> {
    let Answered { request, number, attempt, answer } = answered;
    let index = result["index"].as_u64().and_then(|index| usize::try_from(index).ok()).unwrap_or(usize::MAX);
    let wrong = |what: String| answered.violation(format!("operation {index}, {result}: {what}"));
    let operation = operations.get(index).ok_or_else(|| wrong("there is none".to_owned()))?;
    let write = timeline.resolve(&operation.write, operations, request, answer.at);
    let age = |effect: &Effect| attempt.invoked_at.saturating_sub(effect.since);
    let is_recent = |effect: &&Effect| effect.at < answer.at && age(effect) < EXPIRED;
    let recent = timeline.effects(request).iter().filter(|effect| is_recent(effect) && effect.index == index);
    let effect = recent.min_by_key(|effect| (effect.attempt != number, effect.at));
    let is_kept = effect.is_some_and(|effect| age(effect) < KEPT);
    // A refusal may have been decided before another sending carried the operation out.
    let is_certain = effect.is_some_and(|effect| effect.at < attempt.invoked || effect.attempt == number);
    let effect = effect.and_then(|effect| effect.after.as_ref());
    let version = result["etag"].as_str().and_then(version_of);
    let status = result["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or_default();
    let first = request.attempts.first().map_or(0, |attempt| attempt.invoked);
    if status == 503 {
        return check_unavailable(answered, LAST_TRANSACTION);
    }
    // Each operation was decided on a state, or on one with what the operations before it were about to do.
    let planned_on = |state: &State| {
        let mut planned = state.clone();
        let earlier = timeline.effects(request).iter().filter(|effect| effect.index < index && is_recent(effect));
        for entity in earlier.filter_map(|effect| effect.after.as_ref()) {
            if planned.get(&entity.id).is_none_or(|known| known.version < entity.version) {
                planned.put(entity.clone());
            }
        }
        planned
    };
    let window =
        if status == 200 { timeline.window(first, answer.at) } else { timeline.window_of_refusal(answered, index) };
    let window = timeline.states(window).iter();
    let possible: Vec<_> = window.flat_map(|state| [state.clone(), planned_on(state)]).collect();
    // If others write meanwhile, the counters are those of several reads.
    let is_alone = timeline.is_alone(answered);
    let counters = |body: Value| if is_alone { body } else { writes::without_counters(body) };
    let shows = |after: &Entity| {
        let is_shown = |state| counters(writes::shown(state, &write, after)) == counters(result["body"].clone());
        version == writes::shown_version(&write, after) && possible.iter().any(is_shown)
    };
    match effect {
        Some(after) if status == 200 && shows(after) => return Ok(()),
        Some(after) if is_kept && (is_certain || status == 200) => return Err(wrong(format!("it led to {after:?}"))),
        _ => {}
    }
    if is_dependent(&operation.write, status) {
        return Ok(());
    }
    let given = Answer { status, version, body: result["body"].clone(), ..answer.clone() };
    let given = writes::refusal(Answered { answer: &given, ..answered });
    let judged: Vec<_> = possible.iter().map(|state| (state, state.judge(&write, operation.if_match))).collect();
    let may_be_mixed = |state: &State| !is_alone && claims(state, &write, operation.if_match).contains(&given);
    let is_right = judged.iter().any(|(state, judged)| match judged {
        Ok(after) => status == 200 && state.get(&after.id) == Some(after) && shows(after),
        Err(refusal) => *refusal == given,
    }) || possible.iter().any(may_be_mixed);
    if is_right {
        return Ok(());
    }
    let mut judged: Vec<_> = judged.into_iter().map(|(_, judged)| judged).collect();
    judged.dedup();
    Err(wrong(format!("not at any moment; possible are {judged:?}")))
}

/// Returns `true` if a refusal follows from that of the operation that should have registered the entity.
fn is_dependent(write: &Write, status: u16) -> bool {
    let unresolved = |id: &String| id.starts_with('$');
    status == 404
        && match write {
            Write::Register(_, fields) => fields.parent.as_ref().is_some_and(unresolved),
            Write::Update(_, id, fields) => unresolved(id) || fields.parent.as_ref().is_some_and(unresolved),
            Write::SetStatus(_, id, _) => unresolved(id),
        }
}
