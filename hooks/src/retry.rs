use std::error::Error;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_runtime::retries::classifiers::{AwsErrorCodeClassifier, TRANSIENT_ERRORS};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// Attempts of one call. The pauses between them take about 25 s.
const ATTEMPTS: u32 = 12;

/// Longest pause before the first retry.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Time limit of one attempt: a function has 10 s to start and 10 s to answer. A batch has 29 s, but a probe of one
/// operation takes that long only if the table does not answer.
const ATTEMPT_TIME_LIMIT: Duration = Duration::from_secs(25);

/// Codes of errors that pass while a deployment settles: a version is still `Pending`, or IAM does not know a new role
/// everywhere yet.
///
/// Sources: <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>,
/// <https://github.com/aws/serverless-application-model/issues/838>.
const UNSETTLED: [&str; 3] = ["AccessDeniedException", "ResourceConflictException", "ResourceNotReadyException"];

/// Returns the settings with more attempts than the SDK's three: many deployments run at the same time, and share the
/// concurrency of the account.
pub(crate) fn patient(sdk: SdkConfig) -> SdkConfig {
    let retries = RetryConfig::standard().with_max_attempts(ATTEMPTS);
    let retries = retries.with_initial_backoff(FIRST_PAUSE).with_max_backoff(LONGEST_PAUSE);
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_TIME_LIMIT).build();
    sdk.into_builder().retry_config(retries).timeout_config(timeouts).build()
}

/// Returns the rule by which a call with errors of this type retries [`UNSETTLED`] errors too.
pub(crate) fn unsettled<E>() -> AwsErrorCodeClassifier<E>
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let codes: Vec<_> = TRANSIENT_ERRORS.iter().chain(&UNSETTLED).copied().collect();
    AwsErrorCodeClassifier::builder().transient_errors(codes).build()
}
