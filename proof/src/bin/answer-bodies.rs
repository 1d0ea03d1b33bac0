//! Reads request bodies from standard input, and prints how parc's functions read them, for `proof/differential`.
//!
//! A line is the JSON array of a route, a content type and the body in Base64. The answer is one line: the status, and the
//! body of the answer: the model that was read, or the error.

#![allow(clippy::print_stdout, reason = "prints its result")]

use std::future::ready;
use std::io::{self, BufRead, Write};

use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use lambda_http::Body;
use lambda_http::http::header::CONTENT_TYPE;
use lambda_http::http::{HeaderValue, Method};
use serde::Serialize;
use shared::Clock;
use shared::http::{Answer, AppContext, Request, Response, answer};
use shared::models::{ClientRegister, ClientUpdate, EquipementRegister, EquipementUpdate, SiteRegister, SiteUpdate};
use shared::store::{Database, Settings};
use shared::time_limits::DEFAULT_TIME_LIMIT;
use shared::validation::{CursorKey, Model};
use testkit::AnyError;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    // No handler calls the table.
    let database = Database::connect(Settings::for_endpoint("parc", "http://127.0.0.1:1"))?;
    let app =
        AppContext { database, cursors: CursorKey::new(""), time_limit: DEFAULT_TIME_LIMIT, clock: Clock::system() };
    let mut output = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let (route, content_type, body): (String, String, String) = serde_json::from_str(&line?)?;
        let mut request = lambda_http::Request::new(Body::Binary(BASE64.decode(body)?));
        *request.method_mut() = Method::POST;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::try_from(content_type)?);
        let handler = |_, request: Request| ready(read(&route, &request));
        let (response, _) = answer(handler, &app, request).await;
        let (status, body) = (response.status().as_u16(), response.into_body());
        writeln!(output, "{status} {}", str::from_utf8(&body)?)?;
        output.flush()?;
    }
    Ok(())
}

/// Returns the model that the route reads.
fn read(route: &str, request: &Request) -> Answer {
    match route {
        "clients/register" => echo::<ClientRegister>(request),
        "clients/update" => echo::<ClientUpdate>(request),
        "sites/register" => echo::<SiteRegister>(request),
        "sites/update" => echo::<SiteUpdate>(request),
        "equipements/register" => echo::<EquipementRegister>(request),
        _ => echo::<EquipementUpdate>(request),
    }
}

fn echo<T: Model + Serialize>(request: &Request) -> Answer {
    let model = request.body::<T>()?;
    Ok(Response::new(Body::Text(serde_json::to_string(&model).unwrap_or_default())))
}
