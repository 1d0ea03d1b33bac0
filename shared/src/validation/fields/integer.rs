//! Integers, as pydantic's lax mode reads them.

use serde_json::json;

use super::text::text;
use crate::validation::{Json, Violation};

/// Maximum length, in bytes, of a string that pydantic reads as an integer.
const MAX_INT_DIGITS: usize = 4300;

/// Reads an integer within inclusive bounds.
///
/// # Errors
/// Returns the violation, in pydantic's words.
pub(super) fn integer(bounds: [i64; 2], value: &Json) -> Result<i64, Violation> {
    match value {
        Json::Bool(truth) => within(bounds, if *truth { "1" } else { "0" }, value),
        Json::Int(digits) => within(bounds, digits, value),
        Json::Float(number) => within(bounds, &whole(*number, value)?.to_string(), value),
        Json::Text(_) | Json::BrokenText(_) => {
            let text = text(value)?;
            match integer_text(text) {
                Some(digits) if digits.trim_start_matches('-').len() <= MAX_INT_DIGITS => {
                    within(bounds, &digits, value)
                }
                _ if starts_with_too_many_digits(text) => Err(too_large(value)),
                _ => Err(Violation::new(
                    "int_parsing",
                    "Input should be a valid integer, unable to parse string as an integer",
                    value,
                )),
            }
        }
        Json::Null | Json::Array(_) | Json::Object(_) => {
            Err(Violation::new("int_type", "Input should be a valid integer", value))
        }
    }
}

fn too_large(value: &Json) -> Violation {
    Violation::new("int_parsing_size", "Unable to parse input string as an integer, exceeded maximum size", value)
}

/// Returns `true` if a string starts with more digits than pydantic reads, whatever comes after them.
fn starts_with_too_many_digits(text: &str) -> bool {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.starts_with('0') && digits.bytes().take_while(u8::is_ascii_digit).count() > MAX_INT_DIGITS
}

fn within([least, most]: [i64; 2], digits: &str, value: &Json) -> Result<i64, Violation> {
    // A number with too many digits for 64 bits exceeds the bound on its side.
    let beyond = if digits.starts_with('-') { i64::MIN } else { i64::MAX };
    let parsed = digits.parse::<i64>();
    let (r#type, words, bound, key) = match parsed.as_ref().copied().unwrap_or(beyond) {
        number if number < least || parsed.is_err() && number == i64::MIN => {
            ("greater_than_equal", "greater", least, "ge")
        }
        number if number > most || parsed.is_err() => ("less_than_equal", "less", most, "le"),
        number => return Ok(number),
    };
    Err(Violation::new(r#type, format!("Input should be {words} than or equal to {bound}"), value)
        .ctx(json!({ key: bound })))
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "the bounds are tested first")]
fn whole(number: f64, value: &Json) -> Result<i64, Violation> {
    if !number.is_finite() {
        Err(Violation::new("finite_number", "Input should be a finite number", value))
    } else if number.fract() != 0.0 {
        Err(Violation::new(
            "int_from_float",
            "Input should be a valid integer, got a number with a fractional part",
            value,
        ))
    } else if i64::MIN as f64 >= number || number >= i64::MAX as f64 {
        Err(too_large(value))
    } else {
        Ok(number as i64)
    }
}

/// Returns the digits of the integer in a string: `12`, `" 12 "`, `+12`, `12.00`, `1_000`.
///
/// Leading zeros are removed before the sign is read, so that `0-7` is −7, as in pydantic.
fn integer_text(text: &str) -> Option<String> {
    let text = text.trim();
    let text = match text.strip_prefix('+') {
        Some(unsigned) if unsigned.starts_with(['+', '-']) => return None,
        Some(unsigned) => unsigned,
        None => text,
    };
    let text = match text.split_once('.') {
        Some((_, fraction)) if fraction.is_empty() || fraction.bytes().any(|b| b != b'0') => return None,
        Some((whole, _)) => whole,
        None => text,
    };
    let (mut negative, mut digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    if digits.starts_with('0') {
        let significant = digits.trim_start_matches(['0', '_']);
        if let (false, Some(late)) = (negative, significant.strip_prefix('-')) {
            negative = true;
            digits = late.strip_prefix('_').unwrap_or(late);
        } else if !significant.is_empty() {
            digits = significant;
        } else if !digits.ends_with('_') {
            digits = "0";
        }
    }
    let plain = digits.replace('_', "");
    let well_formed = !plain.is_empty()
        && plain.bytes().all(|b| b.is_ascii_digit())
        && (plain == "0" || !plain.starts_with('0'))
        && !digits.starts_with('_')
        && !digits.ends_with('_')
        && !digits.contains("__");
    well_formed.then(|| if negative { format!("-{plain}") } else { plain })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<i64, String> {
        let value = Json::parse(json.as_bytes()).expect(json);
        integer([i64::MIN, i64::MAX], &value)
            .map_err(|violation| serde_json::to_value(&violation).expect("JSON")["type"].to_string())
    }

    #[test]
    fn every_form_that_pydantic_accepts_is_read() {
        for (json, number) in [
            ("12", 12),
            ("\"12\"", 12),
            ("\" 12 \"", 12),
            ("\"\\u00a012\"", 12),
            ("12.0", 12),
            ("1e3", 1000),
            ("-0.0", 0),
            ("\"7.00\"", 7),
            ("\"+8\"", 8),
            ("\"1_000\"", 1000),
            ("\"1_0.0\"", 10),
            ("\"007\"", 7),
            ("\"-0_7\"", -7),
            ("\"0__7\"", 7),
            ("\"0-7\"", -7),
            ("\"0-_7\"", -7),
            ("\"00\"", 0),
            ("true", 1),
            ("false", 0),
            ("9223372036854775807", i64::MAX),
            ("\"-9223372036854775808\"", i64::MIN),
        ] {
            assert_eq!(read(json), Ok(number), "{json}");
        }
    }

    #[test]
    fn other_values_are_refused_with_their_reason() {
        for (reason, jsons) in [
            ("int_type", &["null", "[]", "{}"][..]),
            (
                "int_parsing",
                &[
                    "\"\"",
                    "\"x\"",
                    "\"1e3\"",
                    "\"0x1f\"",
                    "\"7.\"",
                    "\"_7\"",
                    "\"7_\"",
                    "\"1__0\"",
                    "\"+-1\"",
                    "\"- 1\"",
                    "\"１\"",
                    "\"0_\"",
                    "\"0-00\"",
                    "\"1.0_0\"",
                    "\".0\"",
                ],
            ),
            ("int_from_float", &["1.5", "1e-9"]),
            ("int_parsing_size", &["1e19", "9.3e18", "9223372036854775808.0", "-9223372036854775808.0"]),
            ("finite_number", &["NaN", "1e400"]),
            ("less_than_equal", &["9223372036854775808", "\"99999999999999999999\""]),
            ("greater_than_equal", &["-9223372036854775809"]),
            ("string_unicode", &["\"\\ud800\""]),
        ] {
            for json in jsons {
                assert_eq!(read(json), Err(format!("\"{reason}\"")), "{json}");
            }
        }
    }

    #[test]
    fn a_string_with_too_many_digits_is_refused() {
        let most = "9".repeat(MAX_INT_DIGITS);
        assert_eq!(read(&format!("\"{most}\"")), Err("\"less_than_equal\"".into()));
        for text in [format!("{most}9"), format!("-{most}9.0"), format!("{most}9_9"), format!("{most}9x")] {
            assert_eq!(read(&format!("\"{text}\"")), Err("\"int_parsing_size\"".into()), "{text}");
        }
        for text in [format!("{most}_9"), format!("+{most}9"), format!("00{most}9"), format!("0-{most}9")] {
            assert_eq!(read(&format!("\"{text}\"")), Err("\"int_parsing\"".into()), "{text}");
        }
    }
}
