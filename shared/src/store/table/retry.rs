//! Retries of failed calls. (`read.rs` sends keys that a batch leaves unprocessed in a new call.)
//!
//! The SDK's own retries are off. They stop after three attempts, and share a quota that an outage
//! empties, after which every single fault fails a request.

use std::error::Error;
use std::future::Future;
use std::iter::successors;
use std::time::Duration;

use aws_runtime::retries::classifiers::{THROTTLING_ERRORS, TRANSIENT_ERRORS};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::Table;
use super::usage::Metered;
use crate::store::error::StoreError;
use crate::store::request::Random;
use crate::time_limits::LONGEST_PAUSE;

/// Pauses between attempts: they double up to a maximum, and half of each is random.
pub(crate) struct Backoff {
    next: Duration,
    deadline: Instant,
    random: Random,
}

impl Backoff {
    /// Creates pauses, of which the first one takes about this long.
    pub(super) fn until(deadline: Instant, first: Duration, random: Random) -> Self {
        Self { next: first, deadline, random }
    }

    /// Waits and returns `true`; returns `false` at once if the deadline comes first.
    pub(crate) async fn wait(&mut self) -> bool {
        let again = Instant::now() + self.next.mul_f64(0.5 + self.random.fraction());
        if again >= self.deadline {
            return false;
        }
        sleep_until(again).await;
        self.next = (self.next * 2).min(LONGEST_PAUSE);
        true
    }
}

/// A transient error: the same call may succeed later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transient {
    /// Another transaction was writing one of the items. Nothing was written.
    Conflict,
    /// DynamoDB refused the call because of the load. Nothing was written.
    Throttle,
    /// There is no valid response. The call may have been carried out, or may be carried out later.
    Fault,
}

/// A response, after as many attempts as it took.
pub(super) struct Sent<T, E> {
    pub(super) response: Result<T, E>,
    /// Whether an earlier attempt ended without a response, so that it may still be carried out.
    pub(super) uncertain: bool,
}

impl Table {
    /// Sends a call, again after each transient error until the deadline.
    ///
    /// `transient` finds the errors that are transient for this operation only.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if there is no response before the deadline.
    pub(super) async fn send<T, E, F>(
        &self,
        send: impl Fn() -> F,
        transient: impl Fn(&E) -> Option<Transient>,
    ) -> Result<Sent<T, E>, StoreError>
    where
        T: Metered,
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<T, SdkError<E>>>,
    {
        let mut backoff = self.backoff();
        let (mut uncertain, mut last_error) = (false, String::new());
        loop {
            // The future of a call is large, and some requests make two at a time.
            let answer = timeout_at(self.request.deadline, Box::pin(send())).await;
            let (again, cause) = match answer {
                Ok(Ok(output)) if !output.is_complete() => (Transient::Fault, INCOMPLETE.to_owned()),
                Ok(Ok(output)) => {
                    self.usage.add_units(output.consumed());
                    return Ok(Sent { response: Ok(output), uncertain });
                }
                Ok(Err(error)) => {
                    let again = error.as_service_error().and_then(&transient).or_else(|| classify(&error));
                    match (again, error) {
                        (Some(again), error) => (again, cause(&error)),
                        (None, SdkError::ServiceError(error)) => {
                            return Ok(Sent { response: Err(error.into_err()), uncertain });
                        }
                        (None, error) => return Err(StoreError::Unavailable(cause(&error))),
                    }
                }
                Err(_) => return Err(StoreError::Unavailable(format!("no answer before the deadline{last_error}"))),
            };
            if !backoff.wait().await {
                return Err(StoreError::Unavailable(cause));
            }
            last_error = format!("; before: {cause}");
            uncertain |= again == Transient::Fault;
            self.usage.count_retry();
            if again == Transient::Conflict {
                self.usage.count_conflict();
            }
        }
    }

    /// Like [`Self::send`], and turns every error into a [`StoreError`].
    ///
    /// # Errors
    /// Returns [`StoreError::Bug`] if DynamoDB refuses the form of the request, otherwise
    /// [`StoreError::Unavailable`].
    pub(super) async fn call<T, E, F>(&self, send: impl Fn() -> F) -> Result<T, StoreError>
    where
        T: Metered,
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<T, SdkError<E>>>,
    {
        self.send(send, |_| None).await?.response.map_err(|error| unavailable(&error))
    }
}

/// Cause of a retry after a success that lacks what DynamoDB always returns.
const INCOMPLETE: &str = "an incomplete response";

/// Codes of transient errors, in addition to the SDK's lists, in case they come with a status below 500.
const FAULTS: &[&str] = &["InternalServerError", "InternalFailure", "ServiceUnavailable"];

/// Finds the transient errors that every operation has.
fn classify<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Option<Transient> {
    match error {
        SdkError::TimeoutError(_) | SdkError::ResponseError(_) => Some(Transient::Fault),
        SdkError::DispatchFailure(failure) if !failure.is_user() => Some(Transient::Fault),
        SdkError::ServiceError(service) => match service.err().code() {
            Some(code) if THROTTLING_ERRORS.contains(&code) => Some(Transient::Throttle),
            Some(code) if TRANSIENT_ERRORS.contains(&code) || FAULTS.contains(&code) => Some(Transient::Fault),
            Some(_) if service.raw().status().is_server_error() => Some(Transient::Fault),
            Some(_) => None,
            // Something between DynamoDB and parc answered, or cut the answer.
            None => Some(Transient::Fault),
        },
        SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) | _ => None,
    }
}

/// Describes why a call failed, without the SDK's text, which may quote an item.
pub(super) fn cause<E: ProvideErrorMetadata>(error: &SdkError<E>) -> String {
    match error {
        SdkError::ServiceError(service) => match (code(service.err()), service.err().message()) {
            // It describes a fault of the server, such as a full disk of the local emulator.
            (code @ "InternalServerError", Some(message)) => format!("{code}: {message}"),
            (code, _) => code.to_owned(),
        },
        SdkError::TimeoutError(_) => "timed out".to_owned(),
        SdkError::ResponseError(_) => "truncated or invalid response".to_owned(),
        SdkError::DispatchFailure(failure) => {
            let source = failure.as_connector_error().and_then(Error::source);
            let causes = successors(source, |error| (*error).source());
            causes.fold("connection failed".to_owned(), |text, cause| format!("{text}: {cause}"))
        }
        SdkError::ConstructionFailure(_) | _ => {
            "the request could not be built: check the endpoint and the credentials".to_owned()
        }
    }
}

/// Returns the code of an error, never its message: that of a refused request may quote an item.
fn code(error: &impl ProvideErrorMetadata) -> &str {
    error.code().unwrap_or("an answer that is not DynamoDB's")
}

pub(super) fn unavailable(error: &impl ProvideErrorMetadata) -> StoreError {
    match code(error) {
        // DynamoDB refuses the form of a request: parc built it wrongly.
        code @ ("ValidationException" | "IdempotentParameterMismatchException" | "SerializationException") => {
            StoreError::Bug(format!("DynamoDB refused a request: {code}"))
        }
        code => StoreError::Unavailable(code.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time_limits::FIRST_PAUSE;

    #[tokio::test(start_paused = true)]
    async fn pauses_allow_some_30_attempts_in_10_seconds() {
        let deadline = Instant::now() + Duration::from_secs(10);
        let mut backoff = Backoff::until(deadline, FIRST_PAUSE, Random::seeded(1));
        let mut attempts = 1;
        while backoff.wait().await {
            attempts += 1;
        }
        assert!((25..40).contains(&attempts), "{attempts} attempts");
        // The next pause would have ended after the deadline.
        let left = deadline - Instant::now();
        assert!(left <= LONGEST_PAUSE.mul_f64(1.5), "{left:?} left");
    }
}
