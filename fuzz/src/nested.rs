//! Text that is nested deeper than any stack allows.

/// How deep.
pub const LEVELS: usize = 100_000;

/// `open` so many times, what is inside, and `close` as often.
pub fn nested(open: &str, inside: &str, close: &str) -> String {
    format!("{}{inside}{}", open.repeat(LEVELS), close.repeat(LEVELS))
}

/// JSON values that are nested, one kind of nesting each.
pub fn json() -> Vec<String> {
    vec![
        nested("[", "", "]"),
        nested("{\"a\":", "1", "}"),
        nested("[{\"a\":", "null", "}]"),
        "[".repeat(LEVELS),
        "{\"a\":".repeat(LEVELS),
    ]
}

/// The texts as seeds.
pub fn seeds(texts: impl IntoIterator<Item = String>) -> Vec<Vec<u8>> {
    texts.into_iter().map(String::into_bytes).collect()
}
