//! How a call is made: counted, bounded by the deadline, and sent again where that helps.

use std::error::Error;
use std::fmt::Debug;
use std::future::Future;
use std::iter::successors;
use std::time::Duration;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::tally::Attempts;
use super::{Store, StoreError};

/// The pauses between the attempts of one call, which grow and are spread at random.
pub(super) struct Pauses {
    next: Duration,
    deadline: Instant,
}

impl Pauses {
    const FIRST: Duration = Duration::from_millis(5);
    const LONGEST: Duration = Duration::from_millis(400);

    pub(super) fn until(deadline: Instant) -> Self {
        Self { next: Self::FIRST, deadline }
    }

    /// Waits, and is true; false at once where the deadline would pass meanwhile.
    pub(super) async fn wait(&mut self) -> bool {
        let again = Instant::now() + self.next.mul_f64(0.5 + fastrand::f64());
        if again >= self.deadline {
            return false;
        }
        sleep_until(again).await;
        self.next = (self.next * 2).min(Self::LONGEST);
        true
    }
}

/// What stopped a call for now.
#[derive(Debug, Clone, Copy)]
pub(super) enum Passing {
    /// Another one's write of the same item.
    Conflict,
    /// That too much was asked.
    Throttle,
}

impl Store {
    /// What counts the attempts of a call.
    pub(super) fn attempts(&self) -> Attempts {
        Attempts(self.tally.clone())
    }

    /// Sends a call that nothing but the SDK's own attempts may help.
    pub(super) async fn call<T, E, R, F>(&self, send: impl Fn() -> F) -> Result<T, StoreError>
    where
        E: ProvideErrorMetadata + Error + 'static,
        R: Debug + 'static,
        F: Future<Output = Result<T, SdkError<E, R>>>,
    {
        self.insist(send, |_| None).await?.map_err(|error| unavailable(&error))
    }

    /// Sends a call until it answers something else than what `passes`, or until the deadline.
    ///
    /// The SDK has already tried again what throttles and what the network lost; `passes` are the
    /// conflicts between transactions, which it leaves alone.
    pub(super) async fn insist<T, E, R, F>(
        &self,
        send: impl Fn() -> F,
        passes: impl Fn(&E) -> Option<Passing>,
    ) -> Result<Result<T, E>, StoreError>
    where
        E: ProvideErrorMetadata + Error + 'static,
        R: Debug + 'static,
        F: Future<Output = Result<T, SdkError<E, R>>>,
    {
        self.tally.count_call();
        let deadline = self.deadline();
        let mut backoff = Pauses::until(deadline);
        loop {
            let answer = timeout_at(deadline, send()).await;
            let error = match answer.map_err(|_| StoreError::Unavailable("the deadline passed".to_owned()))? {
                Ok(done) => return Ok(Ok(done)),
                Err(SdkError::ServiceError(error)) => error.into_err(),
                Err(error) => return Err(StoreError::Unavailable(unsent(&error))),
            };
            match passes(&error) {
                None => return Ok(Err(error)),
                Some(Passing::Conflict) => self.tally.count_conflict(),
                Some(Passing::Throttle) => {}
            }
            if !backoff.wait().await {
                return Err(unavailable(&error));
            }
        }
    }
}

/// Why a call has no answer of the table. Never what the SDK says of a request that it could not
/// send: that may quote its body.
pub(super) fn unsent<E, R>(error: &SdkError<E, R>) -> String {
    let SdkError::DispatchFailure(failure) = error else { return error.to_string() };
    match failure.as_connector_error() {
        Some(connection) if connection.is_io() || connection.is_timeout() => {
            let causes = successors(connection.source(), |error: &&(dyn Error + 'static)| (*error).source());
            causes.fold("no connection".to_owned(), |text, cause| format!("{text}: {cause}"))
        }
        _ => "the request could not be sent: is the endpoint right?".to_owned(),
    }
}

/// The code of what the table answered. Never its message, and never its `Debug` form: both may
/// quote an item.
pub(super) fn unavailable(error: &impl ProvideErrorMetadata) -> StoreError {
    StoreError::Unavailable(error.code().unwrap_or("an answer that is not DynamoDB's").to_owned())
}
