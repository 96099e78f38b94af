//! Markdown around a program.

use std::borrow::Cow;

/// Takes the fence away from a program that is fenced as a whole. Lines keep their numbers.
pub(super) fn remove(text: &str) -> Cow<'_, str> {
    let blank = text.len() - text.trim_start().len();
    let Some((opening, rest)) = text[blank..].split_once('\n') else { return Cow::Borrowed(text) };
    let marker_length = opening.bytes().take_while(|byte| *byte == b'`').count();
    let marker = &opening[..marker_length];
    let Some(body) = rest.trim_end().strip_suffix(marker).filter(|_| marker_length >= 3) else {
        return Cow::Borrowed(text);
    };
    // What is left of the closing fence's line must be blank, or it was no fence.
    let last_line = body.rsplit('\n').next().unwrap_or_default();
    if !last_line.trim().is_empty() {
        return Cow::Borrowed(text);
    }
    let lines_before = text[..blank].matches('\n').count() + 1;
    Cow::Owned("\n".repeat(lines_before) + body)
}

#[cfg(test)]
mod tests {
    use super::remove;

    #[test]
    fn a_fence_around_everything_goes_and_lines_stay() {
        assert_eq!(remove("```ts\nreturn 1\n```"), "\nreturn 1\n");
        assert_eq!(remove("\n\n  ```\nreturn 1\n  ```\n"), "\n\n\nreturn 1\n  ");
        assert_eq!(remove("````typescript\nreturn '```'\n````"), "\nreturn '```'\n");
    }

    #[test]
    fn what_is_no_fence_stays() {
        for text in ["return `a`", "```", "`a`\n`b`", "```ts\nreturn 1", "```ts\nreturn 1 ```"] {
            assert_eq!(remove(text), text);
        }
    }
}
