//! Numbers and paragraphs as text.

/// Columns of the text in `docs`.
const WIDTH: usize = 115;

/// Breaks paragraphs into lines.
pub(super) fn wrapped(text: &str) -> String {
    let paragraph = |text: &str| {
        let mut lines = String::new();
        let mut column = 0;
        for word in text.split(' ') {
            let length = word.chars().count();
            if column > 0 {
                let fits = column + 1 + length <= WIDTH;
                lines.push(if fits { ' ' } else { '\n' });
                column = if fits { column + 1 } else { 0 };
            }
            lines.push_str(word);
            column += length;
        }
        lines
    };
    text.split("\n\n").map(paragraph).collect::<Vec<_>>().join("\n\n")
}

/// Returns dollars with cents below 100.
pub(super) fn dollars(amount: f64) -> String {
    if amount < 99.995 { format!("{amount:.2}") } else { with_commas(amount) }
}

pub(super) fn with_sign(amount: f64) -> String {
    format!("${}", dollars(amount))
}

/// Returns a number with at most two decimals.
pub(super) fn decimal(number: f64) -> String {
    if number >= 99.5 {
        return with_commas(number);
    }
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Returns a rounded number with commas between thousands.
pub(super) fn with_commas(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_cents_below_a_hundred() {
        let texts = [0.0, 2.628, 99.99, 99.995, 1234.5, 1_234_567.0].map(dollars);
        assert_eq!(texts, ["0.00", "2.63", "99.99", "100", "1,234", "1,234,567"]);
    }

    #[test]
    fn lines_break_between_words() {
        let text = format!("{} b c\n\nd", "a".repeat(WIDTH - 2));
        assert_eq!(wrapped(&text), format!("{} b\nc\n\nd", "a".repeat(WIDTH - 2)));
    }

    #[test]
    fn numbers_have_at_most_two_decimals() {
        assert_eq!([0.5, 3.0, 12.344, 1500.0].map(decimal), ["0.5", "3", "12.34", "1,500"]);
    }
}
