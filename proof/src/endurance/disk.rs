//! A full disk: a file system in memory, of a few megabytes, that other files fill.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use clap::Args;
use futures_util::future::join_all;
use serde_json::Value;
use testkit::AnyError;

use super::ensure;
use super::http::{Answer, Call, Caller, text};
use super::latency::Latencies;
use super::process::{Parc, Program};

/// Size of the file system, as `mount` takes it.
const SIZE: &str = "size=8m";

/// Time in which a read must be answered while the disk is full and writes are tried again.
const READ_TIME_LIMIT: Duration = Duration::from_secs(5);

/// Options of the check.
#[derive(Debug, Args)]
pub struct DiskArgs {
    /// Times that the disk is filled
    #[arg(long, default_value_t = 3)]
    loops: u32,
    /// Writes at the same time
    #[arg(long, default_value_t = 8)]
    writers: i64,
}

/// A mounted file system. It is unmounted when it is dropped.
struct Mount(PathBuf);

impl Mount {
    fn new(folder: &Path) -> Result<Self, AnyError> {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", SIZE, "parc"]).arg(folder).output()?;
        ensure(mounted.status.success(), || {
            let error = String::from_utf8_lossy(&mounted.stderr);
            format!("cannot mount a file system, which needs root: {error}")
        })?;
        Ok(Self(folder.to_owned()))
    }

    /// Fills the file system with a file.
    fn fill(&self) -> Result<PathBuf, AnyError> {
        let path = self.0.join("filler");
        let mut file = File::create(&path)?;
        for size in [1 << 20, 1 << 12] {
            loop {
                match file.write(&vec![0; size]) {
                    Ok(_) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(path)
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Lazily, because the program may still be ending. A folder that stays mounted holds a few megabytes.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Runs the check.
///
/// # Errors
/// Returns an error if a write is answered otherwise than 200 or 503, a read fails, or something acknowledged is lost.
pub async fn run(program: &Program, args: &DiskArgs) -> Result<(), AnyError> {
    let folder = tempfile::tempdir()?;
    let mount = Mount::new(folder.path())?;
    let data = folder.path().join("data");
    let parc = program.start(&data).await?;
    let caller = Caller::new(&parc.url)?;
    let mut codes = Codes { next: 1, acknowledged: BTreeSet::new() };
    for number in 1..=args.loops {
        codes
            .write(&caller, args.writers, |answer| {
                ensure(answer.status == 200, || format!("a write was answered {}: {}", answer.status, answer.body))
            })
            .await?;
        let filler = mount.fill()?;
        let (writes, reads) = tokio::join!(while_full(&caller, &mut codes, args.writers), read_while_full(&caller));
        let (refused, mut writes) = writes?;
        let mut reads = reads?;
        println!(
            "disk full ({number}): {refused} writes answered 503, longest {:.0} ms; {} reads answered 200, p50 {:.1} ms, \
             longest {:.0} ms",
            writes.percentile(100),
            reads.count(),
            reads.percentile(50),
            reads.percentile(100)
        );
        let line = logged(&parc)?;
        if number == 1 {
            println!("log: {line}");
        }
        fs::remove_file(filler)?;
        let freed = Instant::now();
        codes
            .write(&caller, args.writers, |answer| {
                let Answer { status, body, .. } = answer;
                ensure(*status == 200, || format!("with space again, a write was answered {status}: {body}"))
            })
            .await?;
        println!("with space again, {} writes succeeded within {:.0?}", args.writers, freed.elapsed());
        codes.compare(&caller).await?;
    }
    parc.kill().await?;
    let parc = program.start(&data).await?;
    codes.compare(&Caller::new(&parc.url)?).await?;
    parc.stop().await?;
    let items = program.verify(&data).await?;
    println!("{} acknowledged writes, none lost; verify: {items} items, clean", codes.acknowledged.len());
    drop(mount);
    Ok(())
}

/// Codes of registered clients.
struct Codes {
    next: i64,
    acknowledged: BTreeSet<i64>,
}

impl Codes {
    /// Registers clients at the same time, and judges each answer. Returns the response times.
    async fn write(
        &mut self,
        caller: &Caller,
        count: i64,
        mut judge: impl FnMut(&Answer) -> Result<(), AnyError>,
    ) -> Result<Latencies, AnyError> {
        let codes = self.next..self.next + count;
        self.next += count;
        let answers = codes.map(async |code| {
            let sent = Instant::now();
            let answer = caller.send(&Call::register_client(&"x".repeat(256), code)).await;
            (code, answer, sent.elapsed())
        });
        let mut times = Latencies::default();
        for (code, answer, time) in join_all(answers).await {
            let answer = answer?;
            judge(&answer)?;
            if answer.status == 200 {
                self.acknowledged.insert(code);
            }
            times.push(time);
        }
        Ok(times)
    }

    /// Compares the acknowledged codes with those that are listed.
    async fn compare(&self, caller: &Caller) -> Result<(), AnyError> {
        let clients = caller.ask(&Call::get("/clients/all")).await?;
        let listed: BTreeSet<_> =
            clients.as_array().into_iter().flatten().filter_map(|client| client["code"].as_i64()).collect();
        let lost: Vec<_> = self.acknowledged.difference(&listed).collect();
        ensure(lost.is_empty(), || format!("acknowledged, but lost: {lost:?}"))
    }
}

/// Writes until writes are refused. Returns the number of refused writes, and the response times of
/// those that were sent with them.
async fn while_full(caller: &Caller, codes: &mut Codes, writers: i64) -> Result<(u32, Latencies), AnyError> {
    let mut refused = 0;
    // Writes that fit into the space of the database may succeed at first.
    for _ in 0..50 {
        let judge = |answer: &Answer| match (answer.status, answer.retry_after) {
            (200, _) => Ok(()),
            (503, Some(_)) => {
                refused += 1;
                Ok(())
            }
            (status, _) => Err(format!("on a full disk, a write was answered {status}: {}", answer.body).into()),
        };
        let times = codes.write(caller, writers, judge).await?;
        if refused > 0 {
            return Ok((refused, times));
        }
    }
    Err("no write was refused on a full disk".into())
}

/// Reads for some time while writes are refused. Returns the response times.
async fn read_while_full(caller: &Caller) -> Result<Latencies, AnyError> {
    let mut times = Latencies::default();
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(20) {
        let first = timed(caller, "/clients/all?limit=1", &mut times).await?;
        let client = text(&first[0], "client_id")?;
        timed(caller, &format!("/clients/{client}/infos"), &mut times).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(times)
}

/// Reads, within the time limit.
async fn timed(caller: &Caller, path: &str, times: &mut Latencies) -> Result<Value, AnyError> {
    let sent = Instant::now();
    let body = caller.ask(&Call::get(path)).await?;
    let time = sent.elapsed();
    times.push(time);
    ensure(time < READ_TIME_LIMIT, || {
        format!("on a full disk, GET {path} took {time:.1?} while writes were tried again")
    })?;
    Ok(body)
}

/// Returns the line of the log that names the cause.
fn logged(parc: &Parc) -> Result<String, AnyError> {
    let log = parc.log();
    let line = log.last_with("disk is full").or_else(|| log.last_with("disk I/O error"));
    line.ok_or_else(|| format!("no line of the log says why; the last one: {}", log.last()).into())
}
