//! Answers to changes of one entity.

use serde_json::Value;

use super::super::call::Write;
use super::super::model::{Entity, Refusal, State};
use super::timeline::{Effect, Timeline};
use super::{Answered, Violation};

/// Checks one answer.
///
/// # Errors
/// Returns a violation unless the answer is right.
pub(super) fn check(timeline: &Timeline<'_>, write: &Write, answered: Answered<'_>) -> Result<(), Violation> {
    let Answered { request, number, answer, .. } = answered;
    let is_kept = |effect: &&Effect| effect.kept.is_certain(answered) && request.key.is_some();
    let effects = timeline.effects(request);
    if check_reused_key(timeline, answered)? {
        return Ok(());
    }
    if answer.is_replay {
        let mut kept =
            effects.iter().filter(|effect| effect.kept.is_possible(answered) && effect.kept.may_be_repeated(answered));
        let kept = kept.find(|effect| is_shown(timeline, write, effect, answered));
        return match (&request.key, kept) {
            (Some(_), Some(_)) => check_first_answer(timeline, answered),
            _ => Err(answered.violation(format!("the kept answer is another one: {effects:?}"))),
        };
    }
    let own = effects.iter().find(|effect| effect.kept.attempt == number);
    if let Some(kept) = effects.iter().find(|effect| is_kept(effect)) {
        return Err(answered.violation(format!("it was carried out before, and its answer kept: {kept:?}")));
    }
    if answer.status == 200 {
        return match own {
            Some(effect) if is_shown(timeline, write, effect, answered) && effect.kept.at < answer.at => Ok(()),
            Some(effect) => Err(answered.violation(format!("it did something else, or later: {effect:?}"))),
            None if request.key.is_some() => Err(answered.violation("its answer was not kept")),
            None => check_unchanged(timeline, write, answered),
        };
    }
    if let Some(effect) = own {
        return Err(answered.violation(format!("refused, but carried out: {effect:?}")));
    }
    let given = refusal(answered);
    let states = timeline.states(timeline.window_of_refusal(answered, 0));
    let judged: Vec<_> = states.iter().map(|state| state.judge(write, request.if_match).err()).collect();
    if judged.contains(&Some(given)) {
        Ok(())
    } else {
        Err(answered.violation(format!("not at any moment; possible are {judged:?}")))
    }
}

/// Returns `true` if a request was rightly refused because another one was carried out under its key.
///
/// # Errors
/// Returns a violation if it was wrongly refused, or wrongly not refused.
pub(super) fn check_reused_key(timeline: &Timeline<'_>, answered: Answered<'_>) -> Result<bool, Violation> {
    let is_refused = answered.answer.body["detail"][0]["type"] == "idempotency_key_reused";
    let others = timeline.kept_by_others(answered);
    match others.iter().find(|kept| kept.is_certain(answered)) {
        Some(other) if !is_refused => {
            Err(answered.violation(format!("another request under this key was carried out: {other:?}")))
        }
        _ if is_refused && others.is_empty() => {
            Err(answered.violation("no other request with this key was carried out"))
        }
        _ => Ok(is_refused),
    }
}

/// Reads an answer as a refusal.
pub(super) fn refusal(Answered { answer, .. }: Answered<'_>) -> Refusal {
    Refusal {
        status: answer.status,
        detail: answer.body["detail"].as_str().unwrap_or_default().to_owned(),
        version: answer.version,
    }
}

/// Returns `true` if an answer shows an effect, or a moment before it at which nothing changes. Counters are those of a
/// moment between request and effect.
fn is_shown(timeline: &Timeline<'_>, write: &Write, effect: &Effect, answered: Answered<'_>) -> bool {
    let Answered { request, answer, .. } = answered;
    let mut before =
        timeline.states(timeline.window(request.attempts[effect.kept.attempt].invoked, effect.kept.at)).iter();
    match &effect.after {
        Some(after) => before.any(|state| shows(state, write, after, &answer.body, answer.version)),
        None => before.any(|state| shows_no_change(state, write, answered)),
    }
}

/// Returns `true` if a body and a version show an entity, with its counters in a state.
fn shows(state: &State, write: &Write, after: &Entity, body: &Value, version: Option<u64>) -> bool {
    (body, version) == (&shown(state, write, after), shown_version(write, after))
}

/// Returns the body that shows an entity after a change, with its counters in a state.
pub(super) fn shown(state: &State, write: &Write, after: &Entity) -> Value {
    if let Write::SetStatus(_, _, false) = write { Value::Bool(true) } else { state.json(after) }
}

/// Returns the version in the entity tag of that answer.
pub(super) fn shown_version(write: &Write, after: &Entity) -> Option<u64> {
    if let Write::SetStatus(_, _, false) = write { None } else { Some(after.version) }
}

/// Replaces the counters of an entity in JSON.
pub(super) fn without_counters(mut body: Value) -> Value {
    for name in ["sites", "equipements"] {
        if let Some(counter) = body.get_mut(name) {
            *counter = Value::Null;
        }
    }
    body
}

/// Checks that a repeated answer equals the first one, if that is still kept.
fn check_first_answer(timeline: &Timeline<'_>, answered: Answered<'_>) -> Result<(), Violation> {
    let Answered { request, answer, .. } = answered;
    let kept = timeline.effects(request).iter().filter(|effect| effect.kept.is_certain_at_end(answered));
    let answers = kept.filter_map(|effect| request.attempts[effect.kept.attempt].answer.as_ref());
    match answers.filter(|given| given.status == 200 && !given.is_replay).find(|fresh| fresh.body != answer.body) {
        Some(first) => Err(answered.violation(format!("the first answer was {}", first.body))),
        None => Ok(()),
    }
}

/// Checks the answer to a request that changes nothing, and keeps no answer.
fn check_unchanged(timeline: &Timeline<'_>, write: &Write, answered: Answered<'_>) -> Result<(), Violation> {
    let window = timeline.window(answered.attempt.invoked, answered.answer.at);
    if timeline.states(window).iter().any(|state| shows_no_change(state, write, answered)) {
        return Ok(());
    }
    Err(answered.violation("nothing was written, though something changes"))
}

/// Returns `true` if a change would change nothing in a state, and the answer shows that.
fn shows_no_change(state: &State, write: &Write, answered: Answered<'_>) -> bool {
    let Answered { request, answer, .. } = answered;
    let after = state.judge(write, request.if_match).ok().filter(|after| state.get(&after.id) == Some(after));
    after.is_some_and(|after| shows(state, write, &after, &answer.body, answer.version))
}
