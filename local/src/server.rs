//! An HTTP server that stops without waiting for idle connections.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::serve::Listener;
use hyper::body::{Frame, SizeHint};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Time that requests under way have to end once the server stops.
const STOP_TIME_LIMIT: Duration = Duration::from_secs(10);

/// Serves until `stop` completes. Then it closes every connection on which no complete request has arrived, and
/// waits up to ten seconds for the responses under way.
///
/// axum's own server waits forever for a connection that never sends a request.
pub async fn serve(mut listener: TcpListener, router: axum::Router, stop: impl Future<Output = ()>) {
    let (stopping, stopped) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            (stream, _) = Listener::accept(&mut listener) => {
                connections.spawn(connection(stream, router.clone(), stopped.clone()));
            }
            // Frees the tasks of connections that have ended.
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    drop(stopping);
    let ended = timeout(STOP_TIME_LIMIT, async { while connections.join_next().await.is_some() {} });
    if ended.await.is_err() {
        tracing::warn!(requests = connections.len(), "some requests did not end within 10 s and were cut off");
    }
}

async fn connection(stream: TcpStream, router: axum::Router, mut stopped: watch::Receiver<()>) {
    let answering = Answering::default();
    let router = router.layer(from_fn_with_state(Arc::clone(&answering), track));
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = pin!(connection);
    tokio::select! {
        // An error means that the caller has left.
        _ = connection.as_mut() => return,
        _ = stopped.changed() => {}
    }
    if answering.load(Ordering::SeqCst) {
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}

/// Whether the last request of a connection has arrived completely. Its response may still be on its way.
type Answering = Arc<AtomicBool>;

/// Records the arrival of a request.
async fn track(State(answering): State<Answering>, request: Request, next: Next) -> Response {
    answering.store(request.body().is_end_stream(), Ordering::SeqCst);
    let request = request.map(|body| Body::new(TrackedBody { body, answering: Arc::clone(&answering) }));
    let response = next.run(request).await;
    // Some responses do not need the body.
    answering.store(true, Ordering::SeqCst);
    response
}

/// A request body that records its end.
struct TrackedBody {
    body: Body,
    answering: Answering,
}

impl HttpBody for TrackedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if matches!(frame, Poll::Ready(None)) || self.body.is_end_stream() {
            self.answering.store(true, Ordering::SeqCst);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
