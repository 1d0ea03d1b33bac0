//! What a batch would do to a state, one operation after the other: dry runs, and atomic batches that are refused.

use serde_json::{Value, json};

use super::super::call::BatchedWrite;
use super::super::model::{Entity, Refusal, State};
use super::super::recording::index_of;
use super::batches::Options;
use super::claims::claims;
use super::results::refusal;
use super::timeline::Timeline;
use super::{Answered, Violation, writes};

/// One operation of a batch, decided on what those before it would have left.
struct Prediction<'a> {
    operation: &'a BatchedWrite,
    before: State,
    outcome: Result<Entity, Refusal>,
}

/// Checks the results of a batch that carried nothing out.
///
/// # Errors
/// Returns a violation if a result is not what the operation would do at any moment.
pub(super) fn check(
    timeline: &Timeline<'_>,
    operations: &[BatchedWrite],
    options: Options,
    answered: Answered<'_>,
    results: &[Value],
) -> Result<(), Violation> {
    let window = if options.dry_run {
        // It does not look again whether its key has been used meanwhile.
        timeline.window(answered.attempt.invoked, answered.answer.at)
    } else {
        timeline.window_of_refusal(answered, usize::MAX)
    };
    let states = timeline.states(window);
    let predictions: Vec<_> = states.iter().map(|state| predict(state, operations, |_| true)).collect();
    if !timeline.is_alone(answered) {
        if !results.is_sorted_by(|one, next| index_of(one) < index_of(next)) {
            return Err(answered.violation("the results are not in the order of the operations"));
        }
        // The items that the operations were decided on may be of several moments.
        let check_one = |result| check_refused_at_some_moment(&predictions, options, answered, result);
        results.iter().try_for_each(check_one)?;
        return check_accepted(states, operations, answered, results);
    }
    let is_right = |plan: &Vec<Prediction<'_>>| {
        let is_refused = options.atomic && plan.iter().any(|prediction| prediction.outcome.is_err());
        let is_expected = |(index, prediction): &(usize, &Prediction<'_>)| {
            // A run that is out of time leaves the last operations out.
            if is_refused { prediction.outcome.is_err() } else { *index < results.len() }
        };
        let expected = plan.iter().enumerate().filter(is_expected);
        expected.clone().count() == results.len()
            && expected.zip(results).all(|((index, prediction), result)| {
                result["index"] == index
                    && result["ref"] == json!(prediction.operation.reference)
                    && prediction.is_shown(options, answered, result)
            })
    };
    if predictions.iter().any(is_right) {
        return Ok(());
    }
    let mut outcomes: Vec<Vec<_>> =
        predictions.iter().map(|plan| plan.iter().map(|prediction| prediction.outcome.as_ref()).collect()).collect();
    outcomes.dedup();
    Err(answered.violation(format!("not at any moment; possible are {outcomes:?}")))
}

/// Checks that one of the items of a refused operation refuses it at some moment.
fn check_refused_at_some_moment(
    predictions: &[Vec<Prediction<'_>>],
    options: Options,
    answered: Answered<'_>,
    result: &Value,
) -> Result<(), Violation> {
    let wrong = |what: &str| Err(answered.violation(format!("{result}: {what}")));
    let index = index_of(result).unwrap_or(usize::MAX);
    let operation = predictions.first().and_then(|plan| plan.get(index)).map(|prediction| prediction.operation);
    if operation.is_none_or(|operation| result["ref"] != json!(operation.reference)) {
        return wrong("another operation has this reference");
    }
    if result["status"] == 200 {
        return if options.dry_run { Ok(()) } else { wrong("a refused batch has such a result") };
    }
    let given = refusal(answered, result);
    let may_be = |plan: &Vec<Prediction<'_>>| {
        let Some(Prediction { operation, before, outcome }) = plan.get(index) else { return false };
        let claims = claims(before, &operation.write, operation.if_match);
        let changed = changed(plan, index);
        let mut all = claims.iter().chain(outcome.as_ref().err()).chain(&changed);
        all.any(|refusal| without_tag(refusal, options) == given)
    };
    if predictions.iter().any(may_be) { Ok(()) } else { wrong("nothing refuses it at any moment") }
}

/// Returns the refusals of an operation that requires another version, for every number of operations before it that change
/// its entity: whether they do may depend on items of several moments.
fn changed(plan: &[Prediction<'_>], index: usize) -> Vec<Refusal> {
    let Prediction { operation, before, .. } = &plan[index];
    let Some(entity) = operation.write.id().and_then(|id| before.get(id)) else { return Vec::new() };
    let changes =
        plan[..index].iter().filter(|earlier| earlier.operation.write.id() == Some(&entity.id)).count() as u64;
    let first = plan[0].before.get(&entity.id).map_or(1, |entity| entity.version);
    let versions = (first..=first + changes).map(|version| Entity { version, ..entity.clone() });
    versions.filter_map(|entity| entity.check(operation.if_match).err()).collect()
}

/// Checks the operations that a dry run accepts. One refusal of an operation must not hold at every moment; if none holds,
/// the result must show the entity.
fn check_accepted(
    states: &[State],
    operations: &[BatchedWrite],
    answered: Answered<'_>,
    results: &[Value],
) -> Result<(), Violation> {
    let accepted: Vec<_> = results.iter().filter(|result| result["status"] == 200).collect();
    if accepted.is_empty() {
        return Ok(());
    }
    let is_accepted = |index| accepted.iter().any(|result| index_of(result) == Some(index));
    let predictions: Vec<_> = states.iter().map(|state| predict(state, operations, is_accepted)).collect();
    for result in accepted {
        let wrong = |what: String| Err(answered.violation(format!("{result}: {what}")));
        let index = index_of(result).unwrap_or(usize::MAX);
        let at_each_moment = predictions.iter().filter_map(|plan| plan.get(index));
        let mut refusals: Vec<_> = at_each_moment.clone().map(|prediction| prediction.outcome.as_ref().err()).collect();
        refusals.dedup();
        match *refusals {
            [None] if at_each_moment.clone().any(|prediction| prediction.shows_accepted(result)) => {}
            [None] => return wrong("the entity has no such version".to_owned()),
            [Some(refusal)] => return wrong(format!("refused at every moment: {refusal:?}")),
            // Its items may be of several moments, and so may be those that the operations after it depend on.
            _ => return Ok(()),
        }
    }
    Ok(())
}

/// Applies the operations to a state, one after the other, except those that are refused or not counted.
fn predict<'a>(state: &State, operations: &'a [BatchedWrite], counts: impl Fn(usize) -> bool) -> Vec<Prediction<'a>> {
    let mut state = state.clone();
    let one = |(index, operation): (usize, &'a BatchedWrite)| {
        let before = state.clone();
        let outcome = state.judge(&operation.write, operation.if_match).map(|after| match &operation.reference {
            // The name stands for the identifier.
            Some(name) => Entity { id: format!("${name}"), ..after },
            None => after,
        });
        if let (true, Ok(after)) = (counts(index), &outcome) {
            state.put(after.clone());
        }
        Prediction { operation, before, outcome }
    };
    operations.iter().enumerate().map(one).collect()
}

impl Prediction<'_> {
    /// Returns `true` if a result shows the outcome.
    fn is_shown(&self, options: Options, answered: Answered<'_>, result: &Value) -> bool {
        match &self.outcome {
            Ok(_) => self.accepted().is_some_and(|body| result["body"] == body) && is_accepted_without_tag(result),
            Err(expected) => refusal(answered, result) == without_tag(expected, options),
        }
    }

    /// Returns `true` if a result shows the outcome, with any counters.
    fn shows_accepted(&self, result: &Value) -> bool {
        let given = writes::without_counters(result["body"].clone());
        let expected = self.accepted().map(writes::without_counters);
        expected == Some(given) && is_accepted_without_tag(result)
    }

    /// Returns the body of the result, if the operation is accepted.
    fn accepted(&self) -> Option<Value> {
        let mut body = writes::shown(&self.before, &self.operation.write, self.outcome.as_ref().ok()?);
        hide_what_is_new(&mut body);
        Some(body)
    }
}

/// Returns `true` for a result 200 without an entity tag: nothing was written.
fn is_accepted_without_tag(result: &Value) -> bool {
    result["status"] == 200 && result["etag"].is_null()
}

/// Replaces what carrying out would make: identifiers and times.
fn hide_what_is_new(body: &mut Value) {
    for (name, value) in body.as_object_mut().into_iter().flatten() {
        let is_new_id = name.ends_with("_id") && value.as_str().is_some_and(|id| id.starts_with('$'));
        if is_new_id || (name == "timestamp" && value == "") {
            *value = Value::Null;
        }
    }
}

/// Returns a refusal as its result shows it: results of a dry run have no entity tag.
fn without_tag(refusal: &Refusal, options: Options) -> Refusal {
    Refusal { version: refusal.version.filter(|_| !options.dry_run), ..refusal.clone() }
}
