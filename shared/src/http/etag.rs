//! Entity tags.
//!
//! The tag of one entity is `"<version>-<digest>"`, that of a list is `"<digest>"`; a compressed answer
//! has `-gzip` before the closing quote. Every tag is strong.
//!
//! The crate `headers` compares whole tags, but does not list them; `If-Match` needs their versions.
//!
//! Source: <https://www.rfc-editor.org/rfc/rfc9110#name-etag>.

use lambda_http::http::header::{CONTENT_ENCODING, ETAG, IF_MATCH, IF_NONE_MATCH};
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};

use super::Response;
use crate::models::ExpectedVersion;

/// Values of `If-Match`, as a regular expression of JSON Schema.
pub const IF_MATCH_PATTERN: &str = r#"^(\*|[ \t,]*(W/)?"[!#-~]*"([ \t]*(,[ \t]*)+(W/)?"[!#-~]*")*[ \t,]*)$"#;

/// Tags an answer that is one entity.
pub(super) fn tag_entity(response: &mut Response, version: u64) {
    let digest = digest(response.body());
    set_tag(response, &format!("{version}-{digest}"));
}

/// Tags a 412 with the tag that the answer to an update would have. `entity` is the JSON text of the
/// entity.
pub(super) fn tag_refusal(response: &mut Response, version: u64, entity: &str) {
    set_tag(response, &format!("{version}-{}", digest(entity.as_bytes())));
}

/// Tags an answer that is a list.
pub(super) fn tag_list(response: &mut Response) {
    let digest = digest(response.body());
    set_tag(response, &digest);
}

fn set_tag(response: &mut Response, opaque: &str) {
    if let Ok(tag) = HeaderValue::try_from(format!("\"{opaque}\"")) {
        response.headers_mut().insert(ETAG, tag);
    }
}

/// Returns the first 128 bits of the SHA-256 of a body before compression, in hexadecimal.
fn digest(body: &[u8]) -> String {
    let first = Sha256::digest(body).first_chunk().copied().map_or(0, u128::from_be_bytes);
    format!("{first:032x}")
}

/// Marks the body as gzip, and adds `-gzip` to its tag.
pub fn set_gzip(headers: &mut HeaderMap) {
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    let tag = headers.get(ETAG).and_then(|tag| tag.to_str().ok()).and_then(|tag| tag.strip_suffix('"'));
    if let Some(Ok(tag)) = tag.map(|tag| HeaderValue::try_from(format!("{tag}-gzip\""))) {
        headers.insert(ETAG, tag);
    }
}

/// Value of `If-Match` or `If-None-Match`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Tags {
    /// `*`
    Any,
    List(Vec<EntityTag>),
}

/// An entity tag that a caller sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EntityTag {
    weak: bool,
    opaque: String,
}

impl Tags {
    /// Returns the tags of `If-None-Match`; `None` if the header is missing or malformed.
    pub(super) fn if_none_match(headers: &HeaderMap) -> Option<Self> {
        Self::parse(&joined(headers, &IF_NONE_MATCH)?)
    }

    /// Returns the versions that `If-Match` names; `None` if the header is missing.
    ///
    /// # Errors
    /// Returns the value if it is neither `*` nor a list of tags.
    pub(super) fn if_match(headers: &HeaderMap) -> Result<Option<ExpectedVersion>, String> {
        joined(headers, &IF_MATCH).map(|value| versions(&value)).transpose()
    }

    fn parse(value: &str) -> Option<Self> {
        if value.trim() == "*" {
            return Some(Self::Any);
        }
        let (mut tags, mut rest) = (Vec::new(), value);
        loop {
            // A list may have empty elements.
            rest = rest.trim_start_matches([' ', '\t', ',']);
            if rest.is_empty() {
                break;
            }
            let weak = rest.strip_prefix("W/");
            let (opaque, after) = weak.unwrap_or(rest).strip_prefix('"')?.split_once('"')?;
            let after = after.trim_start_matches([' ', '\t']);
            if opaque.contains(|c: char| c <= ' ' || c == '\x7f') || !(after.is_empty() || after.starts_with(',')) {
                return None;
            }
            tags.push(EntityTag { weak: weak.is_some(), opaque: opaque.to_owned() });
            rest = after;
        }
        (!tags.is_empty()).then_some(Self::List(tags))
    }

    /// Returns `true` if one of the tags is this one, in the weak comparison.
    pub(super) fn match_weakly(&self, tag: &HeaderValue) -> bool {
        let opaque = tag.as_bytes().strip_prefix(b"\"").and_then(|tag| tag.strip_suffix(b"\""));
        match self {
            Self::Any => true,
            Self::List(tags) => opaque.is_some_and(|opaque| tags.iter().any(|tag| tag.opaque.as_bytes() == opaque)),
        }
    }
}

/// Returns the versions that a value of `If-Match` names.
///
/// # Errors
/// Returns the value if it is neither `*` nor a list of tags.
pub(super) fn versions(value: &str) -> Result<ExpectedVersion, String> {
    match Tags::parse(value) {
        Some(Tags::Any) => Ok(ExpectedVersion::Any),
        Some(Tags::List(tags)) => Ok(ExpectedVersion::OneOf(tags.iter().filter_map(EntityTag::version).collect())),
        None => Err(value.to_owned()),
    }
}

impl EntityTag {
    /// Returns the version of the one entity that a strong tag names.
    fn version(&self) -> Option<u64> {
        let (version, _) = self.opaque.split_once('-')?;
        let is_canonical = version.bytes().all(|byte| byte.is_ascii_digit()) && !version.starts_with('0');
        (is_canonical && !self.weak).then(|| version.parse().ok())?
    }
}

/// Returns the value of a header, repeated ones joined, as API Gateway does.
pub(super) fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    values.map(std::borrow::Cow::into_owned).reduce(|joined, value| format!("{joined},{value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn if_match(value: &str) -> Result<Option<ExpectedVersion>, String> {
        Tags::if_match(&HeaderMap::from_iter([(IF_MATCH, HeaderValue::from_str(value).expect("a value"))]))
    }

    #[test]
    fn if_match_is_parsed_into_versions() {
        let one_of = |versions: &[u64]| Ok(Some(ExpectedVersion::OneOf(versions.iter().copied().collect())));
        for (value, expected) in [
            ("*", Ok(Some(ExpectedVersion::Any))),
            (r#""3-ab""#, one_of(&[3])),
            (r#" , "3-ab-gzip" ,"12-x","3-cd" "#, one_of(&[3, 12])),
            (r#"W/"3-ab", "4-ab""#, one_of(&[4])),
            (r#"W/"3-ab""#, one_of(&[])),
            (r#""0123456789abcdef0123456789abcdef""#, one_of(&[])),
            (r#""01234567890123456789012345678901-gzip""#, one_of(&[])),
            (r#""98765432109876543210987654321098-gzip""#, one_of(&[])),
            (r#""03-ab", "+3-ab", "-3-ab", "", "-", "3""#, one_of(&[])),
            (r#""a,b", "5-a,b""#, one_of(&[5])),
        ] {
            assert_eq!(if_match(value), expected, "{value}");
        }
        assert_eq!(Tags::if_match(&HeaderMap::new()), Ok(None));
    }

    #[test]
    fn a_malformed_list_of_tags_is_refused() {
        for value in
            ["", ",", "3-ab", r#""3-ab"#, r#"3-ab""#, r#"w/"3-ab""#, r#""3-ab" "4-cd""#, r#"*, "3-ab""#, r#""3 -ab""#]
        {
            assert_eq!(if_match(value), Err(value.trim().to_owned()), "{value}");
        }
    }

    #[test]
    fn the_weak_comparison_ignores_the_prefix() {
        let tag = HeaderValue::from_static("\"3-ab-gzip\"");
        for (value, matches) in [
            ("*", true),
            (r#""3-ab-gzip""#, true),
            (r#""1-x", W/"3-ab-gzip""#, true),
            (r#""3-ab""#, false),
            (r#""3-ab-gzip-gzip""#, false),
        ] {
            assert_eq!(Tags::parse(value).is_some_and(|tags| tags.match_weakly(&tag)), matches, "{value}");
        }
    }

    #[test]
    fn a_compressed_answer_has_its_own_tag() {
        let mut headers = HeaderMap::from_iter([(ETAG, HeaderValue::from_static("\"3-ab\""))]);
        set_gzip(&mut headers);
        assert_eq!(headers[ETAG], "\"3-ab-gzip\"");
        let mut untagged = HeaderMap::new();
        set_gzip(&mut untagged);
        assert!(!untagged.contains_key(ETAG));
    }
}
