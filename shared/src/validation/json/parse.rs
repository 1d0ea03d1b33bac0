//! The parser: one loop with a stack of its own, so that nesting costs no call stack.

use std::fmt;

use super::{Json, Object, number::MAX_DIGITS};

/// How deep arrays and objects may stand in each other: where the old service's interpreter stops.
const MAX_DEPTH: usize = 960;

/// Why a body is no JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonError {
    /// The text stops being JSON.
    Syntax {
        /// How many characters stand before the fault.
        position: usize,
        /// What is wrong there, in the words of Python's `json`.
        reason: &'static str,
    },
    /// No text, or more nesting or digits than are read.
    Unreadable,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { position, reason } => write!(f, "{reason} at character {position}"),
            Self::Unreadable => f.write_str("unreadable"),
        }
    }
}

/// An array or object whose end has not been read yet.
enum Open {
    Array(Vec<Json>),
    Object { members: Object, key: String },
}

pub(super) fn parse(text: &str) -> Result<Json, JsonError> {
    let mut reader = Reader { text, at: 0 };
    let mut open: Vec<Open> = Vec::new();
    reader.skip_space();
    loop {
        if open.len() == MAX_DEPTH && reader.rest().starts_with(['[', '{']) {
            return Err(JsonError::Unreadable);
        }
        let mut value = match reader.begin()? {
            Begun::Value(value) => value,
            Begun::Inside(inner) => {
                open.push(inner);
                continue;
            }
        };
        // A value is complete: put it where it belongs, and close what it completes.
        loop {
            reader.skip_space();
            match open.pop() {
                None if reader.rest().is_empty() => return Ok(value),
                None => return Err(reader.fault("Extra data")),
                Some(Open::Array(mut items)) => {
                    items.push(value);
                    if reader.eat("]") {
                        value = Json::Array(items);
                        continue;
                    }
                    reader.comma()?;
                    reader.skip_space();
                    open.push(Open::Array(items));
                }
                Some(Open::Object { mut members, key }) => {
                    members.insert(key, value);
                    if reader.eat("}") {
                        value = Json::Object(members);
                        continue;
                    }
                    reader.comma()?;
                    reader.skip_space();
                    let key = reader.key()?;
                    open.push(Open::Object { members, key });
                }
            }
            break;
        }
    }
}

enum Begun {
    Value(Json),
    Inside(Open),
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn fault(&self, reason: &'static str) -> JsonError {
        JsonError::Syntax { position: self.text[..self.at].chars().count(), reason }
    }

    fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn comma(&mut self) -> Result<(), JsonError> {
        if self.eat(",") { Ok(()) } else { Err(self.fault("Expecting ',' delimiter")) }
    }

    /// A whole value, or the inside of an array or object that has at least one.
    fn begin(&mut self) -> Result<Begun, JsonError> {
        const WORDS: [(&str, Json); 6] = [
            ("null", Json::Null),
            ("true", Json::Bool(true)),
            ("false", Json::Bool(false)),
            ("NaN", Json::Float(f64::NAN)),
            ("Infinity", Json::Float(f64::INFINITY)),
            ("-Infinity", Json::Float(f64::NEG_INFINITY)),
        ];
        if self.eat("\"") {
            return self.string().map(Begun::Value);
        }
        if self.eat("[") {
            self.skip_space();
            let empty = self.eat("]");
            return Ok(if empty {
                Begun::Value(Json::Array(Vec::new()))
            } else {
                Begun::Inside(Open::Array(Vec::new()))
            });
        }
        if self.eat("{") {
            self.skip_space();
            if self.eat("}") {
                return Ok(Begun::Value(Json::Object(Object::default())));
            }
            let key = self.key()?;
            return Ok(Begun::Inside(Open::Object { members: Object::default(), key }));
        }
        for (word, value) in WORDS {
            if self.eat(word) {
                return Ok(Begun::Value(value));
            }
        }
        self.number().map(Begun::Value)
    }

    /// A member's key and its colon, up to its value.
    fn key(&mut self) -> Result<String, JsonError> {
        if !self.eat("\"") {
            return Err(self.fault("Expecting property name enclosed in double quotes"));
        }
        let (Json::Text(key) | Json::BrokenText(key)) = self.string()? else {
            return Err(JsonError::Unreadable);
        };
        self.skip_space();
        if !self.eat(":") {
            return Err(self.fault("Expecting ':' delimiter"));
        }
        self.skip_space();
        Ok(key)
    }

    fn number(&mut self) -> Result<Json, JsonError> {
        let rest = self.rest();
        let digits = |from: usize| rest[from..].bytes().take_while(u8::is_ascii_digit).count();
        let sign = usize::from(rest.starts_with('-'));
        let whole = if rest[sign..].starts_with('0') { 1 } else { digits(sign) };
        if whole == 0 {
            return Err(self.fault("Expecting value"));
        }
        let int_end = sign + whole;
        let mut end = int_end;
        if rest[end..].starts_with('.') && digits(end + 1) > 0 {
            end += 1 + digits(end + 1);
        }
        if rest[end..].starts_with(['e', 'E']) {
            let power = end + 1 + usize::from(rest[end + 1..].starts_with(['+', '-']));
            if digits(power) > 0 {
                end = power + digits(power);
            }
        }
        let number = &rest[..end];
        let value = if end > int_end {
            Json::Float(number.parse().map_err(|_| JsonError::Unreadable)?)
        } else if whole > MAX_DIGITS {
            return Err(JsonError::Unreadable);
        } else {
            Json::Int(if number == "-0" { "0" } else { number }.to_owned())
        };
        self.at += end;
        Ok(value)
    }

    /// A string whose opening quote has been read.
    fn string(&mut self) -> Result<Json, JsonError> {
        let begin = self.at - 1;
        let mut text = String::new();
        let mut broken = false;
        loop {
            let plain = self.rest().find(|c| matches!(c, '"' | '\\' | '\0'..'\u{20}')).unwrap_or(self.rest().len());
            text.push_str(&self.rest()[..plain]);
            self.at += plain;
            if self.eat("\"") {
                return Ok(if broken { Json::BrokenText(text) } else { Json::Text(text) });
            }
            if self.rest().is_empty() {
                self.at = begin;
                return Err(self.fault("Unterminated string starting at"));
            }
            if !self.eat("\\") {
                return Err(self.fault("Invalid control character at"));
            }
            let character = self.escape()?;
            broken |= character.is_none();
            text.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
        }
    }

    /// What an escape stands for, whose backslash has been read; `None` is a lone surrogate.
    fn escape(&mut self) -> Result<Option<char>, JsonError> {
        const SIMPLE: [(&str, char); 8] = [
            ("\"", '"'),
            ("\\", '\\'),
            ("/", '/'),
            ("b", '\u{8}'),
            ("f", '\u{c}'),
            ("n", '\n'),
            ("r", '\r'),
            ("t", '\t'),
        ];
        for (letter, character) in SIMPLE {
            if self.eat(letter) {
                return Ok(Some(character));
            }
        }
        if !self.eat("u") {
            self.at -= 1;
            return Err(self.fault("Invalid \\escape"));
        }
        let first = self.hex4().ok_or_else(|| self.fault("Invalid \\uXXXX escape"))?;
        if !(0xd800..0xdc00).contains(&first) {
            return Ok(char::from_u32(first.into()));
        }
        let after_first = self.at;
        if self.eat("\\u") {
            let second = self.hex4().ok_or_else(|| self.fault("Invalid \\uXXXX escape"))?;
            if let Some(Ok(pair)) = char::decode_utf16([first, second]).next() {
                return Ok(Some(pair));
            }
            self.at = after_first;
        }
        Ok(None)
    }

    fn hex4(&mut self) -> Option<u16> {
        let digits = self.rest().get(..4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        let unit = u16::from_str_radix(digits, 16).ok()?;
        self.at += 4;
        Some(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(depth: usize) -> String {
        format!("{}{}", "[".repeat(depth), "]".repeat(depth))
    }

    #[test]
    fn what_python_reads_is_read() {
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
    fn a_fault_is_told_where_and_why_as_python_tells_it() {
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
    fn nesting_is_read_up_to_its_bound() {
        assert!(parse(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(parse(&nested(MAX_DEPTH + 1)), Err(JsonError::Unreadable));
        assert_eq!(parse(&"{\"a\":".repeat(100_000)), Err(JsonError::Unreadable));
    }

    #[test]
    fn integers_are_read_up_to_their_bound() {
        assert!(parse(&"9".repeat(MAX_DIGITS)).is_ok());
        assert_eq!(parse(&"9".repeat(MAX_DIGITS + 1)), Err(JsonError::Unreadable));
    }
}
