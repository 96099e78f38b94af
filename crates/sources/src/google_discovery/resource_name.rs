//! Names of resources: `projects/p/topics/t`, a path in a path.
//!
//! Google writes `v1/{+name}` for many methods that differ in nothing but the names that they take. So a name is held to
//! the pattern that its method gives, or `projects/p` in the place of `projects/p/topics/t` would delete the project.

/// Stands for one part.
const ONE: &str = "*";
/// Stands for one part or more.
const MANY: &str = "**";
/// Stands for what no part ends in, while an expression is read.
const ANY: &str = "%";

/// The shape of the names that a regular expression like `^projects/[^/]+/topics/[^/]+$` allows, as `projects/*/topics/*`.
///
/// It is never narrower than the expression: what is no plain text is any part, and where it cannot be told where a part
/// ends, any number of them.
pub(super) fn shape(pattern: Option<&str>) -> String {
    let parts = pattern.and_then(|pattern| parts(pattern.trim_start_matches('^').trim_end_matches('$')));
    parts.unwrap_or_else(|| vec![MANY.to_owned()]).join("/")
}

fn parts(pattern: &str) -> Option<Vec<String>> {
    if pattern.contains(ANY) {
        return None;
    }
    let marked = pattern.replace("[^/]", ANY);
    let mut depth = 0_i32;
    for character in marked.chars() {
        match character {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            // A slash within brackets is none that parts two parts, nor do alternatives have the same ones.
            '/' if depth != 0 => return None,
            '|' if depth == 0 => return None,
            _ => {}
        }
    }
    let parts = marked.split('/').map(part).collect::<Option<Vec<_>>>()?;
    let many = parts.iter().position(|part| part == MANY);
    many.is_none_or(|place| place + 1 == parts.len()).then_some(parts)
}

/// The shape of one part; none if it may have a slash in it.
fn part(text: &str) -> Option<String> {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "_-:~".contains(character);
    let is_safe =
        |character: char| is_plain(character) || "()[]{}*+?,|".contains(character) || ANY.contains(character);
    // What repeats the slash before it, and a range of characters that may have it in it.
    let repeats = text.starts_with(['?', '*', '+', '{']);
    let spans = ["(-", ")-", "*-", "+-", ",-", "--"].iter().any(|range| text.contains(range));
    match text {
        ".*" | ".+" => Some(MANY.to_owned()),
        _ if !text.is_empty() && text.chars().all(is_plain) => Some(text.to_owned()),
        _ if text.is_empty() || repeats || spans || !text.chars().all(is_safe) => None,
        _ => Some(ONE.to_owned()),
    }
}

/// Whether a name has that shape. No part of it is empty.
pub(super) fn fits(name: &str, shape: &str) -> bool {
    let mut parts = name.split('/');
    for expected in shape.split('/') {
        let is_there = match expected {
            MANY => return parts.clone().next().is_some() && parts.all(|part| !part.is_empty()),
            ONE => parts.next().is_some_and(|part| !part.is_empty()),
            plain => parts.next() == Some(plain),
        };
        if !is_there {
            return false;
        }
    }
    parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_never_narrower_than_patterns() {
        let table = [
            ("^projects/[^/]+/topics/[^/]+$", "projects/*/topics/*"),
            ("^projects/[^/]+/secrets/.*$", "projects/*/secrets/**"),
            ("^[^/]+$", "*"),
            ("^people/me$", "people/me"),
            ("organizations/[0-9]{0,20}", "organizations/*"),
            ("a/([a-z](?:[-a-z0-9]{0,61}[a-z0-9])?|[1-9][0-9]{0,19})/b", "a/*/b"),
            ("[a-z](?:[-a-zA-Z0-9/]{0,255}[a-zA-Z0-9])?", "**"),
            ("^a/.*/b/[^/]+$", "**"),
            ("^(a|b)/[^/]+$", "*/*"),
            ("^a/(b|c)$", "a/*"),
            ("^a|b$", "**"),
            (r"^a\/b$", "**"),
            ("^a/(.*)$", "**"),
            ("^a/b.*$", "**"),
            ("^a/[^b]+$", "**"),
            ("^a/[+-9]+$", "**"),
            ("^a/?b$", "**"),
            ("^a//b$", "**"),
            ("%/a", "**"),
            ("", "**"),
        ];
        for (pattern, expected) in table {
            assert_eq!(shape(Some(pattern)), expected, "{pattern}");
        }
        assert_eq!(shape(None), "**");
    }

    #[test]
    fn names_fit_their_shape_alone() {
        let table = [
            ("projects/*/topics/*", "projects/p/topics/t", true),
            ("projects/*/topics/*", "projects/p", false),
            ("projects/*/topics/*", "projects/p/topics/t/x", false),
            ("projects/*/topics/*", "projects/p/topics/", false),
            ("projects/*/topics/*", "projects//topics/t", false),
            ("projects/*/topics/*", "folders/p/topics/t", false),
            ("*", "a/b", false),
            ("secrets/**", "secrets/a/b", true),
            ("secrets/**", "secrets", false),
            ("secrets/**", "secrets/a//b", false),
            ("**", "a", true),
            ("**", "", false),
            ("**", "/a", false),
        ];
        for (shape, name, expected) in table {
            assert_eq!(fits(name, shape), expected, "{shape} {name}");
        }
    }
}
