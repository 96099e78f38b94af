//! What to say when nothing was found: what there is.

use super::segment::Segment;

/// How many sources are named.
const MAX_SOURCES: usize = 20;

/// A sentence that says which sources there are and how many tools they have, the largest first.
pub(super) fn of(text: &str, segments: &[&Segment]) -> String {
    let shown: String = text.chars().take(80).collect();
    let mut sources: Vec<(&str, usize)> = segments
        .iter()
        .map(|segment| (&*segment.name, segment.len()))
        .filter(|(_, tools)| *tools > 0)
        .collect();
    if sources.is_empty() {
        return "There are no tools yet. Add a source first.".to_owned();
    }
    sources.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
    let mut names: Vec<String> =
        sources.iter().take(MAX_SOURCES).map(|(name, tools)| format!("{name} ({tools})")).collect();
    if let Some(more) = sources.len().checked_sub(MAX_SOURCES).filter(|more| *more > 0) {
        names.push(format!("{more} more"));
    }
    format!("No tool matches `{shown}`. Sources and their numbers of tools: {}.", names.join(", "))
}
