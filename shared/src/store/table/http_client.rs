//! The HTTP client of the SDK: HTTP/1.1 over TLS with Amazon's roots.
//!
//! The SDK's own client parses its root certificates from PEM at every start and contains HTTP/2, which DynamoDB does
//! not speak. `docs/cold-start.md` has the measurements.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use std::{fs, io};

use aws_sdk_dynamodb::error::BoxError;
use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::{CaptureConnection, HttpConnector as TcpConnector, capture_connection};
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use lambda_http::http::Uri;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::{CipherSuite, ClientConfig, RootCertStore, crypto};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

use crate::time_limits::CONNECT_TIME_LIMIT;

/// Root certificates of AWS's endpoints, from <https://www.amazontrust.com/repository/>. Parsing the system's 145
/// would take longer than the rest of start-up.
const AMAZON_ROOTS: [&[u8]; 5] = [
    include_bytes!("amazon-roots/root-ca-1.der"),
    include_bytes!("amazon-roots/root-ca-2.der"),
    include_bytes!("amazon-roots/root-ca-3.der"),
    include_bytes!("amazon-roots/root-ca-4.der"),
    include_bytes!("amazon-roots/starfield-g2.der"),
];

/// Maximum number of idle connections. Connections may die silently while they are idle: each costs an attempt of 3 s.
const MAX_IDLE: usize = 4;

/// Time after which an idle connection is closed.
const MAX_IDLE_TIME: Duration = Duration::from_secs(90);

/// Why the HTTP client cannot be created.
#[derive(Debug, Error)]
pub enum InvalidTls {
    /// The file of root certificates cannot be read.
    #[error("AWS_CA_BUNDLE {0}: {1}")]
    Roots(String, io::Error),
    /// The file of root certificates is not PEM.
    #[error("AWS_CA_BUNDLE {0} is not a PEM file of certificates: {1}")]
    Pem(String, PemError),
    /// The file of root certificates holds none.
    #[error("AWS_CA_BUNDLE {0} contains no PEM certificate")]
    Empty(String),
    /// The root certificates cannot be used.
    #[error("the root certificates cannot be used: {0}")]
    Tls(#[from] rustls::Error),
}

/// Returns an HTTP client for the clients of other services.
///
/// # Errors
/// Returns [`InvalidTls`].
pub(crate) fn http_client(ca_bundle: Option<String>) -> Result<SharedHttpClient, InvalidTls> {
    Ok(client_of(SharedHttpConnector::new(Connector::new(ca_bundle)?)))
}

/// Returns a client for the SDK that has one connector for all settings: the SDK would build two.
pub(super) fn client_of(connector: SharedHttpConnector) -> SharedHttpClient {
    http_client_fn(move |_, _| connector.clone())
}

/// Sends requests, and keeps connections.
#[derive(Debug, Clone)]
pub(super) struct Connector(Client<Timed, SdkBody>);

impl Connector {
    /// Creates a connector that trusts Amazon's roots, and those of a PEM file if there is one.
    ///
    /// # Errors
    /// Returns [`InvalidTls`].
    pub(super) fn new(ca_bundle: Option<String>) -> Result<Self, InvalidTls> {
        let mut tcp = TcpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let https = HttpsConnectorBuilder::new().with_tls_config(tls(ca_bundle)?).https_or_http().enable_http1();
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(MAX_IDLE_TIME)
            .pool_max_idle_per_host(MAX_IDLE)
            .build(Timed(https.wrap_connector(tcp)));
        Ok(Self(client))
    }
}

/// Opens connections, from the resolution of the name to the end of the TLS handshake, within [`CONNECT_TIME_LIMIT`].
#[derive(Debug, Clone)]
struct Timed(HttpsConnector<TcpConnector>);

impl Service<Uri> for Timed {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let opening = self.0.call(uri);
        Box::pin(async move { timeout(CONNECT_TIME_LIMIT, opening).await? })
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        };
        let connection = capture_connection(&mut request);
        if let Some(capture) = request.extensions().get::<CaptureSmithyConnection>() {
            capture.set_connection_retriever(move || Some(metadata(connection.clone())));
        }
        let response = self.0.request(request);
        HttpConnectorFuture::new(async move {
            let response = response.await.map_err(failed)?;
            HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// Lets the SDK close a connection whose answer was a transient error, so that the retry opens another one.
fn metadata(connection: CaptureConnection) -> ConnectionMetadata {
    let poison = move || {
        if let Some(connected) = connection.connection_metadata().as_ref() {
            connected.poison();
        }
    };
    ConnectionMetadata::builder().proxied(false).poison_fn(poison).build()
}

/// Every failure is one of the connection, and may be transient: the SDK built the request, and `connect.rs` has
/// checked the endpoint.
fn failed(error: Error) -> ConnectorError {
    ConnectorError::io(error.into())
}

fn tls(ca_bundle: Option<String>) -> Result<ClientConfig, InvalidTls> {
    let mut roots = RootCertStore::empty();
    for root in AMAZON_ROOTS {
        roots.add(CertificateDer::from(root))?;
    }
    if let Some(path) = ca_bundle {
        let pem = fs::read(&path).map_err(|error| InvalidTls::Roots(path.clone(), error))?;
        for root in CertificateDer::pem_slice_iter(&pem) {
            roots.add(root.map_err(|error| InvalidTls::Pem(path.clone(), error))?)?;
        }
        if roots.len() == AMAZON_ROOTS.len() {
            return Err(InvalidTls::Empty(path));
        }
    }
    let mut provider = crypto::ring::default_provider();
    // First, because its SHA-256 takes fewer instructions than the SHA-384 of AES-256. A server may ignore the order.
    provider.cipher_suites.sort_by_key(|suite| suite.suite() != CipherSuite::TLS13_AES_128_GCM_SHA256);
    let versions = ClientConfig::builder_with_provider(Arc::new(provider)).with_safe_default_protocol_versions()?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}
