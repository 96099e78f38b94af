//! Names of resources: `projects/p/topics/t`, a path in a path.
//!
//! Google writes `v1/{+name}` for many methods that differ in nothing but the names that they take. So a name is held to
//! the pattern that its method gives, or `projects/p` in the place of `projects/p/topics/t` would delete the project.

/// Stands for one part.
const ONE: &str = "*";
/// Stands for one part or more.
const MANY: &str = "**";

/// The shape of the names that a regular expression like `^projects/[^/]+/topics/[^/]+$` allows, as `projects/*/topics/*`.
///
/// It is never narrower than the expression: what is no plain text is any part, and where it cannot be told where a part
/// ends, any number of them.
pub(super) fn shape(pattern: Option<&str>) -> String {
    let parts = pattern.and_then(|pattern| parts(pattern.trim_start_matches('^').trim_end_matches('$')));
    parts.unwrap_or_else(|| vec![MANY.to_owned()]).join("/")
}

fn parts(pattern: &str) -> Option<Vec<String>> {
    let marked = pattern.replace("[^/]", ONE);
    // A slash within brackets is none that parts two parts.
    let mut depth = 0_i32;
    for character in marked.chars() {
        match character {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '/' | '|' if depth != 0 => return None,
            '|' | '\\' => return None,
            _ => {}
        }
    }
    let is_plain =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | ':' | '~');
    let part = |text: &str| match text {
        ".*" | ".+" => MANY.to_owned(),
        text if !text.is_empty() && text.chars().all(is_plain) => text.to_owned(),
        _ => ONE.to_owned(),
    };
    let parts: Vec<_> = marked.split('/').map(part).collect();
    let many = parts.iter().position(|part| part == MANY);
    many.is_none_or(|place| place + 1 == parts.len()).then_some(parts)
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
            ("a/([a-z](?:[-a-z0-9]{0,61}[a-z0-9])?|[1-9][0-9]{0,19})/b", "**"),
            ("[a-z](?:[-a-zA-Z0-9/]{0,255}[a-zA-Z0-9])?", "**"),
            ("^a/.*/b/[^/]+$", "**"),
            ("^(a|b)/[^/]+$", "**"),
            (r"^a\/b$", "**"),
            ("", "*"),
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
