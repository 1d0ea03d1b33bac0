use std::iter;

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// Maximum length of a folded text in the table, in bytes.
///
/// A sort key has at most 1,024: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>.
const MAX_COMPARED: usize = 960;

/// A text as searches compare it: without case, accents, strokes, ligatures and
/// compatibility forms, and with one kind of apostrophe, so that `Œuvres` and `oeuvres`, `L’Éclair` and
/// `l'eclair` are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Folded(String);

impl Folded {
    /// Folds a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        // Uppercase first: it unifies characters that lowercasing keeps apart, such as "ß" and "ss".
        let caseless = |c: char| c.to_uppercase().flat_map(char::to_lowercase);
        let bare = text.chars().flat_map(caseless).nfkd().filter(|c| canonical_combining_class(*c) == 0);
        // A decomposed character may have a case again, such as the "C" of "℃".
        Self(bare.flat_map(caseless).flat_map(replace_undecomposed).collect())
    }

    /// Returns the start of the text that the table compares.
    #[must_use]
    pub fn compared(&self) -> &str {
        &self.0[..self.0.floor_char_boundary(MAX_COMPARED)]
    }

    /// Returns the whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns `true` if it starts with the other text.
    #[must_use]
    pub fn begins_with(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// Returns `true` if the text is empty: every text starts with it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Replaces characters that Unicode does not decompose: ligatures, strokes, and the typewriter's apostrophe.
fn replace_undecomposed(c: char) -> impl Iterator<Item = char> {
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
    fn case_accents_and_ligatures_are_ignored() {
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
    fn a_long_text_is_cut_to_fit_a_key() {
        let long = Folded::of(&"\u{fdfa}".repeat(256));
        assert!(long.0.len() > 1024 && long.compared().len() <= MAX_COMPARED);
        assert!(long.begins_with(&Folded::of("\u{fdfa}")) && !Folded::of("a").begins_with(&long));
    }
}
