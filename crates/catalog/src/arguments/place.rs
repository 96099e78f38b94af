//! Where in the arguments something is, as JavaScript would write it: `labels[0].name`, `headers["x-a"]`.

use std::fmt::Write as _;

/// The longest name that is shown whole.
const MAX_SHOWN: usize = 60;

/// The place of a member of the value at a place.
pub(super) fn member(place: &str, name: &str) -> String {
    let shown: String = name.chars().take(MAX_SHOWN).collect();
    if !executor_core::path::is_segment(name) || shown.len() < name.len() {
        return format!("{place}[{}]", serde_json::Value::from(shown));
    }
    if place.is_empty() { shown } else { format!("{place}.{shown}") }
}

/// The place of an item of the list at a place.
pub(super) fn item(place: &str, index: usize) -> String {
    let mut place = place.to_owned();
    // Writing to a text cannot fail.
    let _ = write!(place, "[{index}]");
    place
}

/// The place as the subject of a sentence.
pub(super) fn subject(place: &str) -> String {
    if place.is_empty() { "The arguments".to_owned() } else { format!("`{place}`") }
}
