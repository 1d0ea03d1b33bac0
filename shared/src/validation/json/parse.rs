//! The parser: a loop with an explicit stack, so that deep nesting does not exhaust the call stack.

use super::reader::Reader;
use super::{Json, JsonError, Object};

/// Maximum nesting of arrays and objects, at which the old service's interpreter stops.
const MAX_DEPTH: usize = 960;

/// An array or object that is not closed yet.
enum Container {
    Array(Vec<Json>),
    Object { members: Object, key: String },
}

pub(super) fn parse(text: &str) -> Result<Json, JsonError> {
    let mut reader = Reader::new(text);
    let mut open: Vec<Container> = Vec::new();
    reader.skip_space();
    loop {
        if open.len() == MAX_DEPTH && reader.rest().starts_with(['[', '{']) {
            return Err(JsonError::Unreadable);
        }
        let mut value = match start(&mut reader)? {
            Started::Value(value) => value,
            Started::Inside(inner) => {
                open.push(inner);
                continue;
            }
        };
        // A value is complete: add it to its parent, and close each parent that it completes.
        loop {
            reader.skip_space();
            match open.pop() {
                None if reader.rest().is_empty() => return Ok(value),
                None => return Err(reader.syntax_error("Extra data")),
                Some(Container::Array(mut items)) => {
                    items.push(value);
                    if reader.eat("]") {
                        value = Json::Array(items);
                        continue;
                    }
                    reader.comma()?;
                    reader.skip_space();
                    open.push(Container::Array(items));
                }
                Some(Container::Object { mut members, key }) => {
                    members.insert(key, value);
                    if reader.eat("}") {
                        value = Json::Object(members);
                        continue;
                    }
                    reader.comma()?;
                    reader.skip_space();
                    let key = reader.key()?;
                    open.push(Container::Object { members, key });
                }
            }
            break;
        }
    }
}

/// A whole value, or an array or object that was opened.
enum Started {
    Value(Json),
    Inside(Container),
}

/// Reads a whole value, or the start of an array or object that is not empty.
fn start(reader: &mut Reader<'_>) -> Result<Started, JsonError> {
    const WORDS: [(&str, Json); 6] = [
        ("null", Json::Null),
        ("true", Json::Bool(true)),
        ("false", Json::Bool(false)),
        ("NaN", Json::Float(f64::NAN)),
        ("Infinity", Json::Float(f64::INFINITY)),
        ("-Infinity", Json::Float(f64::NEG_INFINITY)),
    ];
    if reader.eat("\"") {
        return reader.string().map(Started::Value);
    }
    if reader.eat("[") {
        reader.skip_space();
        let empty = reader.eat("]");
        return Ok(if empty {
            Started::Value(Json::Array(Vec::new()))
        } else {
            Started::Inside(Container::Array(Vec::new()))
        });
    }
    if reader.eat("{") {
        reader.skip_space();
        if reader.eat("}") {
            return Ok(Started::Value(Json::Object(Object::default())));
        }
        let key = reader.key()?;
        return Ok(Started::Inside(Container::Object { members: Object::default(), key }));
    }
    for (word, value) in WORDS {
        if reader.eat(word) {
            return Ok(Started::Value(value));
        }
    }
    reader.number().map(Started::Value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::json::number::MAX_DIGITS;

    fn nested(depth: usize) -> String {
        format!("{}{}", "[".repeat(depth), "]".repeat(depth))
    }

    #[test]
    fn values_that_python_accepts_are_parsed() {
        for (text, value) in [
            ("-0", Json::Int("0".into())),
            ("123456789012345678901234567890", Json::Int("123456789012345678901234567890".into())),
            ("1e3", Json::Float(1000.0)),
            ("-1.5E-1", Json::Float(-0.15)),
            ("1e400", Json::Float(f64::INFINITY)),
            ("-Infinity", Json::Float(f64::NEG_INFINITY)),
            ("\"\\ud834\\udd1e\"", Json::Text("𝄞".into())),
            ("\"a\\ud800b\"", Json::BrokenText("a\u{fffd}b".into())),
            ("\"\\ud800\\u0041\"", Json::BrokenText("\u{fffd}A".into())),
            ("\"\u{7f}\u{2028}\"", Json::Text("\u{7f}\u{2028}".into())),
        ] {
            assert_eq!(parse(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn syntax_errors_have_pythons_position_and_reason() {
        for (text, position, reason) in [
            ("", 0, "Expecting value"),
            ("nul", 0, "Expecting value"),
            ("[1,]", 3, "Expecting value"),
            ("[1 2]", 3, "Expecting ',' delimiter"),
            ("{", 1, "Expecting property name enclosed in double quotes"),
            ("{\"a\":1,}", 7, "Expecting property name enclosed in double quotes"),
            ("{\"a\" 1}", 5, "Expecting ':' delimiter"),
            ("{\"é\":1", 6, "Expecting ',' delimiter"),
            ("\"abc", 0, "Unterminated string starting at"),
            ("\"a\tb\"", 2, "Invalid control character at"),
            ("\"\\x\"", 1, "Invalid \\escape"),
            ("01", 1, "Extra data"),
            ("1.", 1, "Extra data"),
            ("-", 0, "Expecting value"),
            ("\u{feff}1", 0, "Expecting value"),
        ] {
            assert_eq!(parse(text), Err(JsonError::Syntax { position, reason }), "{text}");
        }
    }

    #[test]
    fn nesting_is_parsed_up_to_its_limit() {
        assert!(parse(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(parse(&nested(MAX_DEPTH + 1)), Err(JsonError::Unreadable));
        assert_eq!(parse(&"{\"a\":".repeat(100_000)), Err(JsonError::Unreadable));
    }

    #[test]
    fn integers_are_parsed_up_to_their_limit() {
        assert!(parse(&"9".repeat(MAX_DIGITS)).is_ok());
        assert_eq!(parse(&"9".repeat(MAX_DIGITS + 1)), Err(JsonError::Unreadable));
    }
}
