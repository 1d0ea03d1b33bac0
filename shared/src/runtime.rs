//! Start-up of a Lambda function: logs, the table, the loop.

use std::convert::Infallible;
use std::future::Future;
use std::process::ExitCode;

use lambda_runtime::{Error, service_fn};

use crate::environment::{optional, required};
use crate::http::{Answer, AppContext, Request, Response, answer, answer_static};
use crate::store::{Database, Settings, Store};
use crate::telemetry::Metrics;
use crate::time_limits::DEFAULT_TIME_LIMIT;
use crate::validation::CursorKey;

/// Serves one route until Lambda ends the process. This is a function's whole `main`.
///
/// If the function cannot start, it logs the cause and exits with a code other than zero.
pub fn serve<F, A>(handler: F) -> ExitCode
where
    F: Fn(Store, Request) -> A + Sync,
    A: Future<Output = Answer> + Send,
{
    run(async {
        let app = AppContext {
            database: Database::connect(Settings::from_env()?)?,
            cursors: CursorKey::new(&required("PARC_CURSOR_KEY")?),
            time_limit: DEFAULT_TIME_LIMIT,
        };
        let metrics = metrics();
        lambda_http::run(service_fn(|request| {
            let (handler, app, metrics) = (&handler, &app, &metrics);
            async move {
                let (response, line) = answer(handler, app, request).await;
                metrics.write(&line);
                Ok::<_, Infallible>(response)
            }
        }))
        .await
    })
}

/// Like [`serve`], for a route that does not use the table: the SDK is not started.
pub fn serve_static(handler: impl Fn(&lambda_http::Request) -> Response + Sync) -> ExitCode {
    let metrics = metrics();
    run(lambda_http::run(service_fn(|request| {
        let (response, line) = answer_static(&handler, &request);
        metrics.write(&line);
        async { Ok::<_, Infallible>(response) }
    })))
}

/// Returns the metrics of this stack, whose namespace no other stack of the account has.
fn metrics() -> Metrics {
    Metrics::of(optional("PARC_STACK").unwrap_or_else(|| "parc".to_owned()))
}

fn run(serving: impl Future<Output = Result<(), Error>>) -> ExitCode {
    tracing_subscriber::fmt().json().flatten_event(true).with_target(false).with_current_span(false).init();
    // A function answers one request at a time: one thread needs less memory and CPU.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.map_err(Error::from).and_then(|runtime| runtime.block_on(serving)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(cause = %error, "cannot start");
            ExitCode::FAILURE
        }
    }
}
