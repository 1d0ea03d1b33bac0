use aws_config::SdkConfig;
use aws_sdk_lambda::config::Builder;
use aws_sdk_lambda::operation::invoke::InvokeError;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::{Client, Error};
use aws_smithy_types::error::display::DisplayErrorContext;
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

use crate::probe::NoProbe;
use crate::retry::unsettled;

/// A published version of a Lambda function.
#[derive(Debug)]
pub(crate) struct Version {
    /// Name of the function.
    pub(crate) function: String,
    /// Number of the version.
    pub(crate) number: String,
}

/// Why a version does not work, or could not be checked.
#[derive(Debug, Error)]
pub(crate) enum VersionError {
    /// There is nothing to send to the function.
    #[error(transparent)]
    NoProbe(#[from] NoProbe),
    /// Lambda did not invoke it, after all retries.
    #[error("Lambda did not invoke the version: {}", DisplayErrorContext(.0))]
    Call(Box<Error>),
    /// It crashed, timed out or could not start.
    #[error("the function failed: {0}")]
    Function(String),
    /// It returned something else than a response for API Gateway.
    #[error("the answer is not a response for API Gateway")]
    Payload,
    /// It answered with another status.
    #[error("{route} answered {status}, expected {expected}")]
    Status {
        /// Key of the route.
        route: String,
        /// Expected status.
        expected: u16,
        /// Status of the answer.
        status: u16,
    },
}

/// The part of a response for API Gateway that is compared.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GatewayResponse {
    status_code: u16,
}

/// Returns a client of Lambda.
pub(crate) fn client(sdk: &SdkConfig) -> Client {
    Client::from_conf(Builder::from(sdk).retry_classifier(unsettled::<InvokeError>()).build())
}

impl Version {
    /// Invokes exactly this version with an event of API Gateway, and returns the status of its answer.
    ///
    /// # Errors
    /// Returns [`VersionError`] if there is no answer with a status.
    pub(crate) async fn status(&self, lambda: &Client, event: Value) -> Result<u16, VersionError> {
        let invocation = lambda.invoke().function_name(format!("{}:{}", self.function, self.number));
        let sent = invocation.payload(Blob::new(event.to_string())).send().await;
        let answer = sent.map_err(|error| VersionError::Call(Box::new(error.into())))?;
        if let Some(kind) = answer.function_error {
            // The payload may quote a panic. The function's own log has it.
            return Err(VersionError::Function(kind));
        }
        let payload = answer.payload.unwrap_or_else(|| Blob::new([]));
        let response: GatewayResponse = serde_json::from_slice(payload.as_ref()).map_err(|_| VersionError::Payload)?;
        Ok(response.status_code)
    }
}
