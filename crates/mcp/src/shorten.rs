//! Keeping texts within what a model should have to read.

/// The first `most` characters of a text, or nothing if all of it is within them.
pub(crate) fn head(text: &str, most: usize) -> Option<&str> {
    text.char_indices().nth(most).map(|(end, _)| &text[..end])
}

/// As many of the last lines as have at most `most` characters together, and how many were left out before them.
pub(crate) fn last_lines(lines: &[String], most: usize) -> (usize, &[String]) {
    let mut left = most;
    let fitting = lines.iter().rev().take_while(|line| {
        let cost = line.chars().count() + 1;
        let fits = cost <= left;
        left = left.saturating_sub(cost);
        fits
    });
    let omitted = lines.len() - fitting.count();
    (omitted, &lines[omitted..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_ends_between_characters() {
        assert_eq!(head("äöü", 2), Some("äö"));
        assert_eq!(head("äöü", 3), None);
    }

    #[test]
    fn the_last_lines_win() {
        let lines: Vec<String> = ["one", "two", "three"].map(str::to_owned).into();
        assert_eq!(last_lines(&lines, 100), (0, &lines[..]));
        assert_eq!(last_lines(&lines, 10), (1, &lines[1..]));
        assert_eq!(last_lines(&lines, 3).0, 3);
    }
}
