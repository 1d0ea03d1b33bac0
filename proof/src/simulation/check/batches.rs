//! Answers to batches.

use serde_json::{Value, json};

use super::super::call::BatchedWrite;
use super::super::recording::Answer;
use super::answers::{ATTEMPT, LAST_PAUSE, WhenUncertain, check_unavailable};
use super::timeline::{Effect, Timeline};
use super::{Answered, Violation, predictions, results, size, writes};

/// Milliseconds before the deadline at which a batch may stop: it begins no transaction that might not end.
pub(super) const LAST_TRANSACTION: u64 = ATTEMPT + LAST_PAUSE;

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
    if writes::check_reused_key(timeline, answered)? {
        return Ok(());
    }
    let is_too_long = answer.body["detail"][0]["type"] == "atomic_too_long";
    match answer.status {
        200 => {}
        422 if options.atomic && is_too_long && effects.iter().all(|effect| effect.kept.attempt != number) => {
            let states = timeline.states(timeline.window_of_refusal(answered, usize::MAX));
            if !size::may_be_too_long(states, operations) {
                return Err(answered.violation("it fits into one transaction"));
            }
            return Ok(());
        }
        _ => return Err(answered.violation("a batch has no such answer")),
    }
    let results = answer.results();
    let done = results.iter().filter(|result| result["status"] == 200).count();
    let (refused, left) = (results.len() - done, operations.len() - results.len());
    if answer.body["bilan"] != json!({ "ok": done, "refus": refused, "restant": left }) {
        return Err(answered.violation("the totals are wrong"));
    }
    // An atomic batch that is refused answers only the refused operations.
    let is_refused = options.atomic
        && effects.iter().all(|effect| effect.kept.attempt != number)
        && results.iter().any(|result| result["status"] != 200);
    if results.len() < operations.len() && !is_refused {
        check_unavailable(answered, LAST_TRANSACTION, WhenUncertain::of(&request.call))?;
    }
    if is_refused && request.key.is_some() && effects.iter().any(|effect| effect.kept.is_certain(answered)) {
        return Err(answered.violation("refused, though an earlier sending was carried out"));
    }
    check_mark(timeline, answered)?;
    let is_split = |pair: &[Effect]| pair[0].kept.attempt == pair[1].kept.attempt && pair[0].kept.at != pair[1].kept.at;
    if options.atomic && effects.windows(2).any(is_split) {
        return Err(answered.violation("an atomic batch is several transactions"));
    }
    if options.dry_run || is_refused {
        return predictions::check(timeline, operations, options, answered, results);
    }
    check_repeated_results(timeline, answered, results)?;
    results.iter().try_for_each(|result| results::check(timeline, operations, answered, result))
}

/// Checks that an answer is marked as repeated only if an earlier transaction of the request kept something.
fn check_mark(timeline: &Timeline<'_>, answered: Answered<'_>) -> Result<(), Violation> {
    let Answered { request, answer, .. } = answered;
    let mut kept = timeline.kept.get(&request.step_id()).into_iter().flatten();
    if answer.is_replay && !kept.any(|kept| kept.at < answer.at && kept.may_be_repeated(answered)) {
        return Err(answered.violation("marked as repeated"));
    }
    Ok(())
}

/// Checks that what an earlier sending carried out has the same result again while it is kept.
fn check_repeated_results(timeline: &Timeline<'_>, answered: Answered<'_>, results: &[Value]) -> Result<(), Violation> {
    let Answered { request, attempt, answer, .. } = answered;
    let Some(expiry) = timeline.kept_at(request, answer.at).filter(|expiry| expiry.is_long_after(attempt)) else {
        return Ok(());
    };
    let is_kept = |earlier: &&Answer| {
        earlier.at < attempt.invoked && earlier.status == 200 && timeline.kept_at(request, earlier.at) == Some(expiry)
    };
    let earlier = request.attempts.iter().filter_map(|sent| sent.answer.as_ref()).filter(is_kept);
    let earlier = earlier.flat_map(Answer::results);
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
