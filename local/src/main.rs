//! `cargo run`: the whole API on one port.

use std::error::Error;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use local::embedded::Embedded;
use local::{gateway, template};
use shared::store::{Settings, Store};
use tokio::net::TcpListener;
use tokio::time::timeout;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// How long requests that are under way may take once an end is asked for.
const GRACE: Duration = Duration::from_secs(10);

/// The API of parc on this machine, over an embedded table.
#[derive(Debug, Parser)]
#[command(name = "parc", version)]
struct Options {
    /// The port to listen on, on loopback only; 0 takes any that is free
    #[arg(long, default_value_t = 8000)]
    port: u16,
    /// The folder that the table is kept in
    #[arg(long, value_name = "DIR", default_value = ".parc", conflicts_with_all = ["memory", "endpoint"])]
    data: PathBuf,
    /// Keep the table in memory and forget it at the end
    #[arg(long, conflicts_with = "endpoint")]
    memory: bool,
    /// Use the DynamoDB at this URL, and make the table there if it has none
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// The name of the table
    #[arg(long, default_value = "parc")]
    table: String,
}

fn main() -> ExitCode {
    log();
    let options = Options::parse();
    let run = tokio::runtime::Runtime::new().map_err(Into::into).and_then(|runtime| runtime.block_on(run(options)));
    match run {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// One line a request on stderr; of the libraries only what went wrong, since the engine warns of
/// every condition that a caller meets.
fn log() {
    let ours = ["shared", "local", "parc"].map(|target| (target, LevelFilter::INFO));
    tracing_subscriber::registry()
        .with(fmt::layer().with_writer(io::stderr).with_target(false).compact())
        .with(Targets::new().with_default(LevelFilter::ERROR).with_targets(ours))
        .init();
}

async fn run(options: Options) -> Result<(), Box<dyn Error + Send + Sync>> {
    let Options { port, data, memory, endpoint, table } = options;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|error| format!("port {port} of 127.0.0.1 cannot be had: {error}; choose another with --port"))?;
    let (embedded, place) = if endpoint.is_some() {
        (None, "elsewhere".to_owned())
    } else if memory {
        (Some(Embedded::in_memory().await?), "in memory only".to_owned())
    } else {
        (Some(Embedded::in_folder(&data).await?), format!("in {}", data.display()))
    };
    let url = endpoint.or_else(|| Some(embedded.as_ref()?.url().to_owned())).unwrap_or_default();
    let store = Store::connect(Settings::for_endpoint(&table, &url))?;
    store.create_table(&template::table()?).await?;
    let app = gateway::gateway(functions::routes(), store)?;

    let address = listener.local_addr()?;
    writeln!(
        io::stdout(),
        "parc listens on http://{address}\nits data is {place}: table {table} of the DynamoDB at {url}"
    )?;

    let (ask, asked) = tokio::sync::oneshot::channel();
    let stop = async { _ = asked.await };
    let server = tokio::spawn(axum::serve(listener, app).with_graceful_shutdown(stop).into_future());
    interrupted().await?;
    // It is gone already where the server has failed; then its error is what matters.
    let _ = ask.send(());
    if let Ok(ended) = timeout(GRACE, server).await {
        ended??;
    } else {
        tracing::warn!("some requests did not end in time");
    }
    if let Some(embedded) = embedded {
        timeout(GRACE, embedded.stop()).await.map_err(|_| "the table did not stop in time")??;
    }
    writeln!(io::stdout(), "parc has stopped")?;
    Ok(())
}

/// Waits until Ctrl-C, or what a supervisor sends instead.
async fn interrupted() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    std::future::poll_fn(|context| {
        if interrupt.poll_recv(context).is_ready() || terminate.poll_recv(context).is_ready() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    Ok(())
}
