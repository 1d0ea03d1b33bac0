//! Conditions of a write, from its headers `If-Match` and `Idempotency-Key`.

use lambda_http::http::{HeaderMap, HeaderName, Method};

use super::etag::{Tags, joined};
use crate::models::ExpectedVersion;
use crate::store::{Caller, RetryKey};
use crate::validation::Violations;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Values of `Idempotency-Key`, as a regular expression of JSON Schema.
pub const IDEMPOTENCY_KEY_PATTERN: &str = r#"^([!#-~][!-~]{0,254}|"([!#-\[\]-~]|\\["\\]){1,255}")$"#;

/// Maximum length of a key, in characters.
const MAX_KEY: usize = 255;

/// Conditions of a write.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    pub(super) expected: Option<ExpectedVersion>,
    pub(super) retry_key: Option<RetryKey>,
}

impl Conditions {
    /// Reads the conditions of a request; a GET has none.
    ///
    /// # Errors
    /// Returns a violation for each malformed header.
    pub(super) fn of(request: &lambda_http::Request, caller: Option<&Caller>) -> Result<Self, Violations> {
        if request.method() == Method::GET {
            return Ok(Self::default());
        }
        let expected = Tags::if_match(request.headers());
        let key = key(request.headers());
        match (expected, key) {
            (Ok(expected), Ok(key)) => Ok(Self { expected, retry_key: key.map(|key| RetryKey::new(caller, &key)) }),
            (expected, key) => {
                let expected = expected.err().map(|value| Violations::of_if_match(&value));
                let key = key.err().map(|value| Violations::of_idempotency_key(&value));
                Err(expected.into_iter().chain(key).collect())
            }
        }
    }
}

/// Returns the value of `Idempotency-Key` as it was sent.
pub(super) fn sent_key(headers: &HeaderMap) -> Option<String> {
    joined(headers, &IDEMPOTENCY_KEY)
}

/// Returns the key, without its quotes.
///
/// # Errors
/// Returns the value if it is not a key.
fn key(headers: &HeaderMap) -> Result<Option<String>, String> {
    let Some(value) = sent_key(headers) else { return Ok(None) };
    let text = value.trim();
    let key = text.strip_prefix('"').map_or_else(|| Some(text.to_owned()), unquoted);
    let is_valid = |key: &String| (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    key.filter(is_valid).map_or(Err(value), |key| Ok(Some(key)))
}

/// Returns the text of a quoted string whose opening quote was removed.
/// Source: <https://www.rfc-editor.org/rfc/rfc9651#name-parsing-a-string>.
fn unquoted(quoted: &str) -> Option<String> {
    let mut text = String::new();
    let mut characters = quoted.chars();
    loop {
        match characters.next()? {
            '"' => return characters.next().is_none().then_some(text),
            '\\' => text.push(characters.next().filter(|character| matches!(character, '"' | '\\'))?),
            character => text.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::http::HeaderValue;

    use super::*;

    fn parsed(value: &str) -> Result<Option<String>, String> {
        key(&HeaderMap::from_iter([(IDEMPOTENCY_KEY, HeaderValue::from_str(value).expect("a value"))]))
    }

    #[test]
    fn a_bare_key_equals_a_quoted_one() {
        let longest = "k".repeat(MAX_KEY);
        for (value, expected) in [
            ("abc", "abc"),
            ("\"abc\"", "abc"),
            ("a\"b", "a\"b"),
            (r#""a\"b\\""#, r#"a"b\"#),
            (r"a\b", r"a\b"),
            (&longest, &longest),
            (&format!("\"{longest}\""), &longest),
        ] {
            assert_eq!(parsed(value), Ok(Some(expected.to_owned())), "{value}");
        }
        assert_eq!(key(&HeaderMap::new()), Ok(None));
    }

    #[test]
    fn a_malformed_key_is_refused() {
        let too_long = "k".repeat(MAX_KEY + 1);
        for value in
            ["", "\"\"", "\"abc", "\"abc\"d", r#""a\bc""#, r#""abc\""#, "a b", "\"a b\"", "é", "a\tb", &too_long]
        {
            assert!(parsed(value).is_err(), "{value}");
        }
    }
}
