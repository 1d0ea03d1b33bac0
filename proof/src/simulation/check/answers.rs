//! The answers to one request.

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::recording::{Recorded, Severity, index_of};
use super::batches::LAST_TRANSACTION;
use super::timeline::Timeline;
use super::{Answered, Violation, batches, reads, writes};

/// Checks every answer to a request.
///
/// # Errors
/// Returns the first violation.
pub(super) fn check(timeline: &Timeline<'_>, request: &Recorded) -> Result<(), Violation> {
    let mut decided = Vec::new();
    for answered in Answered::all(request) {
        check_acknowledged(timeline, answered)?;
        if check_status(answered)? {
            decided.push(answered);
        }
    }
    match &request.call {
        Call::Write(write) => decided.iter().try_for_each(|answered| writes::check(timeline, write, *answered)),
        Call::Batch { operations, dry_run, atomic } => {
            let options = batches::Options { dry_run: *dry_run, atomic: *atomic };
            decided.iter().try_for_each(|answered| batches::check(timeline, operations, options, *answered))
        }
        Call::Infos { .. } | Call::History { .. } | Call::List { .. } => reads::check(timeline, request, &decided),
    }
}

/// Milliseconds before the deadline at which a request may give up: the next pause (at most one and a half times the longest
/// one) and the call may not fit.
pub(super) const LAST_PAUSE: u64 = 1_100;

/// Milliseconds after which a call without an answer is sent again.
pub(super) const ATTEMPT: u64 = 3_000;

/// What a request may do if it is refused, and nobody knows whether an earlier transaction of it was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WhenUncertain {
    /// Give up.
    GiveUp,
    /// Go on with its other operations.
    GoOn,
}

impl WhenUncertain {
    /// Returns what a whole request may do.
    pub(super) fn of(call: &Call) -> Self {
        match call {
            Call::Batch { atomic: false, .. } => Self::GoOn,
            Call::Batch { .. } | Call::Write(_) | Call::Infos { .. } | Call::History { .. } | Call::List { .. } => {
                Self::GiveUp
            }
        }
    }
}

/// Checks that a request did not give up too early.
///
/// # Errors
/// Returns a violation if it had no fault, or if it could have gone on and had more than `margin` milliseconds left.
pub(super) fn check_unavailable(
    answered: Answered<'_>,
    margin: u64,
    when_uncertain: WhenUncertain,
) -> Result<(), Violation> {
    let Answered { attempt, answer, .. } = answered;
    let may_give_up = when_uncertain == WhenUncertain::GiveUp && attempt.refused_when_uncertain;
    match attempt.worst_fault {
        None => Err(answered.violation("unavailable without a fault")),
        Some(Severity::GiveUp) => Ok(()),
        Some(Severity::Uncertain) if may_give_up => Ok(()),
        Some(Severity::Retry | Severity::Uncertain) => {
            let is_late = |at: u64| at + margin >= attempt.deadline();
            if is_late(answer.answered_at) && is_late(attempt.last_call_at + ATTEMPT) {
                return Ok(());
            }
            Err(answered.violation(format!("unavailable, though its last call was at {}", attempt.last_call_at)))
        }
    }
}

/// Checks that a 503 does not disclose its cause.
///
/// # Errors
/// Returns a description if it does.
pub(super) fn check_503_body(body: &Value) -> Result<(), &'static str> {
    let is_right = *body == json!({ "detail": "Service momentanément indisponible" });
    if is_right { Ok(()) } else { Err("a 503 has another body") }
}

/// Checks that a request is answered 200, and not as a repeated one, if DynamoDB acknowledged its write in time.
fn check_acknowledged(timeline: &Timeline<'_>, answered: Answered<'_>) -> Result<(), Violation> {
    let Answered { request, number, attempt, answer } = answered;
    let own = timeline.commits_of(request).filter(|commit| commit.by.attempt == number);
    for commit in own.filter(|commit| attempt.has_acknowledged(commit)) {
        let mut effects = timeline.effects(request).iter().filter(|effect| effect.kept.at == commit.at);
        let is_reported = match request.call {
            Call::Batch { .. } => effects.all(|effect| {
                let is_it = |result: &Value| index_of(result) == Some(effect.index) && result["status"] == 200;
                answer.results().iter().any(is_it)
            }),
            Call::Write(_) | Call::Infos { .. } | Call::History { .. } | Call::List { .. } => {
                answer.status == 200 && !answer.is_replay
            }
        };
        if !is_reported {
            return Err(answered.violation(format!("does not report what was acknowledged: {commit:?}")));
        }
    }
    Ok(())
}

/// Checks the deadline and the status. Returns `false` for a 503.
fn check_status(answered: Answered<'_>) -> Result<bool, Violation> {
    let Answered { request, attempt, answer, .. } = answered;
    let took = answer.answered_at - attempt.invoked_at;
    // Timers have milliseconds.
    if took > attempt.time_limit + 1 {
        return Err(answered.violation(format!("answered after {took} ms")));
    }
    match answer.status {
        503 => {
            check_503_body(&answer.body).map_err(|what| answered.violation(what))?;
            let margin = if let Call::Batch { .. } = request.call { LAST_TRANSACTION } else { LAST_PAUSE };
            check_unavailable(answered, margin, WhenUncertain::of(&request.call)).map(|()| false)
        }
        200 | 404 | 409 | 412 | 422 => Ok(true),
        _ => Err(answered.violation("unexpected status")),
    }
}
