//! Random changes of bytes, for the tests; the fuzzer has its own.

/// Texts at which parsers decide.
const WORDS: [&str; 24] = [
    "\"",
    "\\",
    "{}",
    "[]",
    ":",
    ",",
    "null",
    "true",
    "NaN",
    "1e400",
    "-0",
    "9223372036854775808",
    "\\ud800",
    "\u{feff}",
    "%00",
    "&",
    "cursor=",
    "W/",
    "*",
    "$",
    "\n",
    "é",
    "\u{fdfa}",
    "\0",
];

/// Returns the bytes after one to four random changes.
#[must_use]
pub fn mutate(mut bytes: Vec<u8>, random: &mut fastrand::Rng) -> Vec<u8> {
    for _ in 0..random.usize(1..=4) {
        let at = random.usize(..=bytes.len());
        match (random.u8(..6), bytes.get_mut(at)) {
            (0, Some(byte)) => *byte = random.u8(..),
            (1, Some(byte)) => *byte ^= 1 << random.u8(..8),
            (2, Some(_)) => _ = bytes.drain(at..(at + random.usize(1..=8)).min(bytes.len())),
            (3, Some(_)) => {
                let copy = bytes[at..(at + random.usize(1..=32)).min(bytes.len())].to_vec();
                let at = random.usize(..=bytes.len());
                bytes.splice(at..at, copy);
            }
            _ => _ = bytes.splice(at..at, WORDS[random.usize(..WORDS.len())].bytes()),
        }
    }
    bytes
}
