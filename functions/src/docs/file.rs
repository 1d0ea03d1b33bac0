use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};

use flate2::read::GzDecoder;
use lambda_http::Body;
use lambda_http::http::header::{CONTENT_TYPE, ETAG};
use lambda_http::http::{HeaderMap, HeaderValue};
use shared::http::{Response, accepts_gzip, gzip, set_gzip};

/// A file that is served as it is, and kept compressed.
#[derive(Debug, Clone)]
pub(super) struct File {
    name: &'static str,
    hash: Cow<'static, str>,
    gzip: Cow<'static, [u8]>,
}

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

    /// Returns the answer to a request for it, compressed if the caller accepts that.
    pub(super) fn response(&self, request: &HeaderMap) -> Response {
        let gzip = accepts_gzip(request);
        let mut response = Response::new(if gzip { Body::Binary(self.gzip.to_vec()) } else { self.plain() });
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type()));
        if let Ok(etag) = HeaderValue::try_from(format!("\"{}\"", self.hash)) {
            headers.insert(ETAG, etag);
        }
        if gzip {
            set_gzip(headers);
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
