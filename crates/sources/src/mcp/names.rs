//! What the tools of a server are called here.

use executor_core::Digest;

use super::import::Item;
use crate::openapi::naming::{segments, shorten, unique};

/// The name of each item, in their order; no two fold alike. Where two would, those of ours come first, and then the one
/// that the server's own spelling puts first keeps it.
pub(super) fn all(items: &[Item<'_>]) -> Vec<String> {
    let named = items.iter().map(|item| {
        let (group, rank) = match item {
            Item::Tool(_) => ("", '1'),
            Item::Prompt(_) => ("prompts.", '0'),
            Item::ReadResource | Item::ListResources => ("resources.", '0'),
        };
        // The blank at the end says that there is no method that could tell two of them apart.
        (shorten(format!("{group}{}", name(item.own_name()))), format!("{rank}{} ", item.own_name()))
    });
    unique(&named.collect::<Vec<_>>())
}

/// `get_file_contents` as it is, `repo/list-files` as `repo.listFiles`; a name without a letter gets one of its digest.
fn name(own: &str) -> String {
    let segments = segments(own);
    if segments.is_empty() {
        return format!("tool_{}", &Digest::of(own.as_bytes()).to_string()[..8]);
    }
    segments.join(".")
}
