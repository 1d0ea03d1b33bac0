//! Settings of the SDK for services other than the table.

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::{BehaviorVersion, SdkConfig};
use lambda_runtime::Error;

use crate::environment::{optional, required};
use crate::store::http_client::http_client;

/// Reads the environment that Lambda sets. The SDK itself reads `AWS_REGION` and the endpoints, such as
/// `AWS_ENDPOINT_URL_CODEDEPLOY`.
///
/// # Errors
/// Returns the first required variable that is missing, or why the root certificates cannot be used.
pub(crate) async fn config() -> Result<SdkConfig, Error> {
    for name in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        required(name)?;
    }
    let http_client = http_client(optional("AWS_CA_BUNDLE"))?;
    let settings = aws_config::defaults(BehaviorVersion::latest()).http_client(http_client);
    Ok(settings.credentials_provider(EnvironmentVariableCredentialsProvider::new()).load().await)
}
