//! Decoding of JSON bodies, in every encoding that Python's `json.loads` detects.

use std::borrow::Cow;

const UTF8_BOM: &[u8] = b"\xef\xbb\xbf";

/// Returns the body as text without its byte order mark, or `None` if it is not text.
///
/// A lone surrogate is not a character. A JSON escape of it replaces it: inside of a string, both are refused as a lone
/// surrogate; outside, both are syntax errors. After a backslash, U+FFFD replaces it, which is a syntax error too.
pub(super) fn decode(body: &[u8]) -> Option<Cow<'_, str>> {
    if let Some(text) = body.strip_prefix(UTF8_BOM) {
        return utf8(text);
    }
    match body {
        [0xff, 0xfe, 0, 0, rest @ ..] => utf32(rest, u32::from_le_bytes),
        [0, 0, 0xfe, 0xff, rest @ ..] => utf32(rest, u32::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        // JSON starts with an ASCII character, so the positions of the zero bytes reveal the encoding.
        [0, 0, _, _, ..] => utf32(body, u32::from_be_bytes),
        [0, _, _, _, ..] | [0, _] => utf16(body, u16::from_be_bytes),
        [_, 0, 0, 0, ..] => utf32(body, u32::from_le_bytes),
        [_, 0, _, _, ..] | [_, 0] => utf16(body, u16::from_le_bytes),
        _ => utf8(body),
    }
}

fn utf8(bytes: &[u8]) -> Option<Cow<'_, str>> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(Cow::Borrowed(text)),
        Err(_) => utf8_with_surrogates(bytes).map(Cow::Owned),
    }
}

/// Decodes UTF-8 with encoded surrogates, like Python's error handler `surrogatepass`.
fn utf8_with_surrogates(mut bytes: &[u8]) -> Option<String> {
    let mut text = String::with_capacity(bytes.len());
    loop {
        let valid = match std::str::from_utf8(bytes) {
            Ok(rest) => {
                text.push_str(rest);
                return Some(text);
            }
            Err(error) => error.valid_up_to(),
        };
        let (good, rest) = bytes.split_at(valid);
        text.push_str(std::str::from_utf8(good).ok()?);
        let [0xed, 0xa0..=0xbf, 0x80..=0xbf, rest @ ..] = rest else {
            return None;
        };
        push_lone_surrogate(&mut text);
        bytes = rest;
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<Cow<'static, str>> {
    let (units, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    for decoded in char::decode_utf16(units.iter().map(|pair| unit(*pair))) {
        match decoded {
            Ok(character) => text.push(character),
            Err(_) => push_lone_surrogate(&mut text),
        }
    }
    rest.is_empty().then_some(Cow::Owned(text))
}

fn utf32(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> Option<Cow<'static, str>> {
    let (units, rest) = bytes.as_chunks::<4>();
    let mut text = String::with_capacity(bytes.len());
    for quad in units {
        let scalar = unit(*quad);
        match (char::from_u32(scalar), u16::try_from(scalar)) {
            (Some(character), _) => text.push(character),
            (None, Ok(_)) => push_lone_surrogate(&mut text),
            (None, Err(_)) => return None,
        }
    }
    rest.is_empty().then_some(Cow::Owned(text))
}

fn push_lone_surrogate(text: &mut String) {
    let backslashes = text.len() - text.trim_end_matches('\\').len();
    let follows_high = matches!(text.as_bytes(), [.., b'\\', b'u', b'd' | b'D', b'8'..=b'b', _, _]);
    text.push_str(match backslashes % 2 {
        1 => "\u{fffd}",
        // The first of two high surrogates stays without its other half.
        _ if follows_high => r"\ud800\ud800",
        // `\udc00` would complete an escape before it; there is none.
        _ => r"\udc00",
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::{Json, JsonError};

    const TEXT: &str = "{\"é\":\"𝄞\"}";

    fn bytes_of<const N: usize, U>(units: impl Iterator<Item = U>, bytes: fn(U) -> [u8; N]) -> Vec<u8> {
        units.flat_map(bytes).collect()
    }

    #[test]
    fn every_encoding_is_detected() {
        for bom in ["", "\u{feff}"] {
            let marked = format!("{bom}{TEXT}");
            let scalars = || marked.chars().map(u32::from);
            for body in [
                marked.clone().into_bytes(),
                bytes_of(marked.encode_utf16(), u16::to_le_bytes),
                bytes_of(marked.encode_utf16(), u16::to_be_bytes),
                bytes_of(scalars(), u32::to_le_bytes),
                bytes_of(scalars(), u32::to_be_bytes),
            ] {
                assert_eq!(decode(&body).as_deref(), Some(TEXT), "{body:x?}");
            }
        }
    }

    #[test]
    fn a_lone_surrogate_makes_a_string_invalid() {
        for body in [
            b"\"\xed\xa0\x80\"".as_slice(),
            b"\"\0\0\xd8\"\0",
            b"\"\\\\\xed\xa0\x80\"",
            // The two halves of a character, each encoded on its own or escaped.
            b"\"\xed\xa0\xb4\xed\xb4\x9e\"",
            b"\"\xed\xa0\xb4\\udd1e\"",
            b"\"\\ud834\xed\xb4\x9e\"",
        ] {
            assert!(matches!(Json::parse(body), Ok(Json::BrokenText(_))), "{body:x?}");
        }
    }

    #[test]
    fn an_escaped_lone_surrogate_is_not_json() {
        for body in [b"\"\\\xed\xa0\x80\"".as_slice(), b"\"\0\\\0\0\xd8\"\0"] {
            assert_eq!(decode(body).as_deref(), Some("\"\\\u{fffd}\""), "{body:x?}");
            assert!(matches!(Json::parse(body), Err(JsonError::Syntax { .. })), "{body:x?}");
        }
    }

    #[test]
    fn a_body_that_is_not_text_is_refused() {
        for body in [
            b"\xff{}".as_slice(),
            b"{\"nom\":\"\xff\"}",
            b"\xed\xa0",
            b"\0\0\0{\0",
            b"{\0\"\0\"",
            b"\xff\xfe\0\0\0\0\x11\0",
        ] {
            assert_eq!(decode(body), None, "{body:x?}");
        }
    }
}
