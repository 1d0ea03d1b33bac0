use std::iter;

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// The most bytes of a folded text that the table compares.
///
/// A sort key has at most 1,024: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>.
const MAX_COMPARED: usize = 960;

/// A text as a search compares it: without case, accents, strokes, ligatures and forms of
/// compatibility, and with one kind of apostrophe, so that `Œuvres` and `oeuvres`, `L’Éclair` and
/// `l'eclair` are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Folded(String);

impl Folded {
    /// The text, folded.
    #[must_use]
    pub fn of(text: &str) -> Self {
        // Upper case first: it makes one of what lower case keeps apart, as "ß" and "ss".
        let caseless = |c: char| c.to_uppercase().flat_map(char::to_lowercase);
        let bare = text.chars().flat_map(caseless).nfkd().filter(|c| canonical_combining_class(*c) == 0);
        // What is decomposed may have a case again, as the "C" of "℃".
        Self(bare.flat_map(caseless).flat_map(apart).collect())
    }

    /// As much of it as the table compares.
    #[must_use]
    pub fn compared(&self) -> &str {
        &self.0[..self.0.floor_char_boundary(MAX_COMPARED)]
    }

    /// All of it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it begins with all of another.
    #[must_use]
    pub fn begins_with(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// Whether nothing is left of it: every text begins with that.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What Unicode does not take apart: ligatures and strokes; and the apostrophe that people type.
fn apart(c: char) -> impl Iterator<Item = char> {
    let (first, second) = match c {
        'œ' => ('o', Some('e')),
        'æ' => ('a', Some('e')),
        'ø' => ('o', None),
        'đ' => ('d', None),
        'ł' => ('l', None),
        '’' | 'ʼ' => ('\'', None),
        c => (c, None),
    };
    iter::once(first).chain(second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_ligatures_do_not_count() {
        for (text, folded) in [
            ("Éclair à l'Orange", "eclair a l'orange"),
            ("E\u{301}CLAIR", "eclair"),
            ("ŒUVRES Cœur Æther", "oeuvres coeur aether"),
            ("Straße ﬁn Σίσυφος", "strasse fin σισυφοσ"),
            ("L’Atelier Øresund Łódź", "l'atelier oresund lodz"),
            ("n° 12 ℃", "n° 12 °c"),
            ("İstanbul ı", "istanbul i"),
            ("\u{301}", ""),
        ] {
            assert_eq!(Folded::of(text).0, folded, "{text}");
            assert_eq!(Folded::of(folded).0, folded, "folded twice");
        }
    }

    #[test]
    fn a_long_text_is_compared_as_far_as_a_key_goes() {
        let long = Folded::of(&"\u{fdfa}".repeat(256));
        assert!(long.0.len() > 1024 && long.compared().len() <= MAX_COMPARED);
        assert!(long.begins_with(&Folded::of("\u{fdfa}")) && !Folded::of("a").begins_with(&long));
    }
}
