//! `Link` headers ([RFC 8288](https://www.rfc-editor.org/rfc/rfc8288#section-3)).

/// Returns the target of the link to the next page.
pub(crate) fn next_target(header: &str) -> Option<&str> {
    let mut rest = header;
    loop {
        let (_, link) = rest.split_once('<')?;
        let (target, after) = link.split_once('>')?;
        let end = find_unquoted(after, ',').unwrap_or(after.len());
        if is_next(&after[..end]) {
            return Some(target.trim());
        }
        rest = &after[end..];
    }
}

/// Returns `true` if the parameters of a link have the relation `next`.
fn is_next(parameters: &str) -> bool {
    let mut rest = parameters;
    while !rest.is_empty() {
        let end = find_unquoted(rest, ';').unwrap_or(rest.len());
        if let Some((name, value)) = rest[..end].split_once('=')
            && name.trim().eq_ignore_ascii_case("rel")
        {
            return value.trim().trim_matches('"').split_whitespace().any(|word| word.eq_ignore_ascii_case("next"));
        }
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    false
}

/// Returns the first place of a character outside of quotes.
fn find_unquoted(text: &str, wanted: char) -> Option<usize> {
    let mut is_quoted = false;
    text.char_indices().find_map(|(place, character)| {
        is_quoted ^= character == '"';
        (character == wanted && !is_quoted).then_some(place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_in_every_form() {
        for header in [
            "</b>; rel=\"next\"",
            "</b>; rel=next",
            "</b>;REL = \"Next\"; title=\"x\"",
            "</a>; rel=\"prev\",</b>; rel=\"next\",</c>; rel=\"last\"",
            "</a>; title=\"x, <y>; rel=next\"; rel=prev, </b>; title=\"é;\"; rel=\"last next\"",
        ] {
            assert_eq!(next_target(header), Some("/b"), "{header}");
        }
        for header in ["", "</b>", "</b>; rel=\"nextish\"", "</b>; title=\"rel=next\"", "/b; rel=next", "</b; rel=next"]
        {
            assert_eq!(next_target(header), None, "{header}");
        }
    }
}
