//! Names, strings and comments, written so that nothing in them can become code.

use serde_json::Value;

/// A member's name: as it is where it is an identifier, else quoted.
pub(super) fn property(name: &str) -> String {
    if executor_core::path::is_segment(name) { name.to_owned() } else { string(name) }
}

/// A string literal.
pub(super) fn string(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for character in text.chars() {
        match character {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            character if character.is_control() || is_invisible(character) => {
                literal.extend(character.escape_unicode());
            }
            character => literal.push(character),
        }
    }
    literal.push('"');
    literal
}

/// The literal type of a value that has one; nothing for objects and arrays.
pub(super) fn literal(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("null".to_owned()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::String(text) => Some(string(text)),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// A text for a comment, on one line and at most so many bytes: white space is folded, and it cannot end the comment.
pub(super) fn comment(text: &str, most: usize) -> String {
    let mut folded = String::new();
    let words = text
        .split(|character: char| {
            character.is_whitespace() || character.is_control() || is_invisible(character)
        })
        .filter(|word| !word.is_empty());
    for word in words {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
        if folded.len() > most {
            folded.truncate(folded.floor_char_boundary(most));
            folded.push('…');
            break;
        }
    }
    // Replaced last, since folding and cutting might bring the two together.
    folded.replace("*/", "*\\/")
}

/// Characters that change how text is shown without being seen, and the line ends that only JavaScript knows.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Words that may not name a type.
const TAKEN: &[&str] = &[
    "Array",
    "File",
    "FileArgument",
    "Promise",
    "Record",
    "any",
    "as",
    "async",
    "await",
    "bigint",
    "boolean",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "declare",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "infer",
    "instanceof",
    "interface",
    "is",
    "keyof",
    "let",
    "module",
    "namespace",
    "never",
    "new",
    "null",
    "number",
    "object",
    "package",
    "private",
    "protected",
    "public",
    "readonly",
    "return",
    "static",
    "string",
    "super",
    "switch",
    "symbol",
    "this",
    "throw",
    "true",
    "try",
    "type",
    "typeof",
    "undefined",
    "unique",
    "unknown",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// The longest name of a type.
const MAX_NAME: usize = 80;

/// A type's name for any text: as it is where it can be, else its words in capitals.
pub(super) fn type_name(text: &str) -> String {
    let is_plain = executor_core::path::is_segment(text) && !text.starts_with('$');
    let mut name = String::new();
    if is_plain && text.starts_with(|first: char| first.is_ascii_uppercase()) {
        name.push_str(text);
    } else {
        for word in text.split(|character: char| !character.is_ascii_alphanumeric()) {
            let mut characters = word.chars();
            name.extend(characters.next().map(|first| first.to_ascii_uppercase()));
            name.push_str(characters.as_str());
        }
    }
    name.truncate(MAX_NAME);
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
        name.insert(0, '_');
    }
    if TAKEN.binary_search(&name.as_str()).is_ok() {
        name.push('_');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taken_words_are_sorted_so_that_they_can_be_looked_up() {
        assert!(TAKEN.is_sorted());
    }

    #[test]
    fn types_are_named_by_any_text() {
        let table = [
            ("Issue", "Issue"),
            ("simple-user", "SimpleUser"),
            ("microsoft.graph.user", "MicrosoftGraphUser"),
            ("404 error", "_404Error"),
            ("file", "File_"),
            ("Promise", "Promise_"),
            ("日本", "_"),
            ("*/ alert(1) /*", "Alert1"),
            ("", "_"),
        ];
        for (text, name) in table {
            assert_eq!(type_name(text), name);
        }
    }

    #[test]
    fn a_comment_cannot_be_ended_from_within() {
        for text in ["a */ b", "a *\u{200b}/ b", "*\n/", "**//", "*/*/"] {
            assert!(!comment(text, 100).contains("*/"), "{text:?}");
        }
        assert_eq!(comment("  one\n\n two\t", 100), "one two");
        assert_eq!(comment("one two three", 6), "one tw…");
    }
}
