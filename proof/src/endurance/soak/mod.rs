//! Requests for a long time, while memory, descriptors and the database are watched.

mod load;
mod samples;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use testkit::AnyError;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep_until};

use super::http::Caller;
use super::process::{Program, folder_size};
use super::{ensure, megabytes, register};
use load::{Load, Mix, Totals};
use samples::{Sample, Samples};

/// Time that the emulator remembers client tokens: until then, memory grows with each write. Source: dynoxide's
/// `TOKEN_EXPIRY_SECS`.
const TOKEN_WINDOW: Duration = Duration::from_mins(10);

/// Options of the check.
#[derive(Debug, Args)]
pub struct SoakArgs {
    /// Seconds to run
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Seconds between two lines of the report
    #[arg(long, default_value_t = 10)]
    interval: u64,
    /// Connections, each with one request at a time
    #[arg(long, default_value_t = 16)]
    connections: u32,
    /// Requests per second of all connections together; without it, as many as possible
    #[arg(long)]
    rate: Option<u32>,
    /// Clients in the table, each with two sites and four équipements
    #[arg(long, default_value_t = 500)]
    clients: usize,
    /// Which requests are sent
    #[arg(long, value_enum, default_value_t = Mix::Writes)]
    mix: Mix,
}

/// Runs the check.
///
/// # Errors
/// Returns an error if a request fails, memory grows, or the table is not consistent in the end.
pub async fn run(program: &Program, args: &SoakArgs, seed: u64) -> Result<(), AnyError> {
    let folder = tempfile::tempdir()?;
    let parc = program.start(folder.path()).await?;
    let caller = Caller::new(&parc.url)?;
    let load = Arc::new(Load::new(args.mix, register::all_kinds(&caller, args.clients).await?));

    let stop = Arc::new(AtomicBool::new(false));
    let mut callers = JoinSet::new();
    for number in 0..args.connections {
        let (load, stop, caller) = (Arc::clone(&load), Arc::clone(&stop), Caller::new(&parc.url)?);
        let random = fastrand::Rng::with_seed(seed.wrapping_add(number.into()));
        let pause = args.rate.map(|rate| Duration::from_secs(1) * args.connections / rate.max(1));
        callers.spawn(call_until(stop, caller, load, random, pause));
    }

    println!("| minutes | requests/s | p50 ms | p99 ms | errors | RSS MB | descriptors | database MB |");
    println!("|---|---|---|---|---|---|---|---|");
    let (started, mut samples, mut totals) = (Instant::now(), Samples::default(), Totals::default());
    let end = started + Duration::from_secs(args.seconds);
    let mut reported = started;
    while Instant::now() < end {
        let next = (Instant::now() + Duration::from_secs(args.interval)).min(end);
        sleep_until(next.into()).await;
        let (usage, mut interval) = (parc.usage()?, load.take());
        let [p50, p99] = [50, 99].map(|percent| interval.latencies.percentile(percent));
        println!(
            "| {:.1} | {:.0} | {p50:.1} | {p99:.1} | {} | {:.1} | {} | {:.1} |",
            started.elapsed().as_secs_f64() / 60.0,
            per_second(interval.latencies.count(), reported.elapsed()),
            interval.errors,
            megabytes(usage.memory),
            usage.descriptors,
            megabytes(folder_size(folder.path())?),
        );
        reported = Instant::now();
        totals.add(interval);
        samples.push(Sample { at: started.elapsed(), memory: usage.memory, registered: totals.registered });
    }
    stop.store(true, Ordering::Relaxed);
    while let Some(ended) = callers.join_next().await {
        ended?;
    }
    totals.add(load.take());
    let ran = started.elapsed();
    let usage = parc.usage()?;
    println!("peak RSS {:.1} MB", megabytes(usage.peak_memory));
    parc.stop().await?;
    let judged = report(args, &samples, totals, ran);
    println!("verify: {} items, clean", program.verify(folder.path()).await?);
    judged
}

async fn call_until(
    stop: Arc<AtomicBool>,
    caller: Caller,
    load: Arc<Load>,
    mut random: fastrand::Rng,
    pause: Option<Duration>,
) {
    let mut ticks = pause.map(|pause| {
        let mut ticks = interval(pause);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks
    });
    while !stop.load(Ordering::Relaxed) {
        if let Some(ticks) = &mut ticks {
            ticks.tick().await;
        }
        load.send_one(&caller, &mut random).await;
    }
}

/// Prints the totals and judges them.
fn report(args: &SoakArgs, samples: &Samples, mut totals: Totals, ran: Duration) -> Result<(), AnyError> {
    let count = totals.latencies.count();
    let [p50, p99] = [50, 99].map(|percent| totals.latencies.percentile(percent));
    println!(
        "{count} requests in {:.1} minutes, {:.0} per second; p50 {p50:.1} ms, p99 {p99:.1} ms; {} writes, {} clients \
         registered, {} errors",
        ran.as_secs_f64() / 60.0,
        per_second(count, ran),
        totals.writes,
        totals.registered,
        totals.errors
    );
    let growth = samples.growth_of_second_half();
    println!(
        "RSS in the second half: {:.1} MB on average, {:+.1} KB a minute",
        growth.mean / 1e6,
        growth.per_minute / 1e3
    );
    if let Some(bytes) = growth.per_registration {
        println!("RSS per registered client: {bytes:+.0} bytes");
    }
    if let Some(first) = totals.first_error {
        return Err(format!("{} of {count} requests failed; the first: {first}", totals.errors).into());
    }
    match args.mix {
        Mix::Writes if ran < TOKEN_WINDOW * 5 / 2 => {
            println!("memory is not judged: the second half must begin after {TOKEN_WINDOW:?} of client tokens");
        }
        Mix::Registrations => println!("memory is not judged: the table grows"),
        Mix::Reads | Mix::Writes => {
            let grown = growth.per_minute * ran.as_secs_f64() / 120.0;
            ensure(grown < growth.mean / 10.0, || format!("memory grew by {:.1} MB in the second half", grown / 1e6))?;
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn per_second(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}
