//! What the network, DynamoDB and Lambda do to one call: drawn from the seed, the request and the number of the call.

use std::ops::Range;
use std::time::Duration;

use fastrand::Rng;
use testkit::Fault;

use super::recording::{AttemptId, Severity};

/// How often things go wrong in a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FaultRate {
    /// No random faults; there may be an outage.
    None,
    /// At one call in 25.
    Low,
    /// At one call in 6.
    High,
    /// At every second transaction, and at no other call. Half of these transactions arrive late.
    Transactions,
}

/// The source of the faults of one history.
#[derive(Debug, Clone)]
pub(super) struct Faults {
    pub(super) seed: u64,
    pub(super) rate: FaultRate,
    /// Outage, in milliseconds from the start: nine calls in ten have a fault.
    pub(super) outage: Range<u64>,
    /// Number of the callers that have faults. Those after them prepare and end the history.
    pub(super) callers: usize,
}

/// What random numbers of an attempt are for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// The call of the table with this number.
    Call(u64),
    /// The instance and the headers.
    Sending,
    /// The end of the function.
    End,
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
    ErrorInstead(Error),
    /// DynamoDB carries the call out, and answers this error.
    ErrorAfter(Error),
    /// DynamoDB answers this error, and carries the call out after this time.
    ErrorBefore(Error, Duration),
}

impl WireFault {
    /// Returns what the request must do about it.
    pub(super) fn severity(self, is_transaction: bool) -> Severity {
        let is_uncertain = match self {
            Self::ErrorInstead(Fault::NO_TABLE)
            | Self::ErrorAfter(Fault::NO_TABLE)
            | Self::ErrorBefore(Fault::NO_TABLE, _) => return Severity::GiveUp,
            Self::ErrorInstead(error) => UNCERTAIN.contains(&error),
            Self::ErrorAfter(_)
            | Self::ErrorBefore(..)
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
    pub(super) fn rng(&self, attempt: AttemptId, purpose: Purpose) -> Rng {
        let purpose = match purpose {
            Purpose::Call(number) => number,
            Purpose::Sending => u64::MAX - 1,
            Purpose::End => u64::MAX,
        };
        let AttemptId { caller, step, attempt } = attempt;
        let place = [caller as u64, step as u64, attempt as u64, purpose];
        let mix = |seed: u64, number: u64| Rng::with_seed(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15)).u64(..);
        Rng::with_seed(place.into_iter().fold(self.seed, mix))
    }

    /// Draws the latencies and the fault of a call that is sent at a time, in milliseconds from the start.
    pub(super) fn delivery(&self, attempt: AttemptId, call: u64, is_transaction: bool, millis: u64) -> Delivery {
        let mut rng = self.rng(attempt, Purpose::Call(call));
        let (request_latency, response_latency) = (latency(&mut rng), latency(&mut rng));
        let is_outage = self.outage.contains(&millis) && attempt.caller < self.callers && rng.u8(0..10) > 0;
        let has_fault = self.has_fault(attempt, is_transaction, &mut rng);
        let is_late = self.rate == FaultRate::Transactions && rng.bool();
        let fault = || if is_late { WireFault::Late(delay(&mut rng)) } else { wire_fault(&mut rng, is_transaction) };
        let fault = (has_fault || is_outage).then(fault);
        Delivery { request_latency, response_latency, fault }
    }

    /// Draws whether Lambda ends the function in the middle of a request, and after how many polls.
    pub(super) fn polls_before_end(&self, attempt: AttemptId) -> Option<u32> {
        let mut rng = self.rng(attempt, Purpose::End);
        (self.has_fault(attempt, false, &mut rng) && rng.u8(0..3) == 0).then(|| rng.u32(1..24))
    }

    fn has_fault(&self, AttemptId { caller, .. }: AttemptId, is_transaction: bool, rng: &mut Rng) -> bool {
        match self.rate {
            _ if caller >= self.callers => false,
            FaultRate::None => false,
            FaultRate::Low => rng.u8(0..25) == 0,
            FaultRate::High => rng.u8(0..6) == 0,
            FaultRate::Transactions => is_transaction && rng.bool(),
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

/// Draws an error after which a call is carried out nevertheless.
fn false_error(rng: &mut Rng) -> Error {
    if rng.bool() { Fault::SERVER_ERROR } else { Fault::NO_TABLE }
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
        8 => WireFault::ErrorAfter(false_error(rng)),
        9 => WireFault::ErrorBefore(false_error(rng), delay(rng)),
        10 => WireFault::ErrorInstead(Fault::NO_TABLE),
        _ => WireFault::ErrorInstead(error(rng)),
    }
}
