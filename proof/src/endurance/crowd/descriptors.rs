//! A program that has no file descriptors left.

use std::future::pending;
use std::time::{Duration, Instant};

use testkit::AnyError;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::connect;
use crate::endurance::ensure;
use crate::endurance::http::{Call, Caller};
use crate::endurance::process::Program;

/// Descriptors that the program may have.
const LIMIT: usize = 256;

/// Connections that are opened.
const CONNECTIONS: usize = 400;

/// Time that the connections stay open.
const HELD: Duration = Duration::from_secs(5);

/// Time in which a request must be answered once there are descriptors again.
const RECOVERY: Duration = Duration::from_secs(10);

/// Opens more connections than the program has descriptors, and closes them.
///
/// # Errors
/// Returns an error if the program ends, spins, or does not answer afterwards.
pub(super) async fn run(program: &Program) -> Result<(), AnyError> {
    let folder = tempfile::tempdir()?;
    let limit = format!("--nofile={LIMIT}");
    let parc = program.through(&["prlimit", &limit]).start(folder.path()).await?;
    let earlier = Caller::new(&parc.url)?;
    earlier.ask(&Call::register_client("Avant", 1)).await?;

    // Those that the kernel does not keep for the program are not established; they are given up with the others.
    let mut connections = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let url = parc.url.clone();
        connections.spawn(async move {
            let _connection = connect(&url, 1).await;
            pending::<()>().await;
        });
    }
    sleep(Duration::from_secs(1)).await;
    let (descriptors, before) = (parc.usage()?.descriptors, parc.cpu_time()?);
    // The connection that was there before is served.
    earlier.ask(&Call::register_client("Pendant", 2)).await?;
    sleep(HELD).await;
    let cpu = parc.cpu_time()?.saturating_sub(before);
    println!(
        "{CONNECTIONS} connections, limit {LIMIT}: {descriptors} descriptors open; CPU time {cpu:.0?} in {HELD:?}"
    );
    ensure(cpu < HELD / 5, || "the program spins while it has no descriptors".to_owned())?;

    connections.shutdown().await;
    let freed = Instant::now();
    let answer = Caller::new(&parc.url)?;
    let answer = timeout(RECOVERY, answer.ask(&Call::register_client("Après", 3))).await;
    answer.map_err(|_| "no answer after the connections were closed")??;
    println!("answered {:.0?} after the connections were closed", freed.elapsed());
    parc.stop().await?;
    println!("verify: {} items, clean", program.verify(folder.path()).await?);
    Ok(())
}
