//! The tokens of JSON text: punctuation, numbers, strings.

use super::{Json, JsonError, number::MAX_DIGITS};

/// A text and the position in it.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    pub(super) fn syntax_error(&self, reason: &'static str) -> JsonError {
        JsonError::Syntax { position: self.text[..self.at].chars().count(), reason }
    }

    pub(super) fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    pub(super) fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    pub(super) fn comma(&mut self) -> Result<(), JsonError> {
        if self.eat(",") { Ok(()) } else { Err(self.syntax_error("Expecting ',' delimiter")) }
    }

    /// Reads a member's key and its colon.
    pub(super) fn key(&mut self) -> Result<String, JsonError> {
        if !self.eat("\"") {
            return Err(self.syntax_error("Expecting property name enclosed in double quotes"));
        }
        let (Json::Text(key) | Json::BrokenText(key)) = self.string()? else {
            return Err(JsonError::Unreadable);
        };
        self.skip_space();
        if !self.eat(":") {
            return Err(self.syntax_error("Expecting ':' delimiter"));
        }
        self.skip_space();
        Ok(key)
    }

    pub(super) fn number(&mut self) -> Result<Json, JsonError> {
        let rest = self.rest();
        let digits = |from: usize| rest[from..].bytes().take_while(u8::is_ascii_digit).count();
        let sign = usize::from(rest.starts_with('-'));
        let whole = if rest[sign..].starts_with('0') { 1 } else { digits(sign) };
        if whole == 0 {
            return Err(self.syntax_error("Expecting value"));
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

    /// Reads a string after its opening quote.
    pub(super) fn string(&mut self) -> Result<Json, JsonError> {
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
                return Err(self.syntax_error("Unterminated string starting at"));
            }
            if !self.eat("\\") {
                return Err(self.syntax_error("Invalid control character at"));
            }
            let character = self.escape()?;
            broken |= character.is_none();
            text.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
        }
    }

    /// Reads an escape after its backslash; `None` is a lone surrogate.
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
            return Err(self.syntax_error("Invalid \\escape"));
        }
        let first = self.hex4().ok_or_else(|| self.syntax_error("Invalid \\uXXXX escape"))?;
        if !(0xd800..0xdc00).contains(&first) {
            return Ok(char::from_u32(first.into()));
        }
        let after_first = self.at;
        if self.eat("\\u") {
            let second = self.hex4().ok_or_else(|| self.syntax_error("Invalid \\uXXXX escape"))?;
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
