//! From settings to a client of DynamoDB that starts fast.

use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_sdk_dynamodb::config::endpoint::{Endpoint, EndpointFuture, Params, ResolveEndpoint};
use aws_sdk_dynamodb::config::http::HttpRequest;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Credentials, IdentityCache, Region, SharedCredentialsProvider, StalledStreamProtectionConfig,
};
use aws_sdk_dynamodb::error::BoxError;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use http_body_util::BodyExt;
use lambda_http::http::Uri;
use thiserror::Error;
use tokio::time::timeout;

use super::Connection;
use super::checksum::Checksum;
use super::http_client::{Connector, InvalidTls, client_of};
use crate::environment::{MissingSetting, optional, required};
use crate::time_limits::{ATTEMPT_TIME_LIMIT, CONNECT_TIME_LIMIT};

/// Location of the table, and the credentials for it.
#[derive(Debug, Clone)]
pub struct Settings {
    table: String,
    region: String,
    endpoint: Option<String>,
    ca_bundle: Option<String>,
    credentials: SharedCredentialsProvider,
    attempt_time_limit: Duration,
    connector: Option<SharedHttpConnector>,
}

impl Settings {
    /// Reads the environment that Lambda and the template set: `PARC_TABLE`, `AWS_REGION`, the
    /// credentials, and optionally `AWS_ENDPOINT_URL_DYNAMODB`, `AWS_ENDPOINT_URL` and `AWS_CA_BUNDLE`
    /// (a PEM file of roots other than Amazon's).
    ///
    /// Reads no configuration file and no metadata service, because these cost start-up time.
    ///
    /// # Errors
    /// Returns the first required variable that is missing.
    pub fn from_env() -> Result<Self, MissingSetting> {
        let table = required("PARC_TABLE")?;
        let region = required("AWS_REGION")?;
        required("AWS_ACCESS_KEY_ID")?;
        required("AWS_SECRET_ACCESS_KEY")?;
        Ok(Self {
            table,
            region,
            endpoint: optional("AWS_ENDPOINT_URL_DYNAMODB").or_else(|| optional("AWS_ENDPOINT_URL")),
            ca_bundle: optional("AWS_CA_BUNDLE"),
            credentials: SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()),
            attempt_time_limit: ATTEMPT_TIME_LIMIT,
            connector: None,
        })
    }

    /// Returns settings for an endpoint that may accept any credentials, like a local emulator. Those of the
    /// environment are used if they are set.
    #[must_use]
    pub fn for_endpoint(table: impl Into<String>, endpoint: impl Into<String>) -> Self {
        let (table, endpoint) = (table.into(), Some(endpoint.into()));
        let credentials = match required("AWS_ACCESS_KEY_ID") {
            Ok(_) => SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()),
            Err(_) => SharedCredentialsProvider::new(Credentials::new("local", "local", None, None, "parc")),
        };
        let region = optional("AWS_REGION").unwrap_or_else(|| "eu-west-3".to_owned());
        let ca_bundle = optional("AWS_CA_BUNDLE");
        Self {
            table,
            region,
            endpoint,
            ca_bundle,
            credentials,
            attempt_time_limit: ATTEMPT_TIME_LIMIT,
            connector: None,
        }
    }

    /// Sets the time limit of one attempt of a call, [`ATTEMPT_TIME_LIMIT`] by default.
    #[must_use]
    pub fn with_attempt_time_limit(self, attempt_time_limit: Duration) -> Self {
        Self { attempt_time_limit, ..self }
    }

    /// Sends every call through this connector, and not over the network. For simulations.
    #[must_use]
    pub fn with_connector(self, connector: impl HttpConnector + 'static) -> Self {
        Self { connector: Some(SharedHttpConnector::new(connector)), ..self }
    }
}

/// Why settings cannot be used.
#[derive(Debug, Error)]
pub enum InvalidSettings {
    /// The endpoint is not a URL.
    #[error("the endpoint {0:?} is not a URL: expected http://HOST:PORT or https://HOST")]
    Endpoint(String),
    /// The root certificates cannot be used.
    #[error(transparent)]
    Tls(#[from] InvalidTls),
}

/// An endpoint that does not depend on the operation. The SDK's own rules cost a tenth of a start.
#[derive(Debug)]
struct FixedEndpoint(Endpoint);

impl ResolveEndpoint for FixedEndpoint {
    fn resolve_endpoint<'a>(&'a self, _: &'a Params) -> EndpointFuture<'a> {
        EndpointFuture::ready(Ok(self.0.clone()))
    }
}

/// Domain of the services of each AWS partition, by the start of its regions' names.
/// Source: <https://github.com/boto/botocore/blob/develop/botocore/data/partitions.json>.
const DOMAINS: [(&str, &str); 6] = [
    ("cn-", "amazonaws.com.cn"),
    ("eusc-", "amazonaws.eu"),
    ("us-iso-", "c2s.ic.gov"),
    ("us-isob-", "sc2s.sgov.gov"),
    ("eu-isoe-", "cloud.adc-e.uk"),
    ("us-isof-", "csp.hci.ic.gov"),
];

/// Returns the public endpoint of a region.
/// Source: <https://docs.aws.amazon.com/general/latest/gr/ddb.html>.
fn endpoint_of_region(region: &str) -> String {
    let special = DOMAINS.iter().find(|(start, _)| region.starts_with(start));
    let domain = special.map_or("amazonaws.com", |(_, domain)| domain);
    format!("https://dynamodb.{region}.{domain}")
}

fn is_url(endpoint: &str) -> bool {
    let url: Option<Uri> = endpoint.parse().ok();
    url.is_some_and(|url| matches!(url.scheme_str(), Some("http" | "https")) && url.host().is_some())
}

impl Connection {
    /// Prepares the connection to the table that the settings name. Nothing is sent yet.
    ///
    /// # Errors
    /// Returns [`InvalidSettings`].
    pub(crate) fn new(settings: Settings) -> Result<Self, InvalidSettings> {
        if let Some(endpoint) = settings.endpoint.as_ref().filter(|endpoint| !is_url(endpoint)) {
            return Err(InvalidSettings::Endpoint(endpoint.clone()));
        }
        let endpoint = settings.endpoint.unwrap_or_else(|| endpoint_of_region(&settings.region));
        let http = match settings.connector {
            Some(connector) => connector,
            None => SharedHttpConnector::new(Connector::new(settings.ca_bundle)?),
        };
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(settings.attempt_time_limit).build();
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(client_of(http.clone()))
            .endpoint_resolver(FixedEndpoint(Endpoint::builder().url(endpoint.clone()).build()))
            .region(Region::new(settings.region))
            .credentials_provider(settings.credentials)
            // The environment has the credentials: there is nothing to keep.
            .identity_cache(IdentityCache::no_cache())
            // The time limit of an attempt covers its body too.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            // `retry.rs` retries.
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .interceptor(Checksum);
        let db = aws_sdk_dynamodb::Client::from_conf(config.build());
        Ok(Self { db, name: settings.table.into(), http, endpoint: endpoint.into() })
    }

    /// Opens a connection, which the first call then uses.
    ///
    /// Endpoints of DynamoDB answer `GET /` without credentials, which AWS does not document. Ignores errors: the first
    /// call opens the connection then, and reports them. A table that does not answer makes the start a second longer.
    pub(crate) async fn open(&self) {
        let opened = async {
            let response = self.http.call(HttpRequest::get(&*self.endpoint)?).await?;
            // A connection is kept once its answer is read.
            response.into_body().collect().await?;
            Ok::<_, BoxError>(())
        };
        let _ = timeout(CONNECT_TIME_LIMIT, opened).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_has_the_endpoint_of_its_partition() {
        for (region, endpoint) in [
            ("eu-west-3", "https://dynamodb.eu-west-3.amazonaws.com"),
            ("us-gov-west-1", "https://dynamodb.us-gov-west-1.amazonaws.com"),
            ("cn-north-1", "https://dynamodb.cn-north-1.amazonaws.com.cn"),
            ("eusc-de-east-1", "https://dynamodb.eusc-de-east-1.amazonaws.eu"),
            ("us-isob-east-1", "https://dynamodb.us-isob-east-1.sc2s.sgov.gov"),
        ] {
            assert_eq!(endpoint_of_region(region), endpoint);
        }
    }
}
