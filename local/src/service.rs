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

/// Maximum attempts of a GET.
const ATTEMPTS: u32 = 5;

/// Pause before the second attempt; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

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
    #[error("the pages of GET {url} do not end: {next} comes twice")]
    Endless { url: String, next: String },
}

impl Service {
    /// Prepares the connection to a service. `option` names its URL on the command line.
    ///
    /// # Errors
    /// Returns an error if the URL or the token cannot be used.
    pub(crate) fn new(url: &str, token: Option<&str>, option: &str) -> Result<Self, AnyError> {
        let example = "such as https://parc.example.com";
        let base = Url::parse(url).map_err(|error| format!("{option} {url} is not a URL, {example}: {error}"))?;
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
                Err(error @ ServiceError::NotAUrl { .. }) => return Err(error),
                Ok(_) | Err(_) => {}
            }
            sleep(pause).await;
            pause *= 2;
        }
        self.send(Method::GET, path, None).await
    }

    /// Reads a path with all of its pages, as if it had only one.
    ///
    /// # Errors
    /// Returns [`ServiceError::NoAnswer`] or [`ServiceError::Endless`].
    pub(crate) async fn get_whole(&self, path: &str) -> Result<Answer, ServiceError> {
        let mut whole = self.get(path).await?;
        let mut seen = HashSet::new();
        while let Some(next) = whole.next.take() {
            let Ok(mut all) = serde_json::from_slice(&whole.body) else { break };
            if !seen.insert(next.clone()) {
                return Err(ServiceError::Endless { url: self.url(path), next });
            }
            let page = self.get(&next).await?;
            if page.status != whole.status {
                return Ok(page);
            }
            append(&mut all, serde_json::from_slice(&page.body).unwrap_or_default());
            whole = Answer { body: all.to_string().into_bytes(), ..page };
        }
        Ok(whole)
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
        let (head, body) =
            self.http.send(request).await.map_err(|cause| ServiceError::NoAnswer { method, url, cause })?;
        Ok(Answer { status: head.status.as_u16(), body, next: self.next(&head.headers) })
    }

    /// Reads every page of a list, and returns its elements as they are. `None` if the service does not offer it.
    ///
    /// # Errors
    /// Returns [`ServiceError`].
    pub(crate) async fn list(&self, path: &str) -> Result<Option<Vec<Box<RawValue>>>, ServiceError> {
        let (mut elements, mut seen, mut next) = (Vec::new(), HashSet::new(), path.to_owned());
        loop {
            let answer = self.get(&next).await?;
            if answer.is_missing() && next == path {
                return Ok(None);
            }
            let (url, Answer { status, body, next: following }) = (|| self.url(&next), answer);
            if status != 200 {
                return Err(ServiceError::Status { url: url(), status, advice: advice(status) });
            }
            let page: Vec<Box<RawValue>> = serde_json::from_slice(&body)
                .map_err(|error| ServiceError::NotAList { url: url(), cause: error.to_string() })?;
            elements.extend(page);
            let Some(following) = following else { return Ok(Some(elements)) };
            if !seen.insert(following.clone()) {
                return Err(ServiceError::Endless { url: self.url(path), next: following });
            }
            next = following;
        }
    }

    /// Returns the path of the next page.
    fn next(&self, headers: &HeaderMap) -> Option<String> {
        let links = headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
        let mut links = links.flat_map(|value| value.split(", <"));
        let link = links.find(|link| link.ends_with("rel=\"next\"") || link.ends_with("rel=next"))?;
        let target = link.trim_start_matches('<').split('>').next()?;
        let next = self.base.join(target).ok()?;
        next.as_str().strip_prefix(self.base.as_str().trim_end_matches('/')).map(str::to_owned)
    }
}

impl Answer {
    /// Returns `true` if the service does not have the path.
    pub(crate) fn is_missing(&self) -> bool {
        [404, 405, 501].contains(&self.status)
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
