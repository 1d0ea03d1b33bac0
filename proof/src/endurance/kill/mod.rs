//! SIGKILL while callers write: everything that was acknowledged is there, and every request has one effect.

mod expected;
mod inspect;
mod operations;
mod writer;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use testkit::AnyError;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::http::{Call, Caller, text};
use super::latency::Latencies;
use super::process::{Parc, Program};
use expected::Expected;
use writer::{Counts, Writer};

/// Longest time that callers write before a kill, in milliseconds.
const MAX_WRITING: u64 = 1500;

/// Kills on one folder: the time of each inspection grows with the table.
const LOOPS_OF_FOLDER: u32 = 20;

/// One start in this many is killed before it listens.
const KILLED_STARTS: u8 = 6;

/// Options of the check.
#[derive(Debug, Args)]
pub struct KillArgs {
    /// Number of kills
    #[arg(long, default_value_t = 20)]
    loops: u32,
    /// Seconds after which no further loop is started
    #[arg(long, default_value_t = 3600)]
    seconds: u64,
    /// Callers, each with one request at a time
    #[arg(long, default_value_t = 8)]
    callers: usize,
    /// Loops between two runs of `parc verify`, which run on the folder as the kill left it
    #[arg(long, default_value_t = 7)]
    verify_every: u32,
}

/// The callers, and the folder on which they write.
struct Run<'a> {
    program: &'a Program,
    folder: &'a Path,
    /// A client to which every writer adds sites.
    shared: Arc<str>,
    writers: Vec<Writer>,
}

/// Runs the check.
///
/// # Errors
/// Returns an error if something acknowledged is lost or carried out twice, or the table is not consistent.
pub async fn run(program: &Program, args: &KillArgs, seed: u64) -> Result<(), AnyError> {
    let (started, mut random, mut totals) = (Instant::now(), fastrand::Rng::with_seed(seed), Totals::default());
    while totals.loops < args.loops && started.elapsed().as_secs() < args.seconds {
        let loops = LOOPS_OF_FOLDER.min(args.loops - totals.loops);
        totals.folders += 1;
        on_one_folder(program, args, loops, &mut random, &mut totals)
            .await
            .map_err(|error| format!("loop {}: {error}", totals.loops))?;
        eprintln!("{} loops, {:.0?}", totals.loops, started.elapsed());
    }
    totals.report();
    println!("{:.0?}", started.elapsed());
    Ok(())
}

/// Kills the program on a new folder.
async fn on_one_folder(
    program: &Program,
    args: &KillArgs,
    loops: u32,
    random: &mut fastrand::Rng,
    totals: &mut Totals,
) -> Result<(), AnyError> {
    let folder = tempfile::tempdir()?;
    let mut run = Run::start(program, folder.path(), args.callers, random.u64(..)).await?;
    for _ in 0..loops {
        totals.loops += 1;
        if random.u8(..KILLED_STARTS) == 0 {
            totals.killed_starts += 1;
            run.kill_start(Duration::from_millis(random.u64(..60))).await?;
        }
        let writing = Duration::from_millis(random.u64(20..MAX_WRITING));
        totals.starts.push(run.one_loop(writing).await?);
        if totals.loops.is_multiple_of(args.verify_every) {
            totals.verify(program, folder.path()).await?;
        }
    }
    let parc = program.start(folder.path()).await?;
    run.inspect(&Caller::new(&parc.url)?, Expected::ids).await?;
    parc.stop().await?;
    for writer in &run.writers {
        totals.counts.add(writer.counts);
    }
    totals.verify(program, folder.path()).await
}

impl<'a> Run<'a> {
    /// Starts the program for the first time, and makes the writers and their shared client.
    async fn start(program: &'a Program, folder: &'a Path, callers: usize, seed: u64) -> Result<Self, AnyError> {
        let parc = program.start(folder).await?;
        let shared = Caller::new(&parc.url)?.ask(&Call::register_client(inspect::SHARED_NOM, 0)).await?;
        let shared: Arc<str> = text(&shared, "client_id")?.into();
        parc.kill().await?;
        let writers = (0..callers).map(|number| Writer::new(number, Arc::clone(&shared), seed)).collect();
        Ok(Self { program, folder, shared, writers })
    }

    /// Starts the program, and kills it after a time in which it hardly listens.
    async fn kill_start(&self, after: Duration) -> Result<(), AnyError> {
        let mut process = self.program.spawn(self.folder)?;
        sleep(after).await;
        Ok(process.kill().await?)
    }

    /// Starts the program, inspects what the last kill left, and kills it while the callers write. Returns the time to
    /// start.
    async fn one_loop(&mut self, writing: Duration) -> Result<Duration, AnyError> {
        let parc = self.program.start(self.folder).await?;
        let start_time = parc.start_time;
        self.inspect(&Caller::new(&parc.url)?, Expected::take_touched).await?;
        self.write_and_kill(parc, writing).await?;
        Ok(start_time)
    }

    /// Sends unacknowledged requests again, then compares the lists, and the histories of some entities.
    async fn inspect(
        &mut self,
        caller: &Caller,
        choose: impl Fn(&mut Expected) -> BTreeSet<String>,
    ) -> Result<(), AnyError> {
        for writer in &mut self.writers {
            writer.settle(caller).await?;
        }
        inspect::lists(caller, &self.writers, &self.shared).await?;
        for writer in &mut self.writers {
            let chosen = choose(&mut writer.expected);
            inspect::histories(caller, &writer.expected, &chosen).await?;
        }
        Ok(())
    }

    /// Lets the callers write for some time, and kills the program meanwhile.
    async fn write_and_kill(&mut self, parc: Parc, writing: Duration) -> Result<(), AnyError> {
        let (kill, killed) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for mut writer in self.writers.drain(..) {
            let (caller, killed) = (Caller::new(&parc.url)?, killed.clone());
            tasks.spawn(async move {
                writer.write_until(&caller, &killed).await?;
                Ok::<_, AnyError>(writer)
            });
        }
        sleep(writing).await;
        // Before the kill: a request that fails earlier is a failure of the program.
        kill.send_replace(true);
        parc.kill().await?;
        while let Some(ended) = tasks.join_next().await {
            self.writers.push(ended??);
        }
        Ok(())
    }
}

/// What the check has done.
#[derive(Debug, Default)]
struct Totals {
    loops: u32,
    folders: u32,
    killed_starts: u32,
    counts: Counts,
    starts: Latencies,
    verified: u32,
    items: u64,
}

impl Totals {
    async fn verify(&mut self, program: &Program, folder: &Path) -> Result<(), AnyError> {
        self.verified += 1;
        self.items += program.verify(folder).await?;
        Ok(())
    }

    fn report(&mut self) {
        let Counts { acknowledged, operations, unacknowledged, kept, repeated } = self.counts;
        let Self { loops, folders, killed_starts, verified, items, .. } = self;
        println!("{loops} kills of the server on {folders} folders, {killed_starts} more before it listened");
        println!("{acknowledged} acknowledged requests with {operations} writes");
        println!("{unacknowledged} requests without an answer, sent again: {kept} had had an effect before the kill");
        println!("{repeated} acknowledged requests sent again, answered as before");
        let [p50, p99, longest] = [50, 99, 100].map(|percent| self.starts.percentile(percent));
        println!("start after a kill: p50 {p50:.0} ms, p99 {p99:.0} ms, longest {longest:.0} ms");
        println!("lost writes: 0; writes with two effects: 0; verify: {verified} times clean, {items} items");
    }
}
