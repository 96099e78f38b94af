//! How far two spellings are apart, and which of several is nearest.

/// Texts longer than this are not compared: the time is the product of the lengths.
const MAX_COMPARED: usize = 96;

/// The number of edits between two texts (insert, delete, replace, swap two neighbours), if it is at most `most`.
pub(crate) fn distance(one: &str, other: &str, most: usize) -> Option<usize> {
    let one: Vec<char> = one.chars().take(MAX_COMPARED + 1).collect();
    let other: Vec<char> = other.chars().take(MAX_COMPARED + 1).collect();
    if one.len().abs_diff(other.len()) > most || one.len().max(other.len()) > MAX_COMPARED {
        return None;
    }
    let mut before_last = vec![0; other.len() + 1];
    let mut last: Vec<usize> = (0..=other.len()).collect();
    let mut row = vec![0; other.len() + 1];
    for (line, character) in one.iter().enumerate() {
        row[0] = line + 1;
        for (column, candidate) in other.iter().enumerate() {
            let replaced = last[column] + usize::from(character != candidate);
            let mut best = replaced.min(last[column + 1] + 1).min(row[column] + 1);
            let swapped =
                line > 0 && column > 0 && *character == other[column - 1] && one[line - 1] == *candidate;
            if swapped {
                best = best.min(before_last[column - 1] + 1);
            }
            row[column + 1] = best;
        }
        if row.iter().all(|edits| *edits > most) {
            return None;
        }
        std::mem::swap(&mut before_last, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last.last().copied().filter(|edits| *edits <= most)
}

/// The candidate that a text was probably meant to be, if one is near enough.
pub(crate) fn nearest<'c>(text: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let text = executor_core::path::fold(text);
    let most = most_edits(&text);
    candidates
        .filter_map(|candidate| {
            Some((distance(&text, &executor_core::path::fold(candidate), most)?, candidate))
        })
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// How many edits may still be a slip, for a text of this length.
pub(crate) fn most_edits(text: &str) -> usize {
    (text.chars().count() / 3).clamp(1, 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted_up_to_the_limit() {
        let table = [
            ("", "", 0, Some(0)),
            ("label", "label", 2, Some(0)),
            ("lable", "label", 2, Some(1)),
            ("labels", "label", 2, Some(1)),
            ("kitten", "sitting", 3, Some(3)),
            ("kitten", "sitting", 2, None),
            ("a", "abcd", 2, None),
            ("überall", "uberall", 1, Some(1)),
        ];
        for (one, other, most, expected) in table {
            assert_eq!(distance(one, other, most), expected, "{one} {other}");
            assert_eq!(distance(other, one, most), expected, "{other} {one}");
        }
    }

    #[test]
    fn the_nearest_folds_spelling_and_refuses_what_is_far() {
        let known = ["per_page", "page", "direction"];
        assert_eq!(nearest("perPage", known.into_iter()), Some("per_page"));
        assert_eq!(nearest("derection", known.into_iter()), Some("direction"));
        assert_eq!(nearest("labels", known.into_iter()), None);
    }
}
