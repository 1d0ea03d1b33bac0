//! Conversions of JSON values, as pydantic's lax mode makes them.

use serde_json::json;
use uuid::Uuid;

use super::{Json, Violation};
use crate::models::{Code, EntityId, Folded, InvalidText, MAX_CHARS, Nom, OptionalText, Pagination, Status};

/// Maximum length, in bytes, of a string that pydantic reads as an integer.
const MAX_INT_DIGITS: usize = 4300;

pub(super) fn nom(value: &Json) -> Result<Nom, Violation> {
    Nom::try_from(text(value)?.to_owned()).map_err(|why| invalid(why, value))
}

pub(super) fn texte(value: &Json) -> Result<OptionalText, Violation> {
    let text = if *value == Json::Null { None } else { Some(text(value)?.to_owned()) };
    OptionalText::try_from(text).map_err(|why| invalid(why, value))
}

pub(super) fn prefix(value: &Json) -> Result<Folded, Violation> {
    let prefix = text(value)?;
    if prefix.chars().count() > MAX_CHARS {
        Err(invalid(InvalidText::TooLong, value))
    } else {
        Ok(Folded::of(prefix.trim_start()))
    }
}

fn invalid(why: InvalidText, value: &Json) -> Violation {
    match why {
        InvalidText::Blank => Violation::new("string_too_short", "String should have at least 1 character", value)
            .ctx(json!({ "min_length": 1 })),
        InvalidText::TooLong => {
            Violation::new("string_too_long", format!("String should have at most {MAX_CHARS} characters"), value)
                .ctx(json!({ "max_length": MAX_CHARS }))
        }
    }
}

pub(super) fn text(value: &Json) -> Result<&str, Violation> {
    match value {
        Json::Text(text) => Ok(text),
        Json::BrokenText(_) => Err(Violation::new(
            "string_unicode",
            "Input should be a valid string, unable to parse raw data as a unicode string",
            value,
        )),
        Json::Null | Json::Bool(_) | Json::Int(_) | Json::Float(_) | Json::Array(_) | Json::Object(_) => {
            Err(Violation::new("string_type", "Input should be a valid string", value))
        }
    }
}

pub(super) fn status(value: &Json) -> Result<Status, Violation> {
    let named = |status: &Status| matches!(value, Json::Text(name) if name == status.name());
    Status::ALL.into_iter().find(named).ok_or_else(|| {
        Violation::new("literal_error", "Input should be 'actif' or 'inactif'", value)
            .ctx(json!({ "expected": "'actif' or 'inactif'" }))
    })
}

pub(super) fn uuid<T: EntityId>(value: &Json) -> Result<T, Violation> {
    let Json::Text(text) = value else {
        return Err(Violation::new("uuid_type", "UUID input should be a string, bytes or UUID object", value));
    };
    Uuid::parse_str(text).map(T::from_uuid).map_err(|error| {
        Violation::new("uuid_parsing", format!("Input should be a valid UUID, {error}"), value)
            .ctx(json!({ "error": error.to_string() }))
    })
}

pub(super) fn code(value: &Json) -> Result<Code, Violation> {
    integer([i64::MIN, i64::MAX], value).map(Code::from)
}

pub(super) fn limit(value: &Json) -> Result<u16, Violation> {
    let limit = integer([1, Pagination::MAX_LIMIT.into()], value)?;
    Ok(u16::try_from(limit).unwrap_or(Pagination::MAX_LIMIT))
}

fn integer(bounds: [i64; 2], value: &Json) -> Result<i64, Violation> {
    match value {
        Json::Bool(truth) => within(bounds, if *truth { "1" } else { "0" }, value),
        Json::Int(digits) => within(bounds, digits, value),
        Json::Float(number) => within(bounds, &whole(*number, value)?.to_string(), value),
        Json::Text(_) | Json::BrokenText(_) => match integer_text(text(value)?) {
            Some(digits) if digits.trim_start_matches('-').len() <= MAX_INT_DIGITS => within(bounds, &digits, value),
            Some(_) => Err(too_large(value)),
            None => Err(Violation::new(
                "int_parsing",
                "Input should be a valid integer, unable to parse string as an integer",
                value,
            )),
        },
        Json::Null | Json::Array(_) | Json::Object(_) => {
            Err(Violation::new("int_type", "Input should be a valid integer", value))
        }
    }
}

fn too_large(value: &Json) -> Violation {
    Violation::new("int_parsing_size", "Unable to parse input string as an integer, exceeded maximum size", value)
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

    fn code_of(json: &str) -> Result<Code, String> {
        let value = Json::parse(json.as_bytes()).expect(json);
        code(&value).map_err(|violation| serde_json::to_value(&violation).expect("JSON")["type"].to_string())
    }

    #[test]
    fn a_code_is_read_from_all_that_pydantic_takes_for_an_integer() {
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
            assert_eq!(code_of(json), Ok(Code::from(number)), "{json}");
        }
    }

    #[test]
    fn what_is_no_integer_is_refused_by_its_reason() {
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
                assert_eq!(code_of(json), Err(format!("\"{reason}\"")), "{json}");
            }
        }
    }

    #[test]
    fn a_limit_is_bounded() {
        for (text, limit) in [
            ("1", Ok(1)),
            ("1000", Ok(1000)),
            ("0", Err("greater_than_equal")),
            ("1001", Err("less_than_equal")),
            ("-99999999999999999999", Err("greater_than_equal")),
            ("x", Err("int_parsing")),
        ] {
            let read = super::limit(&Json::Text(text.to_owned()));
            let read = read.map_err(|violation| serde_json::to_value(&violation).expect("JSON")["type"].clone());
            assert_eq!(read, limit.map_err(serde_json::Value::from), "{text}");
        }
    }

    #[test]
    fn the_digits_of_a_string_are_bounded() {
        let most = "9".repeat(MAX_INT_DIGITS);
        assert_eq!(code_of(&format!("\"{most}\"")), Err("\"less_than_equal\"".into()));
        assert_eq!(code_of(&format!("\"{most}9\"")), Err("\"int_parsing_size\"".into()));
    }
}
