//! A thousand connections at once: whole lists, small requests, slow readers, idle connections and callers that leave.

mod descriptors;
mod guests;

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use testkit::AnyError;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::http::Caller;
use super::latency::Latencies;
use super::process::{Parc, Program};
use super::{ensure, megabytes, register};
use guests::{Guest, Outcome, Register};

/// Callers of the measurements before and after the crowd.
const FEW: usize = 8;

/// Time of these measurements.
const SHORT: Duration = Duration::from_secs(10);

/// Descriptors that the check and the program need in addition to one for each connection.
const SPARE_DESCRIPTORS: usize = 200;

/// Options of the check.
#[derive(Debug, Args)]
pub struct CrowdArgs {
    /// Connections of the crowd
    #[arg(long, default_value_t = 1000)]
    connections: usize,
    /// Clients in the table, and in each whole list
    #[arg(long, default_value_t = 20_000)]
    clients: usize,
    /// Seconds in which the crowd sends requests; callers whose lists have not been answered then leave
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// How many times slower small requests may be, at the 99th percentile, than those of as many callers without lists
    #[arg(long, default_value_t = 10.0)]
    slowdown: f64,
    /// Megabytes that the program may use at its peak
    #[arg(long, default_value_t = 1000.0)]
    memory_limit: f64,
}

/// Runs the check.
///
/// # Errors
/// Returns an error if a request fails, small requests starve, memory grows too much, or the program does not recover.
pub async fn run(program: &Program, args: &CrowdArgs, seed: u64) -> Result<(), AnyError> {
    let needed = args.connections + SPARE_DESCRIPTORS;
    check_own_limit(needed)?;
    let folder = tempfile::tempdir()?;
    let limit = format!("--nofile={needed}");
    let parc = program.through(&["prlimit", &limit]).start(folder.path()).await?;
    let clients = register::clients(&Caller::new(&parc.url)?, args.clients).await?;
    let list = Caller::new(&parc.url)?.read("/clients/all").await?;
    ensure(!list.has_next, || "this machine cannot read a whole list in time: choose fewer --clients".to_owned())?;
    let list_size = list.size;
    let register = Arc::new(Register { url: parc.url.clone(), clients, list_size });
    let of_list = megabytes(list_size as u64);
    println!("{} clients, {of_list:.1} MB a list, RSS {:.1} MB", args.clients, memory(&parc)?);

    println!("| requests | answered 200 | p50 ms | p99 ms | longest ms |\n|---|---|---|---|---|");
    let few = [Guest::Small; FEW];
    let guests: Vec<_> = (0..args.connections).map(Guest::of_crowd).collect();
    let small: Vec<_> = guests.iter().copied().filter(|&guest| guest == Guest::Small).collect();
    print_row("small, few callers", &mut meet(&register, &few, SHORT, seed).await?.small);
    let mut alone = meet(&register, &small, SHORT, seed).await?.small;
    print_row("small, those of the crowd alone", &mut alone);
    print_row("lists, alone", &mut meet(&register, &[Guest::List], SHORT, seed).await?.lists);

    let started = Instant::now();
    let mut crowd = meet(&register, &guests, Duration::from_secs(args.seconds), seed).await?;
    print_row("small, in the crowd", &mut crowd.small);
    print_row("lists, in the crowd", &mut crowd.lists);
    println!("crowd of {} connections for {:.0?}:", args.connections, started.elapsed());
    println!("- {} lists ended early with a `next` link, {} were still waiting", crowd.partial, crowd.waiting);
    println!("- {} callers left in the middle, slow readers read {} KB", crowd.left, crowd.slow_bytes / 1000);
    let peak = megabytes(parc.usage()?.peak_memory);
    println!("peak RSS {peak:.1} MB, afterwards {:.1} MB", memory(&parc)?);

    // Lists that were being read when their callers left are read to the end first; those that waited are not read.
    let mut after = meet(&register, &[Guest::List], SHORT * 3, seed).await?.lists;
    print_row("lists, afterwards", &mut after);
    ensure(after.count() > 0, || "lists are not answered after the crowd has left".to_owned())?;
    let idle = connect(&parc.url, args.connections - FEW).await?;
    print_row("small, few callers beside idle connections", &mut meet(&register, &few, SHORT, seed).await?.small);
    drop(idle);
    parc.stop().await?;

    let slowdown = crowd.small.percentile(99) / alone.percentile(99);
    println!("small requests in the crowd: {slowdown:.1} times slower at the 99th percentile");
    ensure(slowdown < args.slowdown, || "small requests starve in the crowd".to_owned())?;
    ensure(peak < args.memory_limit, || format!("memory passed {} MB", args.memory_limit))?;
    println!("verify: {} items, clean", program.verify(folder.path()).await?);
    descriptors::run(program).await
}

/// Returns an error if this process cannot open so many connections.
fn check_own_limit(needed: usize) -> Result<(), AnyError> {
    let limits = fs::read_to_string("/proc/self/limits")?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap_or_default();
    let limit: usize = line.split_whitespace().next().unwrap_or_default().parse().unwrap_or(usize::MAX);
    ensure(limit >= needed, || {
        format!("this needs {needed} descriptors, and may have {limit}: run `ulimit -n {needed}`")
    })
}

/// Lets guests send requests for some time.
async fn meet(register: &Arc<Register>, guests: &[Guest], time: Duration, seed: u64) -> Result<Outcome, AnyError> {
    let end = Instant::now() + time;
    let mut tasks = JoinSet::new();
    for (number, guest) in (0_u64..).zip(guests.iter().copied()) {
        let random = fastrand::Rng::with_seed(seed.wrapping_add(number));
        tasks.spawn(guest.visit(Arc::clone(register), random, end));
    }
    let mut outcome = Outcome::default();
    while let Some(ended) = tasks.join_next().await {
        outcome.add(ended??);
    }
    Ok(outcome)
}

/// Opens connections that send nothing.
async fn connect(url: &str, count: usize) -> Result<Vec<TcpStream>, AnyError> {
    let address = url.strip_prefix("http://").unwrap_or(url);
    let mut connections = Vec::new();
    for _ in 0..count {
        connections.push(TcpStream::connect(address).await?);
    }
    Ok(connections)
}

fn memory(parc: &Parc) -> Result<f64, AnyError> {
    Ok(megabytes(parc.usage()?.memory))
}

fn print_row(title: &str, times: &mut Latencies) {
    let [p50, p99, longest] = [50, 99, 100].map(|percent| times.percentile(percent));
    println!("| {title} | {} | {p50:.1} | {p99:.1} | {longest:.0} |", times.count());
}
