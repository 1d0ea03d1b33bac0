//! `parc` without a command: the API on one port, until it is interrupted.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process;

use clap::Args;
use functions::docs::Access;
use local::gateway::{Callers, Origin, gateway};
use local::server;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

use crate::table::{OpenTable, TableArgs};
use crate::{AnyError, demo};

/// Exit code of a program that Ctrl-C ended, as shells report it.
const INTERRUPTED: i32 = 130;

/// Options of the server.
#[derive(Debug, Args)]
pub(crate) struct ListenArgs {
    /// The port to listen on; 0 picks a free one
    #[arg(long, default_value_t = 8000)]
    port: u16,
    /// The address to listen on
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,
    /// Accept requests from other machines and from pages of any origin, though requests are not authenticated
    #[arg(long)]
    open_to_anyone: bool,
    #[arg(
        long,
        value_name = "ORIGIN",
        help = "Let pages of this origin, such as http://localhost:5173, call the API; may be repeated"
    )]
    cors: Vec<Origin>,
    /// Fill the table with sample data first, if it is empty
    #[arg(long)]
    demo: bool,
}

impl ListenArgs {
    async fn bind(&self) -> Result<TcpListener, AnyError> {
        let Self { port, address, open_to_anyone, .. } = self;
        if !address.is_loopback() && !open_to_anyone {
            let why = "requests are not authenticated here; pass --open-to-anyone to allow it";
            return Err(format!("refusing to listen on {address}: {why}").into());
        }
        let address = SocketAddr::new(*address, *port);
        let listener = TcpListener::bind(address).await;
        Ok(listener.map_err(|error| format!("cannot listen on {address}: {error}; choose another --port"))?)
    }
}

/// Serves the API until Ctrl-C or SIGTERM, then finishes the requests under way. A second signal ends the
/// program at once.
pub(crate) async fn run(listen: &ListenArgs, table: &TableArgs) -> Result<(), AnyError> {
    let listener = listen.bind().await?;
    let url = format!("http://{}", listener.local_addr()?);
    let table = table.open_or_create().await?;
    let note = fill_if_asked(&table, listen.demo).await?;
    let callers = if listen.open_to_anyone { Callers::anyone() } else { Callers::of_this_machine() };
    let callers = callers.with_cors(listen.cors.clone())?;
    let router = callers.restrict(gateway(functions::routes(Access::Open), table.app.clone())?);

    let mut signals = Signals::new()?;
    // Scripts read the URL at the end of the first line, and that of DynamoDB at the end of the second.
    writeln!(io::stdout(), "parc listens on {url}\ndata: {}\ndocumentation: {url}/docs", table.description)?;
    if let Some(note) = note {
        writeln!(io::stdout(), "{note}")?;
    }

    let (stop, stopped) = oneshot::channel();
    let server = tokio::spawn(server::serve(listener, router, async { _ = stopped.await }));
    signals.next().await;
    // The server keeps the other end until then.
    let _ = stop.send(());
    let finish = async {
        server.await?;
        table.close().await
    };
    tokio::select! {
        closed = finish => closed?,
        () = signals.next() => {
            writeln!(io::stdout(), "parc was interrupted before every request had ended")?;
            process::exit(INTERRUPTED);
        }
    }
    writeln!(io::stdout(), "parc has stopped")?;
    Ok(())
}

/// Fills the table if it is empty and `demo` asks for it. Returns a line for the reader of the output.
async fn fill_if_asked(table: &OpenTable, demo: bool) -> Result<Option<String>, AnyError> {
    Ok(match (table.is_empty().await?, demo) {
        (true, true) => {
            // The first line of the standard output is the URL.
            writeln!(io::stderr(), "filling the table with sample data")?;
            Some(format!("sample data: {}", demo::fill(&table.app.database).await?))
        }
        (true, false) => Some("the table is empty; `cargo run -- --demo` fills it with sample data".to_owned()),
        (false, true) => Some("the table is not empty: --demo left it as it is".to_owned()),
        (false, false) => None,
    })
}

/// The signals that end the program: Ctrl-C, and SIGTERM of a supervisor.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for the next signal.
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
