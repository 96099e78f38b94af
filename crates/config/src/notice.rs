//! What is odd about a configuration and does no harm.

use std::collections::BTreeSet;

use crate::later;
use crate::settings::VARIABLES;
use crate::sources::{Origin, Sources};

/// Less alike than this, a known name would be a guess and no help.
const MIN_LIKENESS: f64 = 0.75;

/// Something to tell the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Notice {
    /// A name of our kind that we do not know.
    #[error("{name} is not a known setting{}; it comes from: {origin}", suggestion(.nearest))]
    Unknown {
        /// The name.
        name: String,
        /// Where it is set.
        origin: Origin,
        /// The known name that it resembles.
        nearest: Option<&'static str>,
    },
    /// A documented name that this version does not use yet.
    #[error("{name} is set, but is not used by this version")]
    Unused {
        /// The name.
        name: &'static str,
    },
}

/// All that is odd about the names in `sources`.
pub(crate) fn notices(sources: &Sources) -> Vec<Notice> {
    let known: BTreeSet<_> = VARIABLES.iter().flat_map(|variable| variable.names()).collect();
    let mut notices = Vec::new();
    for (name, origin) in sources.names().filter(|(name, _)| !known.contains(name)) {
        if let Some(name) = later::NAMES.iter().find(|later| **later == name) {
            notices.push(Notice::Unused { name });
        } else if Sources::is_ours(name, &origin) {
            notices.push(Notice::Unknown { name: name.to_owned(), origin, nearest: nearest(name) });
        }
    }
    notices
}

fn nearest(name: &str) -> Option<&'static str> {
    let candidates =
        VARIABLES.iter().flat_map(|variable| variable.names()).chain(later::NAMES.iter().copied());
    candidates
        .map(|candidate| (strsim::normalized_damerau_levenshtein(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= MIN_LIKENESS)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}

fn suggestion(nearest: &Option<&str>) -> String {
    nearest.map(|nearest| format!(" (did you mean {nearest}?)")).unwrap_or_default()
}
