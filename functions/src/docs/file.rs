use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;

use flate2::read::GzDecoder;
use lambda_http::Body;
use lambda_http::http::header::{CONTENT_TYPE, ETAG};
use lambda_http::http::{HeaderMap, HeaderValue};
use shared::http::{Response, accepts_gzip, gzip, set_gzip};

/// A static file, kept compressed.
#[derive(Debug, Clone)]
pub(super) struct File {
    name: &'static str,
    hash: Cow<'static, str>,
    gzip: Cow<'static, [u8]>,
}

impl File {
    /// Creates a file that `build.rs` compressed.
    pub(super) const fn precompressed(name: &'static str, hash: &'static str, gzip: &'static [u8]) -> Self {
        Self { name, hash: Cow::Borrowed(hash), gzip: Cow::Borrowed(gzip) }
    }

    /// Creates a file from its content.
    pub(super) fn compress(name: &'static str, content: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        Self { name, hash: Cow::Owned(format!("{:016x}", hasher.finish())), gzip: Cow::Owned(gzip(content)) }
    }

    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the content of a text file.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.content()).into_owned()
    }

    /// Returns the response to a request for the file, compressed if the caller accepts that.
    pub(super) fn response(&self, request: &HeaderMap) -> Response {
        let gzip = accepts_gzip(request);
        let plain =
            || String::from_utf8(self.content()).map_or_else(|error| Body::Binary(error.into_bytes()), Body::Text);
        let mut response = Response::new(if gzip { Body::Binary(self.gzip.to_vec()) } else { plain() });
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

    fn content(&self) -> Vec<u8> {
        let mut content = Vec::new();
        // It was compressed by this program or its build script, so it can be read.
        let _ = GzDecoder::new(&*self.gzip).read_to_end(&mut content);
        content
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
