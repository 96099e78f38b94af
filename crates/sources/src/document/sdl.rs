//! GraphQL's schema definition language.

use apollo_compiler::ast;
use apollo_compiler::parser::Parser;
use executor_core::Failure;

use super::MAX_DEPTH;
use super::read::unreadable;

/// Whether a text begins like a schema: with a definition, before which there may be comments and a description.
///
/// Nothing in JSON or YAML that describes an API begins so: a key `type` or `type of thing` has a colon.
pub(crate) fn is_sdl(text: &str) -> bool {
    const KEYWORDS: [&str; 9] =
        ["schema", "type", "interface", "union", "enum", "input", "scalar", "directive", "extend"];
    let start = after_description(after_ignored(text));
    let word = start.split(|character: char| !character.is_ascii_alphabetic()).next().unwrap_or_default();
    let rest = after_ignored(&start[word.len()..]);
    let is_start = |first: char| first.is_ascii_alphabetic() || matches!(first, '_' | '{' | '@');
    let ends_words = |character: char| matches!(character, ':' | '{' | '@' | '=' | '&' | '\n');
    KEYWORDS.contains(&word)
        && rest.starts_with(is_start)
        && rest.chars().find(|character| ends_words(*character)) != Some(':')
}

fn after_ignored(text: &str) -> &str {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|character: char| character.is_whitespace() || character == ',');
        match rest.strip_prefix('#') {
            Some(comment) => rest = comment.split_once('\n').map_or("", |(_, next)| next),
            None => return rest,
        }
    }
}

fn after_description(text: &str) -> &str {
    let (quotes, rest) = match (text.strip_prefix("\"\"\""), text.strip_prefix('"')) {
        (Some(rest), _) => ("\"\"\"", rest),
        (None, Some(rest)) => ("\"", rest),
        (None, None) => return text,
    };
    let mut from = 0;
    while let Some(place) = rest[from..].find(quotes) {
        let end = from + place;
        if !rest[..end].ends_with('\\') {
            return after_ignored(&rest[end + quotes.len()..]);
        }
        from = end + quotes.len();
    }
    text
}

/// The definitions of a schema.
pub(super) fn read(text: &str) -> Result<ast::Document, Failure> {
    let parsed = Parser::new().recursion_limit(MAX_DEPTH).parse_ast(text, "schema.graphql");
    parsed.map_err(|invalid| {
        let first = invalid.errors.iter().next();
        let place = first.as_ref().and_then(|first| first.line_column_range()).map(|range| range.start);
        let place = place.map(|place| format!(" at line {} column {}", place.line, place.column));
        let what = first.map(|first| first.error.to_string()).unwrap_or_default();
        let what: String = what.chars().take(300).collect();
        unreadable(format!("The document is not valid GraphQL SDL: {what}{}.", place.unwrap_or_default()))
    })
}
