//! From settings to a client of DynamoDB that starts fast.

use std::fs;
use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};

use lambda_http::http::Uri;

use super::Store;
use crate::environment::{MissingSetting, optional, required};

/// The roots that AWS's endpoints are signed by, from <https://www.amazontrust.com/repository/>:
/// to parse the system's 145 takes longer than all else at start-up.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// Where the table is, and as whom to ask.
#[derive(Debug, Clone)]
pub struct Settings {
    table: String,
    region: String,
    endpoint: Option<String>,
    ca_bundle: Option<String>,
    credentials: SharedCredentialsProvider,
}

impl Settings {
    /// Reads the environment that Lambda and the template set: `PARC_TABLE`, `AWS_REGION`, the
    /// credentials, and where they are set `AWS_ENDPOINT_URL_DYNAMODB`, `AWS_ENDPOINT_URL` and
    /// `AWS_CA_BUNDLE` (a PEM file of roots other than Amazon's).
    ///
    /// Nothing else is asked, no file and no metadata service: each would cost start-up time.
    ///
    /// # Errors
    /// The first variable that is missing.
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
        })
    }

    /// An endpoint that takes any credentials, as local stores do; those of the environment count
    /// where there are some.
    #[must_use]
    pub fn for_endpoint(table: impl Into<String>, endpoint: impl Into<String>) -> Self {
        let (table, endpoint) = (table.into(), Some(endpoint.into()));
        let credentials = match required("AWS_ACCESS_KEY_ID") {
            Ok(_) => SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()),
            Err(_) => SharedCredentialsProvider::new(Credentials::new("local", "local", None, None, "parc")),
        };
        let region = optional("AWS_REGION").unwrap_or_else(|| "eu-west-3".to_owned());
        Self { table, region, endpoint, ca_bundle: optional("AWS_CA_BUNDLE"), credentials }
    }
}

/// Whether an endpoint is a URL that can be called.
fn check(endpoint: &str) -> Result<(), String> {
    let url: Option<Uri> = endpoint.parse().ok();
    let called = url.is_some_and(|url| matches!(url.scheme_str(), Some("http" | "https")) && url.host().is_some());
    if called { Ok(()) } else { Err(format!("the endpoint {endpoint:?} is no URL: http://HOST:PORT or https://HOST")) }
}

impl Store {
    /// The table that the settings name. Nothing is sent yet.
    ///
    /// # Errors
    /// That the endpoint is no URL, or that a file of roots cannot be read or holds none.
    pub fn connect(settings: Settings) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        if let Some(endpoint) = &settings.endpoint {
            check(endpoint)?;
        }
        let mut roots = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
        if let Some(path) = &settings.ca_bundle {
            roots.add_pem_certificate(fs::read(path).map_err(|error| format!("AWS_CA_BUNDLE {path}: {error}"))?);
        }
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(TlsContext::builder().with_trust_store(roots).build()?)
            .build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(Duration::from_secs(3))
            .build();
        let mut config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(http)
            .region(Region::new(settings.region))
            .credentials_provider(settings.credentials)
            .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(50)))
            .timeout_config(timeouts);
        config.set_endpoint_url(settings.endpoint);
        let db = aws_sdk_dynamodb::Client::from_conf(config.build());
        Ok(Self::new(db, settings.table.into()))
    }
}
