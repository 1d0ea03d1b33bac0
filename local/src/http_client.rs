//! An HTTP client with TLS.

use std::iter::successors;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::{Bytes, Incoming};
use hyper::http::response::Parts;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring;
use thiserror::Error;
use tokio::time::error::Elapsed;
use tokio::time::timeout;

/// Time limit of establishing a TCP connection.
const CONNECT_TIME_LIMIT: Duration = Duration::from_secs(10);

/// Time without a byte after which a server counts as silent. A whole list may take long to begin.
const SILENCE_TIME_LIMIT: Duration = Duration::from_mins(2);

/// Maximum size of a response, in bytes.
const MAX_SIZE: usize = 1 << 30;

/// A client that trusts the certificates of this machine, or of `SSL_CERT_FILE`.
#[derive(Debug, Clone)]
pub(crate) struct HttpClient(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

/// Why there is no whole response.
#[derive(Debug, Error)]
pub(crate) enum HttpError {
    /// The server cannot be reached, or closed the connection before its response.
    #[error("{}", with_causes(.0))]
    NoResponse(#[from] hyper_util::client::legacy::Error),
    /// The server closed the connection in the middle of its response.
    #[error("{}", with_causes(.0))]
    Cut(#[from] hyper::Error),
    /// The response is larger than any list should be.
    #[error("the response has more than {} MiB", MAX_SIZE >> 20)]
    TooLarge,
    /// The server is silent.
    #[error("no answer within {} s", SILENCE_TIME_LIMIT.as_secs())]
    Silent(#[from] Elapsed),
}

impl HttpClient {
    /// Prepares a client.
    ///
    /// # Errors
    /// Returns an error if this machine has no root certificates.
    pub(crate) fn new() -> std::io::Result<Self> {
        let mut tcp = HttpConnector::new();
        tcp.set_connect_timeout(Some(CONNECT_TIME_LIMIT));
        tcp.enforce_http(false);
        let tls = HttpsConnectorBuilder::new().with_provider_and_native_roots(ring::default_provider())?;
        let connector = tls.https_or_http().enable_http1().wrap_connector(tcp);
        Ok(Self(Client::builder(TokioExecutor::new()).build(connector)))
    }

    /// Sends a request, and returns the whole response.
    ///
    /// # Errors
    /// Returns [`HttpError`].
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Result<(Parts, Vec<u8>), HttpError> {
        let (head, body) = timeout(SILENCE_TIME_LIMIT, self.0.request(request)).await??.into_parts();
        Ok((head, read(body).await?))
    }
}

async fn read(mut body: Incoming) -> Result<Vec<u8>, HttpError> {
    let mut bytes = Vec::new();
    while let Some(frame) = timeout(SILENCE_TIME_LIMIT, body.frame()).await? {
        if let Some(data) = frame?.data_ref() {
            bytes.extend_from_slice(data);
        }
        if bytes.len() > MAX_SIZE {
            return Err(HttpError::TooLarge);
        }
    }
    Ok(bytes)
}

/// Describes an error with its causes, because its own text names only the step that failed.
fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
