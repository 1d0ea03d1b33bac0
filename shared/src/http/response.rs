use lambda_http::Body;
use lambda_http::http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use super::etag::{tag_entity, tag_list};
use super::{Failure, PageLinks};
use crate::models::{Entity, Position, Rank};
use crate::store::{History, KeptAnswer, List, StoreError, Written};

/// Response in the form that `lambda_http` sends.
pub type Response = lambda_http::http::Response<Body>;

/// Result of a handler.
pub type Answer = Result<Response, Failure>;

/// Maximum size of the body of a list or of a batch inside the response of a Lambda function, in bytes.
///
/// Lambda's limit for a response is 6,291,556 bytes. The body is a JSON string in it, so its quotes and
/// backslashes count twice; the rest is for the headers.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>.
const MAX_LIST: usize = 6_000_000;

/// Maximum rounds of 1 MB reads per response. Beyond it, a partial page with a `next` link is returned.
const MAX_ROUNDS: usize = 128;

/// Returns the response with an entity.
///
/// # Errors
/// Never fails; the return type is that of the other responses.
pub fn entity(entity: &impl Entity) -> Answer {
    Ok(tagged_entity(entity.version(), entity.json()))
}

/// Returns the response to a write: the entity, or the kept response of an earlier request with the same key.
///
/// # Errors
/// Never fails; the return type is that of the other responses.
pub fn written<T: Entity>(written: Written<T>) -> Answer {
    match written {
        Written::Fresh(written) => entity(&written),
        Written::Replayed(KeptAnswer { version, body }) => Ok(marked_as_replayed(tagged_entity(version, body))),
    }
}

/// Returns the response `true` to a write.
///
/// # Errors
/// Never fails; the return type is that of the other responses.
pub fn done<T>(written: &Written<T>) -> Answer {
    let response = json_true();
    Ok(match written {
        Written::Fresh(_) => response,
        Written::Replayed(_) => marked_as_replayed(response),
    })
}

/// Returns the response `true`.
pub(super) fn json_true() -> Response {
    json_text(StatusCode::OK, "true".to_owned())
}

/// Adds the value as JSON to the end of a body, for [`infos`].
///
/// # Errors
/// Returns no error for this crate's models.
pub fn write_json(body: &mut Vec<u8>, value: &impl Serialize) -> serde_json::Result<()> {
    serde_json::to_writer(body, value)
}

/// Returns a page of a list, or as much of it as one response can carry, with a link to the next page.
///
/// # Errors
/// Returns the errors of [`List::next`].
pub async fn list<T: Entity>(page: &PageLinks<'_>, entities: List<T>) -> Answer {
    let mut array = Array::new("[", "]", page.pagination.limit);
    if page.pagination.limit.is_none() {
        // Growth by doubling would copy a long body several times, and hold two copies of it.
        array.body.reserve(MAX_LIST);
    }
    let (body, next) = fill(array, entities, |body, entity| write_json(body, entity)).await?;
    let mut response = paged(page, body, next);
    tag_list(&mut response);
    Ok(response)
}

/// Returns an entity with a page of its children under `name`, each written by `write`, or as many of them as one
/// response can carry, with a link to the next page.
///
/// # Errors
/// Returns the errors of [`List::next`].
pub async fn infos<T: Entity>(
    page: &PageLinks<'_>,
    version: u64,
    entity: &impl Serialize,
    name: &str,
    children: List<T>,
    write: impl Fn(&mut Vec<u8>, &T) -> serde_json::Result<()>,
) -> Answer {
    let entity = serde_json::to_string(entity).map_err(bug)?;
    let open = format!("{},\"{name}\":[", entity.strip_suffix('}').unwrap_or(&entity));
    let array = Array::new(&open, "]}", page.pagination.limit);
    let (body, next) = fill(array, children, write).await?;
    let mut response = paged(page, body, next);
    tag_entity(&mut response, version);
    Ok(response)
}

/// Returns a page of a history, or as much of it as one response can carry, with a link to the next page.
///
/// # Errors
/// Returns [`StoreError::Bug`] if an entry cannot be written as JSON.
pub fn history<F: Serialize>(page: &PageLinks<'_, u64>, History { entries, mut has_more }: History<F>) -> Answer {
    let mut array = Array::new("[", "]", None);
    let mut last = None;
    for entry in entries {
        if !array.push(|body| write_json(body, &entry)).map_err(bug)? {
            has_more = true;
            break;
        }
        last = Some(entry.version);
    }
    let mut response = paged(page, array.into_body()?, last.filter(|_| has_more));
    tag_list(&mut response);
    Ok(response)
}

/// Adds entities to an array. Returns its text, and the rank after which the list continues.
async fn fill<T: Entity>(
    mut array: Array,
    entities: List<T>,
    write: impl Fn(&mut Vec<u8>, &T) -> serde_json::Result<()>,
) -> Result<(String, Option<Rank>), Failure> {
    let mut entities = entities.with_budget(MAX_ROUNDS);
    let mut last = None;
    while let Some(entity) = entities.next().await? {
        if !array.push(|body| write(body, &entity)).map_err(bug)? {
            return Ok((array.into_body()?, last));
        }
        last = Some(entity.rank());
    }
    Ok((array.into_body()?, entities.resume_after()))
}

/// A JSON array that grows up to what one answer can carry.
struct Array {
    body: Vec<u8>,
    close: &'static str,
    size: usize,
    is_empty: bool,
    left: usize,
}

impl Array {
    fn new(open: &str, close: &'static str, limit: Option<u16>) -> Self {
        let size = size_inside_json(open) + size_inside_json(close);
        Self {
            body: open.as_bytes().to_vec(),
            close,
            size,
            is_empty: true,
            left: limit.map_or(usize::MAX, usize::from),
        }
    }

    /// Adds the element that `write` writes. Returns `false`, and adds nothing, if the array is full; the first
    /// element always fits.
    fn push(&mut self, write: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>) -> serde_json::Result<bool> {
        let end = self.body.len();
        if !self.is_empty {
            if self.left == 0 {
                return Ok(false);
            }
            self.body.push(b',');
        }
        write(&mut self.body)?;
        let size = self.size + escaped_size(&self.body[end..]);
        if size > MAX_LIST && !self.is_empty {
            self.body.truncate(end);
            return Ok(false);
        }
        (self.size, self.is_empty, self.left) = (size, false, self.left.saturating_sub(1));
        Ok(true)
    }

    fn into_body(mut self) -> Result<String, Failure> {
        self.body.extend_from_slice(self.close.as_bytes());
        String::from_utf8(self.body).map_err(|error| StoreError::Bug(error.to_string()).into())
    }
}

/// Returns the response with an entity, given as JSON text.
pub(super) fn tagged_entity(version: u64, body: String) -> Response {
    let mut response = json_text(StatusCode::OK, body);
    tag_entity(&mut response, version);
    response
}

/// Marks the answer as one that was kept.
pub(super) fn marked_as_replayed(mut response: Response) -> Response {
    response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    response
}

/// Returns a part of a list, with a link to the next one.
fn paged<P: Position>(page: &PageLinks<'_, P>, body: String, next: Option<P>) -> Response {
    let mut response = json_text(StatusCode::OK, body);
    let link = next.map(|next| HeaderValue::try_from(format!("<{}>; rel=\"next\"", page.next(next))));
    if let Some(Ok(link)) = link {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err gives it")]
fn bug(error: serde_json::Error) -> Failure {
    StoreError::Bug(error.to_string()).into()
}

/// Returns `true` if Lambda can send a body of this text.
pub(super) fn fits_into_response(text: &[u8]) -> bool {
    escaped_size(text) <= MAX_LIST
}

/// Returns the bytes that Lambda counts for a text body, which is a string inside a JSON text.
pub(super) fn size_inside_json(text: &str) -> usize {
    escaped_size(text.as_bytes())
}

fn escaped_size(text: &[u8]) -> usize {
    text.len() + text.iter().filter(|byte| matches!(byte, b'"' | b'\\')).count()
}

pub(super) fn with_body(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_string(value) {
        Ok(text) => json_text(status, text),
        Err(_) => json_text(StatusCode::INTERNAL_SERVER_ERROR, r#"{"detail":"Erreur interne"}"#.to_owned()),
    }
}

pub(super) fn json_text(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::Text(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
