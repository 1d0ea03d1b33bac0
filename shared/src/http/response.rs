use lambda_http::Body;
use lambda_http::http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use super::{Failure, Request};
use crate::models::Entity;
use crate::store::{List, StoreError};
use crate::validation::Cursor;

/// An answer as `lambda_http` takes it.
pub type Response = lambda_http::http::Response<Body>;

/// What a handler gives.
pub type Answer = Result<Response, Failure>;

/// The most bytes that the body of a list takes inside the answer of a Lambda function.
///
/// An answer may have 6,291,556 bytes, in which the body is a JSON string: its quotes and
/// backslashes count twice. The rest is left to the headers.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>.
const MAX_LIST: usize = 6_000_000;

/// The value, with status 200.
///
/// # Errors
/// None that a value of this crate's models could cause.
pub fn json(value: &impl Serialize) -> Answer {
    Ok(with_body(StatusCode::OK, value))
}

/// The whole list, or as much of it as one answer may carry and a link to the rest.
///
/// # Errors
/// Those of [`List::next`].
pub async fn list<T: Entity + Serialize>(request: &Request, scope: String, list: List<T>) -> Answer {
    bounded_list(request, scope, list, MAX_LIST).await
}

async fn bounded_list<T: Entity + Serialize>(
    request: &Request,
    scope: String,
    mut entities: List<T>,
    max: usize,
) -> Answer {
    let mut body = String::from("[");
    let mut size = 2;
    let mut last = None;
    while let Some(entity) = entities.next().await? {
        let text = serde_json::to_string(&entity).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        size += size_inside_json(&text) + 1;
        if let (Some(last), true) = (last, size > max) {
            let next = request.with_cursor(&Cursor::after(scope, last).to_string());
            let mut response = json_text(StatusCode::OK, body + "]");
            if let Ok(link) = HeaderValue::try_from(format!("<{next}>; rel=\"next\"")) {
                response.headers_mut().insert(header::LINK, link);
            }
            return Ok(response);
        }
        if last.is_some() {
            body.push(',');
        }
        body.push_str(&text);
        last = Some(entity.id());
    }
    Ok(json_text(StatusCode::OK, body + "]"))
}

/// How many bytes a JSON text takes as a string inside another JSON text.
fn size_inside_json(text: &str) -> usize {
    text.len() + text.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count()
}

pub(super) fn with_body(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_string(value) {
        Ok(text) => json_text(status, text),
        Err(_) => json_text(StatusCode::INTERNAL_SERVER_ERROR, r#"{"detail":"Erreur interne"}"#.to_owned()),
    }
}

fn json_text(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::Text(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
