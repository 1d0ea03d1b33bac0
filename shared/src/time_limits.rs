//! Every time limit of a request, with its reason. Each fits into the next: an attempt, the request, the function's
//! timeout (`Timeout` in the template: 10 s, or 29 s for a batch), API Gateway's timeout (30 s).

use std::time::{Duration, SystemTime};

/// Time limit of a request outside of Lambda: less than the 30 s after which API Gateway gives up, as many HTTP
/// clients do.
pub const DEFAULT_TIME_LIMIT: Duration = Duration::from_secs(25);

/// Time before Lambda's deadline at which the store gives up. Lambda ends a function at its deadline without
/// an answer, and its caller gets a 503 that no log line explains. Half a second is left to answer, write
/// the log line and send both, also on a function that Lambda gives little CPU.
pub const ANSWER_MARGIN: Duration = Duration::from_millis(500);

/// Time before the deadline of a batch at which it starts no further transaction: that of one attempt, so that what it
/// began is decided before the deadline.
pub const BATCH_MARGIN: Duration = ATTEMPT_TIME_LIMIT;

/// Time limit of one attempt of a call. DynamoDB answers in milliseconds: an attempt that takes seconds is
/// lost, and three of them fit into a function's 10 s.
pub const ATTEMPT_TIME_LIMIT: Duration = Duration::from_secs(3);

/// Time limit of opening a connection, inside that of the attempt.
pub const CONNECT_TIME_LIMIT: Duration = Duration::from_secs(1);

/// Pause before the first retry. DynamoDB commits a transaction in about this time, so a conflict is often
/// over after it.
pub const FIRST_PAUSE: Duration = Duration::from_millis(5);

/// Longest pause between two attempts, before it is varied by half. During an outage, a request that fails
/// at once makes some 30 attempts in 10 s, and succeeds at most 0.6 s after the end of the outage.
pub const LONGEST_PAUSE: Duration = Duration::from_millis(400);

/// Returns the time that the store has until Lambda's deadline, in milliseconds since the Unix epoch, less the
/// [`ANSWER_MARGIN`].
#[must_use]
pub fn time_left(deadline: u64) -> Duration {
    let deadline = SystemTime::UNIX_EPOCH + Duration::from_millis(deadline);
    deadline.duration_since(SystemTime::now()).unwrap_or_default().saturating_sub(ANSWER_MARGIN)
}
