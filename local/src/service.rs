//! HTTP services with the API of parc: the one that is taken over, and those that are compared.

use std::collections::HashSet;
use std::time::Duration;

use http_body_util::Full;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LINK};
use hyper::{Method, Request, Uri};
use serde_json::Value;
use serde_json::value::RawValue;
use thiserror::Error;
use tokio::time::sleep;
use url::Url;

use crate::AnyError;
use crate::http_client::{HttpClient, HttpError};
use crate::link::next_target;
use crate::progress::overwrite;

/// Maximum attempts of a GET.
const ATTEMPTS: u32 = 5;

/// Pause before the second attempt; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// Maximum number of further pages of a list.
const MAX_PAGES: usize = 100_000;

/// An HTTP service.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    base: Url,
    authorization: Option<HeaderValue>,
    http: HttpClient,
}

/// An answer of a service.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// Path of the next page, from the `Link` header.
    pub(crate) next: Option<String>,
}

/// Why a service could not be read.
#[derive(Debug, Error)]
pub(crate) enum ServiceError {
    /// No answer, or only a part of one.
    #[error("{method} {url} failed: {cause}")]
    NoAnswer { method: Method, url: String, cause: HttpError },
    /// A path that cannot be part of a URL.
    #[error("{url} is not a URL")]
    NotAUrl { url: String },
    /// An answer other than 200.
    #[error("GET {url} is answered {status}{advice}")]
    Status { url: String, status: u16, advice: &'static str },
    /// The body is not a list in JSON.
    #[error("the answer to GET {url} is not a list in JSON: {cause}")]
    NotAList { url: String, cause: String },
    /// The pages of a list do not end.
    #[error("the pages of GET {url} do not end: {next} comes twice, or after {MAX_PAGES} others")]
    Endless { url: String, next: String },
    /// A `Link` to another service.
    #[error("the next page of GET {url} is at {next}, which is another service")]
    Elsewhere { url: String, next: String },
}

impl Service {
    /// Prepares the connection to a service. `option` names its URL on the command line.
    ///
    /// # Errors
    /// Returns an error if the URL or the token cannot be used.
    pub(crate) fn new(url: &str, token: Option<&str>, option: &str) -> Result<Self, AnyError> {
        let example = "such as https://parc.example.com";
        let base = Url::parse(url).map_err(|error| format!("{option} is not a URL, {example}: {error}"))?;
        let has_user = !base.username().is_empty() || base.password().is_some();
        let is_plain = base.query().is_none() && base.fragment().is_none() && !has_user;
        if !["http", "https"].contains(&base.scheme()) || !is_plain {
            return Err(
                format!("{option} is not the URL of a service without user, query and fragment, {example}").into()
            );
        }
        Ok(Self { base, authorization: token.map(bearer).transpose()?, http: HttpClient::new()? })
    }

    /// Returns the URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base.as_str().trim_end_matches('/'))
    }

    /// Reads a path. Repeats what may be a passing fault: no answer, half of one, 429 and 5xx.
    ///
    /// # Errors
    /// Returns [`ServiceError::NoAnswer`].
    pub(crate) async fn get(&self, path: &str) -> Result<Answer, ServiceError> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..ATTEMPTS {
            match self.send(Method::GET, path, None).await {
                Ok(answer) if answer.status < 500 && answer.status != 429 => return Ok(answer),
                Ok(_) | Err(ServiceError::NoAnswer { .. }) => {}
                Err(error) => return Err(error),
            }
            sleep(pause).await;
            pause *= 2;
        }
        self.send(Method::GET, path, None).await
    }

    /// Reads a path with all of its pages, as if it had only one.
    ///
    /// # Errors
    /// Returns [`ServiceError`].
    pub(crate) async fn get_whole(&self, path: &str) -> Result<Answer, ServiceError> {
        let first = self.get(path).await?;
        let (Some(next), Ok(mut all)) = (first.next.clone(), serde_json::from_slice(&first.body)) else {
            return Ok(first);
        };
        let mut pages = self.pages(path, Some(next));
        while let Some((url, body)) = pages.next().await? {
            append(&mut all, serde_json::from_slice(&body).map_err(|error| not_a_list(url, &error))?);
        }
        Ok(Answer { body: all.to_string().into_bytes(), next: None, ..first })
    }

    /// Sends a request once; a body is JSON.
    ///
    /// # Errors
    /// Returns [`ServiceError::NoAnswer`], or [`ServiceError::NotAUrl`].
    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<String>) -> Result<Answer, ServiceError> {
        let url = self.url(path);
        // Encodes what a recorded path may have unencoded.
        let uri: Option<Uri> = Url::parse(&url).ok().and_then(|url| url.as_str().parse().ok());
        let uri = uri.ok_or_else(|| ServiceError::NotAUrl { url: url.clone() })?;
        let mut request = Request::new(Full::default());
        *request.method_mut() = method.clone();
        *request.uri_mut() = uri;
        if let Some(authorization) = &self.authorization {
            request.headers_mut().insert(AUTHORIZATION, authorization.clone());
        }
        if let Some(body) = body {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *request.body_mut() = Full::from(body);
        }
        let sent = self.http.send(request).await;
        let (head, body) = sent.map_err(|cause| ServiceError::NoAnswer { method, url: url.clone(), cause })?;
        Ok(Answer { status: head.status.as_u16(), body, next: self.next(&url, &head.headers)? })
    }

    /// Reads every page of a list, and returns its elements as they are. `None` if the service does not offer it.
    ///
    /// # Errors
    /// Returns [`ServiceError`].
    pub(crate) async fn list(&self, path: &str) -> Result<Option<Vec<Box<RawValue>>>, ServiceError> {
        let first = self.get(path).await?;
        if first.is_missing() {
            return Ok(None);
        }
        let Answer { body, next, .. } = self.successful(path, first)?;
        let parse = |url, body: &[u8]| serde_json::from_slice(body).map_err(|error| not_a_list(url, &error));
        let mut elements: Vec<Box<RawValue>> = parse(self.url(path), &body)?;
        let mut pages = self.pages(path, next);
        while let Some((url, body)) = pages.next().await? {
            elements.extend(parse(url, &body)?);
            overwrite(&format!("{} elements of {path} read", elements.len()));
        }
        Ok(Some(elements))
    }

    /// Checks that an answer is 200.
    ///
    /// # Errors
    /// Returns [`ServiceError::Status`] if it is another one.
    pub(crate) fn successful(&self, path: &str, answer: Answer) -> Result<Answer, ServiceError> {
        match answer.status {
            200 => Ok(answer),
            status => Err(ServiceError::Status { url: self.url(path), status, advice: advice(status) }),
        }
    }

    fn pages(&self, path: &str, next: Option<String>) -> Pages<'_> {
        Pages { service: self, path: path.to_owned(), next, seen: HashSet::new() }
    }

    /// Returns the path of the next page. A link to another service is an error: it would get the token.
    fn next(&self, url: &str, headers: &HeaderMap) -> Result<Option<String>, ServiceError> {
        let links = headers.get_all(LINK).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let Some(target) = links.into_iter().find_map(|link| next_target(&link).map(str::to_owned)) else {
            return Ok(None);
        };
        let elsewhere = || ServiceError::Elsewhere { url: url.to_owned(), next: target.clone() };
        let next = Url::parse(url).and_then(|url| url.join(&target)).map_err(|_| elsewhere())?;
        if next.origin() != self.base.origin() || !next.username().is_empty() || next.password().is_some() {
            return Err(elsewhere());
        }
        // A proxy may have added the path of the base, of which the service does not know.
        let prefix = self.base.path().trim_end_matches('/');
        let path = next.path().strip_prefix(prefix).filter(|rest| rest.starts_with('/')).unwrap_or(next.path());
        Ok(Some(next.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"))))
    }
}

/// The further pages of a list.
struct Pages<'a> {
    service: &'a Service,
    path: String,
    next: Option<String>,
    seen: HashSet<String>,
}

impl Pages<'_> {
    /// Reads the next page. Returns its URL and its body; `None` after the last one.
    async fn next(&mut self) -> Result<Option<(String, Vec<u8>)>, ServiceError> {
        let Some(path) = self.next.take() else { return Ok(None) };
        if self.seen.len() == MAX_PAGES || !self.seen.insert(path.clone()) {
            return Err(ServiceError::Endless { url: self.service.url(&self.path), next: path });
        }
        let answer = self.service.get(&path).await?;
        let Answer { body, next, .. } = self.service.successful(&path, answer)?;
        self.next = next;
        Ok(Some((self.service.url(&path), body)))
    }
}

fn not_a_list(url: String, error: &serde_json::Error) -> ServiceError {
    ServiceError::NotAList { url, cause: error.to_string() }
}

impl Answer {
    /// Returns `true` if the service does not have the path: 422 is the answer of FastAPI if another route reads its last
    /// step as an identifier.
    pub(crate) fn is_missing(&self) -> bool {
        [404, 405, 422, 501].contains(&self.status)
    }
}

impl Answer {
    /// Returns the elements of the body, which is a list in JSON.
    ///
    /// # Errors
    /// Returns [`ServiceError::NotAList`] if it is not; `url` is where it is from.
    pub(crate) fn elements(&self, url: String) -> Result<Vec<Value>, ServiceError> {
        serde_json::from_slice(&self.body).map_err(|error| not_a_list(url, &error))
    }
}

/// Appends the elements of a page: a list, or an object with a list.
fn append(all: &mut Value, page: Value) {
    match (all, page) {
        (Value::Array(all), Value::Array(page)) => all.extend(page),
        (Value::Object(all), Value::Object(page)) => {
            for (name, value) in page {
                if let Some(list) = all.get_mut(&name) {
                    append(list, value);
                }
            }
        }
        _ => {}
    }
}

fn bearer(token: &str) -> Result<HeaderValue, AnyError> {
    let value = HeaderValue::from_str(&format!("Bearer {token}"));
    let mut value =
        value.map_err(|_| "the token has characters that a header cannot hold; pass it without \"Bearer\"")?;
    value.set_sensitive(true);
    Ok(value)
}

fn advice(status: u16) -> &'static str {
    match status {
        300..=399 => ": it redirects; give the URL that it redirects to",
        401 | 403 => ": it asks for a token; pass one that may read",
        _ => "",
    }
}
