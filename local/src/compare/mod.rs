//! `parc compare`: asks two services the same, and reports where their answers differ.

mod difference;
mod pages;
mod traffic;

use std::fmt::Display;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::AnyError;
use crate::progress::Lines;
use crate::service::Service;

/// Number of requests that each service is asked at the same time.
const CONCURRENCY: usize = 16;

/// Options of `parc compare`.
#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// The URL of the old service, without /clients
    #[arg(long, value_name = "URL")]
    old: String,
    /// The URL of the new service
    #[arg(long, value_name = "URL")]
    new: String,
    /// A token for the old service
    #[arg(long, value_name = "TOKEN", env = "PARC_OLD_TOKEN", hide_env_values = true)]
    old_token: Option<String>,
    /// A token for the new service
    #[arg(long, value_name = "TOKEN", env = "PARC_NEW_TOKEN", hide_env_values = true)]
    new_token: Option<String>,
    /// Send the requests of this file instead, with one on each line, such as
    /// {"method": "PUT", "path": "/clients/update", "body": {…}}. Only GET requests are sent without --writes
    #[arg(long, value_name = "FILE")]
    traffic: Option<PathBuf>,
    /// Send the other requests of the file too, in its order. They change both services: name two copies that are
    /// thrown away afterwards
    #[arg(long, requires = "traffic")]
    writes: bool,
}

/// The two services.
struct Services {
    old: Service,
    new: Service,
}

/// Prints each difference as it is found.
#[derive(Default)]
struct Report {
    /// Number of requests that were compared.
    requests: u64,
    /// Number of those whose answers differ.
    different: u64,
    printed: Lines,
}

/// Compares the services. Succeeds if no answer differs.
pub(crate) async fn run(args: &CompareArgs) -> Result<ExitCode, AnyError> {
    let CompareArgs { old, new, old_token, new_token, traffic, writes } = args;
    let old = Service::new(old, old_token.as_deref(), "--old")?;
    let new = Service::new(new, new_token.as_deref(), "--new")?;
    if old.url("") == new.url("") {
        return Err(format!("--old and --new are the same service, {}; name two", old.url("")).into());
    }
    let services = Services { old, new };
    let mut report = Report::default();
    match traffic {
        None => pages::compare(&services, &mut report).await?,
        Some(file) => traffic::compare(&services, file, *writes, &mut report).await?,
    }
    let Report { requests, different, printed } = report;
    printed.end()?;
    writeln!(io::stdout(), "{requests} requests compared, {different} answered differently")?;
    Ok(if different == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Report {
    /// Counts a request, and prints how its answers differ.
    fn add(&mut self, request: impl Display, differences: &[String]) {
        self.requests += 1;
        self.different += u64::from(!differences.is_empty());
        for difference in differences {
            self.printed.print(format_args!("{request}: {difference}"));
        }
    }
}
