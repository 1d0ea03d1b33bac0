//! Searches for the requests that cost most: `docs/proof.md`.

#![allow(clippy::print_stdout, reason = "a command that reports")]

use std::time::Duration;

use clap::{Parser, Subcommand};
use peak_alloc::PeakAlloc;
use proof::worst::{Batch, Body, Candidate, Memory, Objective, Query, Tester, every_list, search};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

#[derive(Parser)]
#[command(about = "Searches for the requests that cost most")]
struct Args {
    #[command(subcommand)]
    kind: Kind,
    /// Time of the search
    #[arg(long, default_value_t = 300, global = true)]
    seconds: u64,
    #[arg(long, default_value_t = 1, global = true)]
    seed: u64,
}

#[derive(Clone, Copy, Subcommand)]
enum Kind {
    /// The body of one entity
    Body,
    /// The query string and the headers of a request that reads
    Query,
    /// A batch
    Batch,
    /// Every list, over as many entities of each kind with texts of the maximum length
    Lists {
        #[arg(long, default_value_t = 5_000)]
        entities: usize,
    },
}

fn main() {
    let Args { kind, seconds, seed } = Args::parse();
    let mut tester = Tester::new(Memory {
        start: || {
            ALLOCATOR.reset_peak_usage();
            ALLOCATOR.current_usage()
        },
        peak: || ALLOCATOR.peak_usage(),
    });
    let time = Duration::from_secs(seconds);
    match kind {
        Kind::Body => run::<Body>(&mut tester, seed, time),
        Kind::Query => run::<Query>(&mut tester, seed, time),
        Kind::Batch => run::<Batch>(&mut tester, seed, time),
        Kind::Lists { entities } => lists(&mut tester, entities),
    }
}

fn run<C: Candidate>(tester: &mut Tester, seed: u64, time: Duration) {
    let (worst, requests) = search::<C>(tester, seed, time);
    println!("seed {seed}: {requests} requests");
    for ((objective, _), worst) in worst {
        println!("{objective:?}: {}\n  {:?}", worst.cost, worst.candidate);
    }
}

/// Prints the ten lists that cost most, by each objective.
fn lists(tester: &mut Tester, entities: usize) {
    let mut costs = every_list(tester, entities);
    println!("{} lists over {entities} entities of each kind", costs.len());
    for objective in Objective::ALL {
        println!("{objective:?}:");
        costs.sort_by_key(|(_, cost)| std::cmp::Reverse(objective.of(cost)));
        for (list, cost) in costs.iter().take(10) {
            println!("  {cost}: {list}");
        }
    }
}
