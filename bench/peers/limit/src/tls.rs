//! TLS 1.3 connections, whose certificates are verified.

use std::io;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::TLS13;
use rustls::{CipherSuite, ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::optional;

/// Root certificates of AWS's endpoints.
const AMAZON_ROOTS: [&[u8]; 5] = [
    include_bytes!("../../../../shared/src/store/table/amazon-roots/root-ca-1.der"),
    include_bytes!("../../../../shared/src/store/table/amazon-roots/root-ca-2.der"),
    include_bytes!("../../../../shared/src/store/table/amazon-roots/root-ca-3.der"),
    include_bytes!("../../../../shared/src/store/table/amazon-roots/root-ca-4.der"),
    include_bytes!("../../../../shared/src/store/table/amazon-roots/starfield-g2.der"),
];

/// Time limit of each read and write.
const TIME_LIMIT: Duration = Duration::from_secs(3);

/// An open connection.
pub(crate) type TlsStream = StreamOwned<ClientConnection, TcpStream>;

/// Returns the configuration that trusts Amazon's roots and those of the file that `AWS_CA_BUNDLE` names.
pub(crate) fn config() -> io::Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    for root in AMAZON_ROOTS {
        roots.add(CertificateDer::from(root)).map_err(io::Error::other)?;
    }
    if let Some(path) = optional("AWS_CA_BUNDLE") {
        for root in CertificateDer::pem_file_iter(path).map_err(io::Error::other)? {
            roots.add(root.map_err(io::Error::other)?).map_err(io::Error::other)?;
        }
    }
    let mut provider = ring::default_provider();
    // Its SHA-256 takes fewer instructions than the SHA-384 of the suite that is first by default.
    provider.cipher_suites.sort_by_key(|suite| suite.suite() != CipherSuite::TLS13_AES_128_GCM_SHA256);
    let config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&TLS13])
        .map_err(io::Error::other)?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

/// Opens a connection to `HOST` or `HOST:PORT`, and completes the TLS handshake.
pub(crate) fn connect(config: &Arc<ClientConfig>, authority: &str) -> io::Result<TlsStream> {
    let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
    let port: u16 = port.parse().map_err(io::Error::other)?;
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let mut tls = ClientConnection::new(Arc::clone(config), name).map_err(io::Error::other)?;
    let mut stream = TcpStream::connect((host, port))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(TIME_LIMIT))?;
    stream.set_write_timeout(Some(TIME_LIMIT))?;
    while tls.is_handshaking() {
        tls.complete_io(&mut stream)?;
    }
    Ok(StreamOwned::new(tls, stream))
}
