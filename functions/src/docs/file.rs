use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};

use flate2::read::GzDecoder;
use lambda_http::Body;
use lambda_http::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY, X_CONTENT_TYPE_OPTIONS,
};
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use shared::http::{Response, accepts_gzip, gzip};

/// A file that is served as it is, and kept compressed.
#[derive(Debug, Clone)]
pub(super) struct File {
    name: &'static str,
    hash: Cow<'static, str>,
    gzip: Cow<'static, [u8]>,
}

/// What a browser asks again about each time, and gets again only where it has changed.
pub(super) const ASK_AGAIN: &str = "no-cache";

/// What has another name once it has changed.
pub(super) const FOR_GOOD: &str = "public, max-age=31536000, immutable";

impl File {
    /// A file that was compressed when the program was built.
    pub(super) const fn kept(name: &'static str, hash: &'static str, gzip: &'static [u8]) -> Self {
        Self { name, hash: Cow::Borrowed(hash), gzip: Cow::Borrowed(gzip) }
    }

    /// A file that is made while the program runs.
    pub(super) fn made(name: &'static str, content: &str) -> io::Result<Self> {
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        Ok(Self { name, hash: Cow::Owned(format!("{:016x}", hasher.finish())), gzip: Cow::Owned(gzip(content)?) })
    }

    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    /// The answer to a request for it: compressed where the caller takes it so, and nothing where it
    /// has this version already.
    pub(super) fn response(&self, request: &HeaderMap, cache_control: &'static str) -> Response {
        let gzip = accepts_gzip(request);
        // What differs by a byte is another version.
        let etag = format!("\"{}{}\"", self.hash, if gzip { "-gzip" } else { "" });
        let known = is_known(request, &etag);
        let mut response = Response::new(if known {
            Body::Empty
        } else if gzip {
            Body::Binary(self.gzip.to_vec())
        } else {
            self.plain()
        });
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        let mut set = |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
        set(CONTENT_TYPE, self.content_type());
        set(CACHE_CONTROL, cache_control);
        set(VARY, "accept-encoding");
        set(X_CONTENT_TYPE_OPTIONS, "nosniff");
        if gzip && !known {
            set(CONTENT_ENCODING, "gzip");
        }
        if let Ok(etag) = HeaderValue::try_from(etag) {
            headers.insert(ETAG, etag);
        }
        response
    }

    fn plain(&self) -> Body {
        let mut content = Vec::new();
        // It was compressed by this program: it can be read.
        let _ = GzDecoder::new(&*self.gzip).read_to_end(&mut content);
        String::from_utf8(content).map_or_else(|error| Body::Binary(error.into_bytes()), Body::Text)
    }

    fn content_type(&self) -> &'static str {
        match self.name.rsplit('.').next() {
            Some("html") => "text/html; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("png") => "image/png",
            _ => "application/json",
        }
    }
}

/// Whether the caller has this version.
/// Source: <https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match>.
fn is_known(request: &HeaderMap, etag: &str) -> bool {
    let tags = request.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    tags.flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}
