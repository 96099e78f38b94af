//! What a person reads of an operation, within bounds.

/// The most bytes of a description that are kept.
const MAX_DESCRIPTION: usize = 16 * 1024;
/// The most characters of a summary.
const MAX_SUMMARY: usize = 200;

/// One line: the summary, else the description's first sentence, else the route.
pub(crate) fn summary(summary: Option<&str>, description: &str, route: &str) -> String {
    let first_line = description.lines().map(str::trim).find(|line| !line.is_empty());
    let sentence = first_line.map(|line| line.split_inclusive(". ").next().unwrap_or(line));
    let text = summary.filter(|text| !text.trim().is_empty()).or(sentence).unwrap_or(route);
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(MAX_SUMMARY) {
        line.truncate(end);
        line.push('…');
    }
    line
}

/// As much of a description as is kept.
pub(crate) fn bounded(description: &str) -> String {
    let description = description.trim();
    let end = description.floor_char_boundary(MAX_DESCRIPTION);
    description[..end].to_owned()
}
