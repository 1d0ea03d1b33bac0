//! The API on one port.

use std::future::poll_fn;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::task::Poll;
use std::time::Duration;

use clap::Args;
use functions::docs::Access;
use local::gateway;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;

use crate::AnyError;
use crate::place::Place;

/// How long requests that are under way may take once an end is asked for.
const GRACE: Duration = Duration::from_secs(10);

/// Where the API is called.
#[derive(Debug, Args)]
pub(crate) struct Door {
    /// The port to listen on; 0 takes any that is free
    #[arg(long, default_value_t = 8000)]
    port: u16,
    /// The address to listen on
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,
    /// Listen on an address that others reach, though nobody is asked for a token
    #[arg(long)]
    open_to_anyone: bool,
}

impl Door {
    async fn open(&self) -> Result<TcpListener, AnyError> {
        let Self { port, address, open_to_anyone } = self;
        if !address.is_loopback() && !open_to_anyone {
            let why = "requests are not authenticated here; pass --open-to-anyone to allow it";
            return Err(format!("refusing to listen on {address}: {why}").into());
        }
        let listener = TcpListener::bind((*address, *port)).await;
        Ok(listener.map_err(|error| format!("cannot listen on {address}:{port}: {error}; choose another --port"))?)
    }
}

pub(crate) async fn run(door: &Door, place: &Place) -> Result<(), AnyError> {
    let listener = door.open().await?;
    let open = place.open_or_make().await?;
    let app = gateway::gateway(functions::routes(Access::Open), open.app.clone())?;
    let address = listener.local_addr()?;
    writeln!(io::stdout(), "parc listens on http://{address}\nits data is {}", open.shown)?;
    writeln!(io::stdout(), "its documentation is on http://{address}/docs")?;

    let (ask, asked) = tokio::sync::oneshot::channel();
    let stop = async { _ = asked.await };
    let mut server = tokio::spawn(axum::serve(listener, app).with_graceful_shutdown(stop).into_future());
    tokio::select! {
        ended = &mut server => return Ok(ended??),
        interrupted = interrupted() => interrupted?,
    }
    // It is gone already where the server has failed; then its error is what matters.
    let _ = ask.send(());
    if let Ok(ended) = timeout(GRACE, server).await {
        ended??;
    } else {
        tracing::warn!("some requests did not end in time");
    }
    open.close().await?;
    writeln!(io::stdout(), "parc has stopped")?;
    Ok(())
}

/// Waits until Ctrl-C, or what a supervisor sends instead.
async fn interrupted() -> io::Result<()> {
    let mut signals = [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?];
    poll_fn(|context| {
        let came = signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
        if came { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    Ok(())
}
