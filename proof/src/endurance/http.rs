//! Requests to a running program.

use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};
use testkit::AnyError;

/// Time after which a request that is not answered has failed. parc answers within 25 s once a request is started.
const TIME_LIMIT: Duration = Duration::from_mins(5);

/// A request.
#[derive(Debug, Clone)]
pub struct Call {
    method: Method,
    path: String,
    body: Option<Value>,
    key: Option<String>,
}

/// A complete response.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body; null if it is not JSON.
    pub body: Value,
    /// Size of the body, in bytes.
    pub size: usize,
    /// `true` if it is a kept response to an earlier request with the same key.
    pub is_replayed: bool,
    /// `true` if a `Link` announces a further page.
    pub has_next: bool,
    /// Seconds of `Retry-After`.
    pub retry_after: Option<u64>,
}

/// A caller with connections of its own.
#[derive(Debug, Clone)]
pub struct Caller {
    http: Client,
    url: String,
}

impl Call {
    /// Creates a GET.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), body: None, key: None }
    }

    /// Creates a POST with a body.
    #[must_use]
    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::POST, path: path.into(), body: Some(body), key: None }
    }

    /// Creates a PUT with a body.
    #[must_use]
    pub fn put(path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::PUT, path: path.into(), body: Some(body), key: None }
    }

    /// Creates a DELETE.
    #[must_use]
    pub fn delete(path: impl Into<String>) -> Self {
        Self { method: Method::DELETE, path: path.into(), body: None, key: None }
    }

    /// Creates the registration of a client.
    #[must_use]
    pub fn register_client(nom: &str, code: i64) -> Self {
        Self::post("/clients/register", json!({ "nom": nom, "code": code }))
    }

    /// Adds an `Idempotency-Key`.
    #[must_use]
    pub fn with_key(self, key: String) -> Self {
        Self { key: Some(key), ..self }
    }
}

impl Caller {
    /// Creates a caller of a URL.
    ///
    /// # Errors
    /// Returns an error if the HTTP client cannot be made.
    pub fn new(url: &str) -> Result<Self, AnyError> {
        let http = Client::builder().no_proxy().timeout(TIME_LIMIT).tcp_nodelay(true).build()?;
        Ok(Self { http, url: url.to_owned() })
    }

    /// Sends a request, and reads the whole response.
    ///
    /// # Errors
    /// Returns an error if there is no complete response.
    pub async fn send(&self, call: &Call) -> Result<Answer, reqwest::Error> {
        let mut request = self.http.request(call.method.clone(), format!("{}{}", self.url, call.path));
        if let Some(key) = &call.key {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = &call.body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let is_replayed = header("idempotency-replayed") == Some("true");
        let has_next = header("link").is_some();
        let retry_after = header("retry-after").and_then(|seconds| seconds.parse().ok());
        let body = response.bytes().await?;
        let size = body.len();
        let body = serde_json::from_slice(&body).unwrap_or_default();
        Ok(Answer { status, body, size, is_replayed, has_next, retry_after })
    }

    /// Sends a GET, and counts the bytes of the response without keeping them. The body of the answer is null.
    ///
    /// # Errors
    /// Returns an error if there is no complete response.
    pub async fn read(&self, path: &str) -> Result<Answer, reqwest::Error> {
        let mut response = self.http.get(format!("{}{path}", self.url)).send().await?;
        let (status, has_next, mut size) = (response.status().as_u16(), response.headers().contains_key("link"), 0);
        while let Some(chunk) = response.chunk().await? {
            size += chunk.len();
        }
        Ok(Answer { status, size, body: Value::Null, is_replayed: false, has_next, retry_after: None })
    }

    /// Sends a request that must succeed. Returns the body.
    ///
    /// # Errors
    /// Returns an error if the response is not 200.
    pub async fn ask(&self, call: &Call) -> Result<Value, AnyError> {
        let Answer { status, body, .. } = self.send(call).await?;
        if status == 200 {
            return Ok(body);
        }
        Err(format!("{} {} was answered {status}: {body}", call.method, call.path).into())
    }
}

/// Returns a member of a body that must be text, such as an identifier.
///
/// # Errors
/// Returns an error if it is not there.
pub fn text<'a>(body: &'a Value, member: &str) -> Result<&'a str, AnyError> {
    body[member].as_str().ok_or_else(|| format!("{body} has no {member}").into())
}
