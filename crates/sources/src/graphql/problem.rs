//! What is wrong with a document or a selection, as a sentence.

use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::DiagnosticList;

use super::api::Api;

/// How alike two names have to be for one to be offered for the other.
const ALIKE: f64 = 0.5;
/// The most characters of a message.
const MAX_MESSAGE: usize = 300;

/// The first problem, and where it is. `lines_before` stand before the text as it was given.
pub(super) fn first(api: &Api, problems: &DiagnosticList, what: &str, lines_before: usize) -> String {
    let Some(problem) = problems.iter().next() else { return format!("{what} is not valid.") };
    let message: String = problem.error.to_string().chars().take(MAX_MESSAGE).collect();
    let place = problem.line_column_range().map(|range| range.start);
    let place = place.map(|place| {
        format!(" at line {} column {}", place.line.saturating_sub(lines_before).max(1), place.column)
    });
    let place = place.unwrap_or_default();
    let hint = nearest(api, &message).map(|name| format!(" Did you mean `{name}`?")).unwrap_or_default();
    format!("{what} is not valid{place}: {message}.{hint}")
}

/// The field that may have been meant, where the message is about one that is not there.
fn nearest<'a>(api: &'a Api, message: &str) -> Option<&'a str> {
    let parts: Vec<_> = message.split('`').collect();
    let ["type ", owner, " does not have a field ", wanted, ""] = parts[..] else { return None };
    let fields = match api.definition(owner)? {
        ExtendedType::Object(object) => &object.fields,
        ExtendedType::Interface(interface) => &interface.fields,
        _ => return None,
    };
    let scored =
        fields.keys().map(|name| (strsim::normalized_damerau_levenshtein(wanted, name), name.as_str()));
    let best = scored.max_by(|(one, _), (other, _)| one.total_cmp(other));
    best.filter(|(score, _)| *score >= ALIKE).map(|(_, name)| name)
}
