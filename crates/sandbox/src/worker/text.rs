//! JSON texts as the engine makes them, made fit for everybody else.

/// The deepest nesting of arguments, options, results and emitted values.
pub(super) const MOST_DEPTH: usize = 100;

/// Whether a JSON text is nested more deeply than readers bear.
pub(super) fn is_too_deep(json: &str) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MOST_DEPTH {
            return true;
        }
    }
    false
}

/// Replaces halves of characters, which the engine writes as escapes and which no UTF-8 can hold.
pub(super) fn mend(json: String) -> String {
    if !json.contains("\\ud") {
        return json;
    }
    let mut mended = String::with_capacity(json.len());
    let mut rest = json.as_str();
    while let Some(at) = rest.find('\\') {
        mended.push_str(&rest[..at]);
        let escape = &rest[at..];
        // The engine writes whole characters as themselves: an escaped half stands alone.
        let half = escape
            .strip_prefix("\\ud")
            .is_some_and(|digits| digits.as_bytes().first().is_some_and(|digit| *digit >= b'8'));
        let length = if half { 6 } else { 2 };
        mended.push_str(if half { "\\ufffd" } else { &escape[..length] });
        rest = &escape[length..];
    }
    mended.push_str(rest);
    mended
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_that_of_brackets_outside_of_strings() {
        assert!(!is_too_deep(&format!("{}{}", "[".repeat(MOST_DEPTH), "]".repeat(MOST_DEPTH))));
        assert!(is_too_deep(&"[".repeat(MOST_DEPTH + 1)));
        assert!(!is_too_deep(&format!(r#""\"{}""#, "[".repeat(500))));
        assert!(!is_too_deep(&"[],".repeat(500)));
    }

    #[test]
    fn halves_of_characters_are_replaced_and_nothing_else() {
        assert_eq!(
            mend(r#"["\ud800","\udfff!","\\ud800","\u0001","\ud7ff"]"#.to_owned()),
            r#"["\ufffd","\ufffd!","\\ud800","\u0001","\ud7ff"]"#
        );
    }
}
