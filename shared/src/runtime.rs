//! Start-up of a Lambda function: logs, the table, the loop.

use std::convert::Infallible;
use std::future::Future;
use std::process::ExitCode;

use lambda_runtime::{Error, service_fn};

use crate::environment::required;
use crate::http::{Answer, Request, Service, answer};
use crate::store::{Settings, Store};
use crate::validation::CursorKey;

/// Serves one route until Lambda ends the process; the whole of a function's `main`.
///
/// What keeps it from starting is said in one line of the log, and the exit code is not zero.
pub fn serve<F, A>(handler: F) -> ExitCode
where
    F: Fn(Store, Request) -> A + Sync,
    A: Future<Output = Answer> + Send,
{
    tracing_subscriber::fmt().json().flatten_event(true).with_target(false).with_current_span(false).init();
    match start(&handler) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(cause = %error, "cannot start");
            ExitCode::FAILURE
        }
    }
}

fn start<F, A>(handler: &F) -> Result<(), Error>
where
    F: Fn(Store, Request) -> A + Sync,
    A: Future<Output = Answer> + Send,
{
    let service = Service {
        store: Store::connect(Settings::from_env()?)?,
        cursors: CursorKey::new(&required("PARC_CURSOR_KEY")?),
    };
    // A function answers one request at a time: one thread does it with less memory and CPU.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(lambda_http::run(service_fn(|request| {
        let service = &service;
        async move { Ok::<_, Infallible>(answer(handler, service, request).await) }
    })))
}
