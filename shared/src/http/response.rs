use lambda_http::Body;
use lambda_http::http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use super::{Failure, Page};
use crate::models::Entity;
use crate::store::{List, StoreError};

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

/// How often the queries of a list are gone on with, 1 MB at a time, before an answer is given as far
/// as it has come: what passes over most of a long list is no reason to read all of it at once.
const MAX_ROUNDS: usize = 128;

/// The value, with status 200.
///
/// # Errors
/// None that a value of this crate's models could cause.
pub fn json(value: &impl Serialize) -> Answer {
    Ok(with_body(StatusCode::OK, value))
}

/// The value as JSON text, for [`infos`].
///
/// # Errors
/// None that a value of this crate's models could cause.
pub fn text(value: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string(value)
}

/// The part of a list that is asked for, or as much of it as one answer may carry; and a link to
/// what comes after it.
///
/// # Errors
/// Those of [`List::next`].
pub async fn list<T: Entity + Serialize>(page: &Page<'_>, entities: List<T>) -> Answer {
    bounded(page, ["[", "]"], entities, text).await
}

/// An entity's own page: what `entity` says of itself, and its children under `name`, each as
/// `summary` gives it; as much of them as one answer may carry and a link to the rest.
///
/// # Errors
/// Those of [`List::next`].
pub async fn infos<T: Entity>(
    page: &Page<'_>,
    entity: &impl Serialize,
    name: &str,
    children: List<T>,
    summary: impl Fn(&T) -> serde_json::Result<String>,
) -> Answer {
    let entity = serde_json::to_string(entity).map_err(bug)?;
    let open = format!("{},\"{name}\":[", entity.strip_suffix('}').unwrap_or(&entity));
    bounded(page, [&open, "]}"], children, summary).await
}

async fn bounded<T: Entity>(
    page: &Page<'_>,
    [open, close]: [&str; 2],
    entities: List<T>,
    json: impl Fn(&T) -> serde_json::Result<String>,
) -> Answer {
    let mut entities = entities.with_budget(MAX_ROUNDS);
    let mut body = open.to_owned();
    let mut size = size_inside_json(open) + size_inside_json(close);
    let mut last = None;
    let mut next = None;
    let mut left = page.pagination.limit.map_or(usize::MAX, usize::from);
    while let Some(entity) = entities.next().await? {
        let text = json(&entity).map_err(bug)?;
        size += 1 + size_inside_json(&text);
        if let (Some(last), true) = (last, left == 0 || size > MAX_LIST) {
            next = Some(page.next(last));
            break;
        }
        if last.is_some() {
            body.push(',');
        }
        body.push_str(&text);
        last = Some(entity.rank());
        left -= 1;
    }
    let next = next.or_else(|| entities.resume_after().map(|rank| page.next(rank)));
    let mut response = json_text(StatusCode::OK, body + close);
    if let Some(Ok(link)) = next.map(|next| HeaderValue::try_from(format!("<{next}>; rel=\"next\""))) {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err gives it")]
fn bug(error: serde_json::Error) -> Failure {
    StoreError::Bug(error.to_string()).into()
}

/// Returns the bytes that Lambda counts for a text body, which is a string inside a JSON text.
pub(super) fn size_inside_json(text: &str) -> usize {
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
