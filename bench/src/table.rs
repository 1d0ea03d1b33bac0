//! A DynamoDB endpoint over TLS 1.3 that answers from memory.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use flate2::Crc;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Method, Request, Response, StatusCode};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{ServerConfig, crypto, version};

use crate::AnyError;
use crate::http::{Reply, serve};

/// Answer to a call, as an emulator gave it.
#[derive(Debug, Clone)]
pub struct CannedAnswer {
    operation: String,
    request: Value,
    body: Bytes,
    checksum: String,
}

impl CannedAnswer {
    /// Keeps the answer to a call.
    #[must_use]
    pub fn new(operation: String, request: Value, answer: &Value) -> Self {
        let body = Bytes::from(answer.to_string());
        let mut crc = Crc::new();
        crc.update(&body);
        Self { operation, request, body, checksum: crc.sum().to_string() }
    }

    /// Returns `true` if the call reads the same items. Writes differ by their identifiers and instants.
    fn reads_the_same(&self, request: &Value) -> bool {
        ["Key", "IndexName", "RequestItems"].iter().all(|field| self.request[field] == request[field])
    }
}

/// The endpoint.
#[derive(Debug)]
pub struct CannedTable {
    port: u16,
    roots: PathBuf,
    answers: Arc<RwLock<Vec<CannedAnswer>>>,
}

impl CannedTable {
    /// Listens on a free port, with a new certificate of a new root that is written to `folder`.
    ///
    /// # Errors
    /// Returns an error if no port is free or the folder cannot be written.
    pub fn start(servers: &Handle, folder: &Path) -> Result<Self, AnyError> {
        let (tls, root) = tls()?;
        let roots = folder.join("root.pem");
        fs::write(&roots, root)?;
        let listener = servers.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let port = listener.local_addr()?.port();
        let answers = Arc::<RwLock<Vec<CannedAnswer>>>::default();
        let served = Arc::clone(&answers);
        servers.spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let (tls, answers) = (tls.clone(), Arc::clone(&served));
                tokio::spawn(async move {
                    // A process that is killed during the handshake closes the connection.
                    if connection.set_nodelay(true).is_ok()
                        && let Ok(connection) = tls.accept(connection).await
                    {
                        serve(connection, |request| std::future::ready(answer(&answers, &request))).await;
                    }
                });
            }
        });
        Ok(Self { port, roots, answers })
    }

    /// Replaces the answers.
    pub fn set(&self, answers: &[CannedAnswer]) {
        *self.answers.write().unwrap_or_else(PoisonError::into_inner) = answers.to_vec();
    }

    /// Returns the URL of the endpoint.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// Returns the PEM file with the root certificate.
    #[must_use]
    pub fn roots(&self) -> &Path {
        &self.roots
    }
}

fn answer(answers: &RwLock<Vec<CannedAnswer>>, request: &Request<Bytes>) -> Reply {
    // As endpoints of AWS do.
    if request.method() == Method::GET {
        return Response::new(Full::from("healthy: dynamodb.eu-west-3.amazonaws.com "));
    }
    let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default();
    let answers = answers.read().unwrap_or_else(PoisonError::into_inner);
    let candidates: Vec<_> = answers.iter().filter(|answer| answer.operation == operation).collect();
    let found = match candidates.as_slice() {
        [only] => Some(*only),
        several => {
            let request: Value = serde_json::from_slice(request.body()).unwrap_or_default();
            several.iter().copied().find(|answer| answer.reads_the_same(&request))
        }
    };
    let Some(found) = found else {
        let mut response = Response::new(Full::from(format!("no answer to {operation} was recorded")));
        *response.status_mut() = StatusCode::NOT_IMPLEMENTED;
        return response;
    };
    let mut response = Response::new(Full::new(found.body.clone()));
    for (name, value) in [
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amz-crc32", &found.checksum),
        ("x-amzn-requestid", "I2O0P5QRD7KK8FVP1MTCDGHM0RVV4KQNSO5AEMVJF66Q9ASUAAJG"),
    ] {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Returns TLS 1.3 for `localhost`, and the root certificate as PEM.
fn tls() -> Result<(TlsAcceptor, String), AnyError> {
    let root_key = KeyPair::generate()?;
    let mut root = CertificateParams::new([])?;
    root.distinguished_name.push(DnType::CommonName, "root of the benchmark");
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_certificate = root.self_signed(&root_key)?;
    let key = KeyPair::generate()?;
    let mut leaf = CertificateParams::new(["localhost".to_owned()])?;
    // With the name of its issuer, OpenSSL would take it for self-signed.
    leaf.distinguished_name.push(DnType::CommonName, "localhost");
    let certificate = leaf.signed_by(&key, &Issuer::from_params(&root, &root_key))?;
    let config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_protocol_versions(&[&version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )?;
    Ok((TlsAcceptor::from(Arc::new(config)), root_certificate.pem()))
}
