//! Generated values of JSON.

use std::fmt;

use fastrand::Rng;
use serde_json::Value;

/// Texts that are repeated: plain and accented letters, one that becomes 18 letters without its ligature, a combining
/// accent, and characters that JSON writes longer.
const UNITS: [&str; 8] = ["a", "é", "\u{fdfa}", "ẞ", "\u{0301}", "\u{1}", "\"", "𝄞"];

/// A value that is one unit, repeated.
#[derive(Clone)]
pub(super) enum Generated {
    Text {
        unit: usize,
        count: usize,
    },
    Integer {
        digits: usize,
    },
    /// A power of ten.
    Power {
        exponent: usize,
    },
    Arrays {
        depth: usize,
    },
    Array {
        of: Box<Generated>,
        count: usize,
    },
    Object {
        of: Box<Generated>,
        count: usize,
    },
    /// An identifier of the table.
    Id(usize),
    /// The identifier of the last entity that the batch registers for the member.
    Reference,
    /// The number of the operation in its batch.
    Number,
}

impl fmt::Debug for Generated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { unit, count } => write!(f, "{:?} × {count}", UNITS[*unit]),
            Self::Integer { digits } => write!(f, "integer of {digits} digits"),
            Self::Power { exponent } => write!(f, "1e{exponent}"),
            Self::Arrays { depth } => write!(f, "arrays {depth} deep"),
            Self::Array { of, count } => write!(f, "array of {count} × {of:?}"),
            Self::Object { of, count } => write!(f, "object of {count} × {of:?}"),
            Self::Id(number) => write!(f, "identifier {number}"),
            Self::Reference => write!(f, "reference"),
            Self::Number => write!(f, "number"),
        }
    }
}

impl Generated {
    /// Draws a text.
    pub(super) fn text(rng: &mut Rng) -> Self {
        Self::Text { unit: rng.usize(..UNITS.len()), count: rng.usize(1..=256) }
    }

    /// Draws any value.
    pub(super) fn draw(rng: &mut Rng) -> Self {
        match rng.u8(..10) {
            0..3 => Self::text(rng),
            3 => Self::Integer { digits: rng.usize(1..400) },
            4 => Self::Power { exponent: rng.usize(..309) },
            5 => Self::Arrays { depth: rng.usize(1..120) },
            6 => Self::Array { of: Box::new(Self::draw(rng)), count: rng.usize(..50) },
            7 => Self::Object { of: Box::new(Self::draw(rng)), count: rng.usize(..50) },
            8 => Self::Reference,
            _ => Self::Id(rng.usize(..3)),
        }
    }

    /// Makes it larger, smaller or another one.
    pub(super) fn change(&mut self, rng: &mut Rng) {
        let count = match self {
            _ if rng.u8(..6) == 0 => return *self = Self::draw(rng),
            Self::Array { of, .. } | Self::Object { of, .. } if rng.bool() => return of.change(rng),
            Self::Text { unit, .. } if rng.u8(..4) == 0 => return *unit = rng.usize(..UNITS.len()),
            Self::Text { count, .. } | Self::Array { count, .. } | Self::Object { count, .. } => count,
            Self::Integer { digits } => digits,
            Self::Power { exponent } => exponent,
            Self::Arrays { depth } => depth,
            Self::Id(_) | Self::Reference | Self::Number => return *self = Self::draw(rng),
        };
        *count = scaled(*count, rng);
    }

    /// Returns a bound of the size of its JSON, in bytes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Text { unit, count } => (UNITS[*unit].len().max(6)).saturating_mul(*count),
            Self::Integer { digits } => *digits,
            Self::Arrays { depth } => 2 * depth,
            Self::Array { of, count } | Self::Object { of, count } => (of.size() + 12).saturating_mul(*count),
            Self::Power { .. } | Self::Id(_) | Self::Reference | Self::Number => 40,
        }
    }

    /// Returns it as JSON. `identifier` and `number` are those that a batch has for the member and the operation.
    pub(super) fn json(&self, identifier: &str, number: usize) -> String {
        match self {
            Self::Text { unit, count } => Value::from(UNITS[*unit].repeat(*count)).to_string(),
            Self::Integer { digits } => "7".repeat((*digits).max(1)),
            Self::Power { exponent } => format!("1e{exponent}"),
            Self::Arrays { depth } => "[".repeat(*depth) + &"]".repeat(*depth),
            Self::Array { of, count } => format!("[{}]", vec![of.json(identifier, number); *count].join(",")),
            Self::Object { of, count } => {
                let of = of.json(identifier, number);
                format!("{{{}}}", (0..*count).map(|name| format!("\"{name}\":{of}")).collect::<Vec<_>>().join(","))
            }
            Self::Id(number) => format!("\"{}\"", super::measure::IDS[*number]),
            Self::Reference => format!("\"{identifier}\""),
            Self::Number => (number + 1).to_string(),
        }
    }
}

/// Returns a larger or smaller count.
pub(super) fn scaled(count: usize, rng: &mut Rng) -> usize {
    match rng.u8(..6) {
        0 => count / 2,
        1 => count.saturating_sub(1),
        2 => count.saturating_add(1),
        3 => count.saturating_add(count / 10 + 1),
        4 => count.saturating_add(count / 2 + 1),
        _ => count.saturating_mul(2).saturating_add(1),
    }
}
