//! Numbers as Python writes and limits them.

use std::fmt;

/// Maximum number of digits that Python converts to an integer
/// ([CVE-2020-10735](https://docs.python.org/3/library/stdtypes.html#int-max-str-digits)).
pub(super) const MAX_DIGITS: usize = 4300;

/// Writes the shortest text that reads back as `value`, laid out like Python's `repr`.
pub(super) fn write_float(value: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if !value.is_finite() {
        return f.write_str("null");
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse::<i32>().unwrap_or_default() {
        -4..16 if value.fract() == 0.0 => write!(f, "{value:.1}"),
        -4..16 => write!(f, "{value}"),
        exponent => write!(f, "{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.unsigned_abs()),
    }
}

#[cfg(test)]
mod tests {
    use crate::validation::Json;

    #[test]
    fn floats_are_written_as_python_writes_them() {
        for (value, text) in [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (1.5, "1.5"),
            (0.1, "0.1"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (5e-324, "5e-324"),
            (123_456.789, "123456.789"),
        ] {
            assert_eq!(Json::Float(value).to_string(), text);
        }
    }
}
