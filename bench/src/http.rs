//! HTTP servers on loopback ports.

use std::convert::Infallible;
use std::future::Future;

use http_body_util::{BodyExt, Collected, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

/// A response whose body is in memory.
pub(crate) type Reply = Response<Full<Bytes>>;

/// Answers the requests of one connection until the peer closes it.
pub(crate) async fn serve<C, F, A>(connection: C, answer: F)
where
    C: AsyncRead + AsyncWrite + Unpin,
    F: Fn(Request<Bytes>) -> A,
    A: Future<Output = Reply>,
{
    let service = service_fn(|request: Request<Incoming>| async {
        let (parts, body) = request.into_parts();
        // A body that ends early fails the measured process, not the server.
        let body = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
        Ok::<_, Infallible>(answer(Request::from_parts(parts, body)).await)
    });
    // A killed process closes its connections.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(connection), service).await;
}
