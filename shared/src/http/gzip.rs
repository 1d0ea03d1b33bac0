//! Compression of responses.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use lambda_http::Body;
use lambda_http::http::HeaderMap;
use lambda_http::http::header::ACCEPT_ENCODING;

use super::Response;
use super::etag::set_gzip;
use super::response::size_inside_json;

/// Maximum size of a body that is never compressed, in bytes.
///
/// Compressing 2 KB would take a quarter of the CPU time of a request, and save one millionth of a cent of data sent. A
/// page of 50 entities is larger: without compression, a million of them would cost $0.60 more.
const MIN: usize = 4_000;

/// Compresses an answer if it is large, the caller accepts gzip and the answer becomes smaller: Lambda
/// takes compressed bytes in base64, which adds a third.
///
/// Uses the fastest level: it compresses 1 MB of JSON to less than a third in 3 to 6 ms, which pays on
/// every network below 1 Gbit/s. The higher levels take four times as long to save another fifth.
pub(super) fn compressed(mut response: Response, accepted: bool) -> Response {
    let Body::Text(text) = response.body() else { return response };
    if text.len() <= MIN {
        return response;
    }
    let compressed = accepted.then(|| gzip(text)).filter(|bytes| base64_size(bytes) < size_inside_json(text));
    if let Some(bytes) = compressed {
        set_gzip(response.headers_mut());
        *response.body_mut() = Body::Binary(bytes);
    }
    response
}

/// Returns the bytes that Lambda counts for a body in base64.
const fn base64_size(bytes: &[u8]) -> usize {
    bytes.len().div_ceil(3) * 4
}

/// Compresses a text.
#[must_use]
#[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "writing to memory does not fail")]
pub fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(text.len() / 2), Compression::fast());
    encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish()).expect("compressed text")
}

/// Returns `true` if the caller accepts gzip.
///
/// Source: <https://www.rfc-editor.org/rfc/rfc9110#name-accept-encoding>.
pub fn accepts_gzip(headers: &HeaderMap) -> bool {
    let mut accepted = None;
    for coding in
        headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(','))
    {
        let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
        let parameters = parameters.to_ascii_lowercase();
        let weight = parameters.split(';').find_map(|parameter| parameter.trim().strip_prefix("q="));
        // A malformed weight counts as 0.
        let weight = weight.map_or(1.0, |q| q.parse().ok().filter(|q| (0.0..=1.0).contains(q)).unwrap_or(0.0));
        match name.trim().to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => return weight > 0.0,
            "*" => accepted = Some(weight > 0.0),
            _ => {}
        }
    }
    accepted.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use lambda_http::http::HeaderValue;
    use lambda_http::http::header::CONTENT_ENCODING;

    use super::*;

    #[test]
    fn gzip_is_used_if_accept_encoding_allows_it() {
        for (value, accepted) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("deflate, *", true),
            ("*;q=0, gzip", true),
            ("*, gzip;q=0", false),
            ("gzip; q=0.0", false),
            ("gzip;q=x", false),
            ("gzip;q=inf", false),
            ("gzip;Q=0", false),
            ("gzip;x=1;q=0", false),
            ("gzip;x=1;q=1", true),
            ("identity", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(value))]);
            assert_eq!(accepts_gzip(&headers), accepted, "{value}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }

    #[test]
    fn bodies_over_4_kb_are_compressed_if_gzip_is_accepted() {
        let answer = |size| Response::new(Body::Text("é".repeat(size / 2)));
        for (size, accepted, encoded) in [(4_000, true, false), (4_002, true, true), (4_002, false, false)] {
            let response = compressed(answer(size), accepted);
            assert_eq!(response.headers().contains_key(CONTENT_ENCODING), encoded);
            if encoded {
                let mut text = String::new();
                let body: &[u8] = response.body();
                GzDecoder::new(body).read_to_string(&mut text).expect("gzip");
                assert_eq!(text, "é".repeat(size / 2));
            }
        }
    }
}
