//! `GET /clients/{client_id}/infos`, written like the public samples of Lambda functions in Rust.

mod infos;

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use lambda_http::{Error, run, service_fn, tracing};

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let client = Client::new(&config);
    let table = std::env::var("PARC_TABLE")?;
    run(service_fn(|request| infos::handle(&client, &table, request))).await
}
