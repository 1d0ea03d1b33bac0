//! From settings to a client of DynamoDB that starts fast.

use std::time::Duration;
use std::{fs, io};

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};

use lambda_http::http::Uri;
use thiserror::Error;

use super::Connection;
use super::checksum::Checksum;
use crate::environment::{MissingSetting, optional, required};
use crate::time_limits::{ATTEMPT_TIME_LIMIT, CONNECT_TIME_LIMIT};

/// Root certificates of AWS's endpoints, from <https://www.amazontrust.com/repository/>. Parsing the system's 145
/// would take longer than the rest of start-up.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// Location of the table, and the credentials for it.
#[derive(Debug, Clone)]
pub struct Settings {
    table: String,
    region: String,
    endpoint: Option<String>,
    ca_bundle: Option<String>,
    credentials: SharedCredentialsProvider,
    attempt_time_limit: Duration,
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
        Self { table, region, endpoint, ca_bundle, credentials, attempt_time_limit: ATTEMPT_TIME_LIMIT }
    }

    /// Sets the time limit of one attempt of a call, [`ATTEMPT_TIME_LIMIT`] by default.
    #[must_use]
    pub fn with_attempt_time_limit(self, attempt_time_limit: Duration) -> Self {
        Self { attempt_time_limit, ..self }
    }
}

/// Why settings cannot be used.
#[derive(Debug, Error)]
pub enum InvalidSettings {
    /// The endpoint is not a URL.
    #[error("the endpoint {0:?} is not a URL: expected http://HOST:PORT or https://HOST")]
    Endpoint(String),
    /// The file of root certificates cannot be read.
    #[error("AWS_CA_BUNDLE {0}: {1}")]
    Roots(String, io::Error),
    /// The root certificates cannot be used.
    #[error("the root certificates cannot be used: {0}")]
    Tls(Box<dyn std::error::Error + Send + Sync>),
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
        let mut roots = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
        if let Some(path) = settings.ca_bundle {
            roots.add_pem_certificate(fs::read(&path).map_err(|error| InvalidSettings::Roots(path, error))?);
        }
        let tls = TlsContext::builder()
            .with_trust_store(roots)
            .build()
            .map_err(|error| InvalidSettings::Tls(error.into()))?;
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(tls)
            // Connections may die silently while they are idle: each costs an attempt of 3 s.
            .pool_max_idle_per_host(4)
            .build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIME_LIMIT)
            .operation_attempt_timeout(settings.attempt_time_limit)
            .build();
        let mut config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(http)
            .region(Region::new(settings.region))
            .credentials_provider(settings.credentials)
            // `retry.rs` retries.
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .interceptor(Checksum);
        config.set_endpoint_url(settings.endpoint);
        let db = aws_sdk_dynamodb::Client::from_conf(config.build());
        Ok(Self { db, name: settings.table.into() })
    }
}
