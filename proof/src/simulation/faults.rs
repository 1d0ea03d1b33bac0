//! What the network, DynamoDB and Lambda do to one call: drawn from the seed, the request and the number of the call.

use std::time::Duration;

use fastrand::Rng;
use testkit::Fault;

use super::recording::{AttemptId, Severity};

/// How often things go wrong in a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FaultRate {
    /// Never.
    None,
    /// At one call in 25.
    Low,
    /// At one call in 6.
    High,
}

/// The source of the faults of one history.
#[derive(Debug, Clone, Copy)]
pub(super) struct Faults {
    pub(super) seed: u64,
    pub(super) rate: FaultRate,
    /// Number of the callers that have faults. Those after them prepare and end the history.
    pub(super) callers: usize,
}

/// How one call of the table goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Delivery {
    /// Time from the function to DynamoDB.
    pub(super) request_latency: Duration,
    /// Time back.
    pub(super) response_latency: Duration,
    pub(super) fault: Option<WireFault>,
}

/// A fault of one call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum WireFault {
    /// The call is lost, and the connection is closed.
    CallLost,
    /// The call is lost, and nothing answers.
    CallSilent,
    /// The call is carried out, and the connection is closed.
    AnswerLost,
    /// The call is carried out, and nothing answers.
    AnswerSilent,
    /// The call is carried out, and the answer is cut.
    AnswerCut,
    /// The call is carried out, and after this time once more, as by a proxy that repeats it. The second answer counts.
    Twice(Duration),
    /// The connection is closed, and the call is carried out after this time.
    Late(Duration),
    /// DynamoDB answers this error instead of carrying the call out.
    Refused(Error),
    /// DynamoDB carries the call out, and answers this error.
    RefusedAfter(Error),
    /// DynamoDB answers this error, and carries the call out after this time.
    RefusedBefore(Error, Duration),
}

impl WireFault {
    /// Returns what the request must do about it.
    pub(super) fn severity(self, is_transaction: bool) -> Severity {
        let is_uncertain = match self {
            Self::Refused(Fault::NO_TABLE)
            | Self::RefusedAfter(Fault::NO_TABLE)
            | Self::RefusedBefore(Fault::NO_TABLE, _) => return Severity::GiveUp,
            Self::Refused(error) => UNCERTAIN.contains(&error),
            Self::RefusedAfter(_)
            | Self::RefusedBefore(..)
            | Self::CallLost
            | Self::CallSilent
            | Self::AnswerLost
            | Self::AnswerSilent
            | Self::AnswerCut
            | Self::Twice(_)
            | Self::Late(_) => true,
        };
        if is_uncertain && is_transaction { Severity::Uncertain } else { Severity::Retry }
    }
}

/// Errors after which nobody knows whether DynamoDB carried the call out.
const UNCERTAIN: [Error; 3] = [Fault::HTML_PAGE, Fault::EMPTY_SUCCESS, Fault::IN_PROGRESS];

/// Status and body of an error.
type Error = (u16, &'static str);

/// Errors that any call may have.
const ERRORS: [Error; 5] =
    [Fault::THROTTLED, Fault::THROTTLING, Fault::REQUEST_LIMIT, Fault::HTML_PAGE, Fault::EMPTY_SUCCESS];

/// Errors that only transactions have.
const ERRORS_OF_TRANSACTIONS: [Error; 4] =
    [Fault::CONFLICT, Fault::TRANSACTION_THROTTLED, Fault::TRANSACTION_OVER_CAPACITY, Fault::IN_PROGRESS];

impl Faults {
    /// Returns random numbers for one purpose of one attempt, which no other purpose or attempt changes.
    pub(super) fn rng(self, attempt: AttemptId, purpose: u64) -> Rng {
        let AttemptId { caller, step, attempt } = attempt;
        let place = [caller as u64, step as u64, attempt as u64, purpose];
        let mix = |seed: u64, number: u64| Rng::with_seed(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15)).u64(..);
        Rng::with_seed(place.into_iter().fold(self.seed, mix))
    }

    /// Returns how a call goes.
    pub(super) fn delivery(self, attempt: AttemptId, call: u64, is_transaction: bool) -> Delivery {
        let mut rng = self.rng(attempt, call);
        let (request_latency, response_latency) = (latency(&mut rng), latency(&mut rng));
        let fault = self.has_fault(attempt, &mut rng).then(|| wire_fault(&mut rng, is_transaction));
        Delivery { request_latency, response_latency, fault }
    }

    /// Returns the number of steps after which Lambda ends the function in the middle of a request, if it does.
    pub(super) fn kill(self, attempt: AttemptId) -> Option<u32> {
        let mut rng = self.rng(attempt, u64::MAX);
        (self.has_fault(attempt, &mut rng) && rng.u8(0..3) == 0).then(|| rng.u32(1..24))
    }

    fn has_fault(self, AttemptId { caller, .. }: AttemptId, rng: &mut Rng) -> bool {
        match self.rate {
            _ if caller >= self.callers => false,
            FaultRate::None => false,
            FaultRate::Low => rng.u8(0..25) == 0,
            FaultRate::High => rng.u8(0..6) == 0,
        }
    }
}

/// One way takes some milliseconds, and sometimes much longer.
fn latency(rng: &mut Rng) -> Duration {
    let most = match rng.u8(0..20) {
        0 => 200,
        1..4 => 30,
        _ => 6,
    };
    Duration::from_millis(rng.u64(1..=most))
}

/// Most delays are short. Some pass the time limit of an attempt, and some that of the request.
fn delay(rng: &mut Rng) -> Duration {
    let most = match rng.u8(0..8) {
        0 => 40_000,
        1 | 2 => 5_000,
        _ => 400,
    };
    Duration::from_millis(rng.u64(1..=most))
}

fn wire_fault(rng: &mut Rng, is_transaction: bool) -> WireFault {
    let error = |rng: &mut Rng| {
        let all = ERRORS.len() + if is_transaction { ERRORS_OF_TRANSACTIONS.len() } else { 0 };
        let index = rng.usize(0..all);
        *ERRORS.get(index).unwrap_or_else(|| &ERRORS_OF_TRANSACTIONS[index - ERRORS.len()])
    };
    match rng.u8(0..14) {
        0 => WireFault::CallLost,
        1 => WireFault::CallSilent,
        2 => WireFault::AnswerLost,
        3 => WireFault::AnswerSilent,
        4 => WireFault::AnswerCut,
        5 => WireFault::Twice(delay(rng)),
        6 | 7 => WireFault::Late(delay(rng)),
        8 => WireFault::RefusedAfter(*rng.choice(&[Fault::SERVER_ERROR, Fault::NO_TABLE]).unwrap_or(&Fault::HTML_PAGE)),
        9 => WireFault::RefusedBefore(
            *rng.choice(&[Fault::SERVER_ERROR, Fault::NO_TABLE]).unwrap_or(&Fault::HTML_PAGE),
            delay(rng),
        ),
        10 => WireFault::Refused(Fault::NO_TABLE),
        _ => WireFault::Refused(error(rng)),
    }
}
