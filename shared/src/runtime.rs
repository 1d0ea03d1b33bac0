//! Start-up of a Lambda function: logs, the connection to the table, and the loop over its events.

use std::convert::Infallible;
use std::future::Future;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use lambda_http::Body;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::de::DeserializeOwned;
use tracing_subscriber::filter::LevelFilter;

use crate::Clock;
use crate::environment::{optional, required};
use crate::http::{Answer, AppContext, Event, Request, Response, answer, answer_static};
use crate::sdk;
use crate::store::{Database, RequestContext, Settings, Store, StoreError};
use crate::telemetry::Metrics;
use crate::time_limits::{DEFAULT_TIME_LIMIT, time_left};
use crate::validation::CursorKey;

/// Allocator of the deployed functions.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Serves one route until Lambda ends the process. This is a function's whole `main`.
///
/// If the function cannot start, it logs the cause and exits with a code other than zero.
pub fn serve<F, A>(handler: F) -> ExitCode
where
    F: Fn(Store, Request) -> A + Sync,
    A: Future<Output = Answer> + Send,
{
    let started = Instant::now();
    run(async {
        let app = AppContext {
            database: connect().await?,
            cursors: CursorKey::new(&required("PARC_CURSOR_KEY")?),
            time_limit: DEFAULT_TIME_LIMIT,
            clock: Clock::system(),
        };
        let metrics = metrics(started);
        lambda_runtime::run(service_fn(async |LambdaEvent { payload, context }: LambdaEvent<Event>| {
            let (response, line) = answer(&handler, &app, payload.with_lambda_context(context)).await;
            metrics.write(&line);
            Ok::<_, Infallible>(for_api_gateway(response))
        }))
        .await
    })
}

/// Like [`serve`], for a route that does not use the table: the SDK is not started.
pub fn serve_static(handler: impl Fn(&lambda_http::Request) -> Response + Sync) -> ExitCode {
    let metrics = metrics(Instant::now());
    run(lambda_runtime::run(service_fn(async |LambdaEvent { payload, .. }: LambdaEvent<Event>| {
        let (response, line) = answer_static(&handler, payload);
        metrics.write(&line);
        Ok::<_, Infallible>(for_api_gateway(response))
    })))
}

/// Returns the response in the form that API Gateway takes.
fn for_api_gateway(response: Response) -> ApiGatewayV2httpResponse {
    let (parts, body) = response.into_parts();
    let mut converted = ApiGatewayV2httpResponse::default();
    converted.status_code = parts.status.as_u16().into();
    converted.headers = parts.headers;
    converted.is_base64_encoded = matches!(body, Body::Binary(_));
    // API Gateway gets a text in every response.
    converted.body = Some(if matches!(body, Body::Empty) { Body::Text(String::new()) } else { body });
    converted
}

/// Serves the events of a source other than API Gateway, such as a schedule or a stream, until Lambda ends the
/// process.
///
/// A failure is logged and reported to Lambda, which sends the event again if its source is configured so.
pub fn serve_events<T, F, A>(handler: F) -> ExitCode
where
    T: DeserializeOwned,
    F: Fn(Store, T) -> A,
    A: Future<Output = Result<(), StoreError>>,
{
    run(async {
        let database = connect().await?;
        lambda_runtime::run(service_fn(async |LambdaEvent { payload, context }: LambdaEvent<T>| {
            let request = RequestContext {
                request_id: context.request_id.clone(),
                ..RequestContext::anonymous(time_left(context.deadline), database.random())
            };
            let result = handler(database.for_request(request), payload).await;
            result.map_err(|cause| failed(&context.request_id, cause))
        }))
        .await
    })
}

/// Like [`serve_events`], for a function that calls other services of AWS and not the table. The handler also gets the
/// time that it has until Lambda's deadline, and may log at the level INFO.
pub fn serve_sdk_events<T, F, A, E>(handler: F) -> ExitCode
where
    T: DeserializeOwned,
    F: Fn(SdkConfig, T, Duration) -> A,
    A: Future<Output = Result<(), E>>,
    E: std::error::Error + Send + Sync + 'static,
{
    run_at(LevelFilter::INFO, async {
        let sdk = sdk::config().await?;
        lambda_runtime::run(service_fn(async |LambdaEvent { payload, context }: LambdaEvent<T>| {
            let result = handler(sdk.clone(), payload, time_left(context.deadline)).await;
            result.map_err(|cause| failed(&context.request_id, cause))
        }))
        .await
    })
}

/// Logs why an event failed, and returns the error for Lambda.
fn failed(request_id: &str, cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    tracing::error!(request_id, %cause, "the event failed");
    Error::from(cause)
}

/// Connects to the table that the environment names, and opens the connection that the first call uses.
async fn connect() -> Result<Database, Error> {
    let database = Database::connect(Settings::from_env()?)?;
    database.open_connection().await;
    Ok(database)
}

/// Returns the metrics writer of a process that is ready now. Its namespace is the stack's name, so that stacks of one
/// account do not mix.
fn metrics(started: Instant) -> Metrics {
    Metrics::of(optional("PARC_STACK").unwrap_or_else(|| "parc".to_owned()), started.elapsed())
}

fn run(serving: impl Future<Output = Result<(), Error>>) -> ExitCode {
    // Spans of lambda_runtime are INFO. Nothing here reads them.
    run_at(LevelFilter::WARN, serving)
}

fn run_at(level: LevelFilter, serving: impl Future<Output = Result<(), Error>>) -> ExitCode {
    let log = tracing_subscriber::fmt().with_max_level(level).json();
    log.flatten_event(true).with_target(false).with_current_span(false).with_span_list(false).init();
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
