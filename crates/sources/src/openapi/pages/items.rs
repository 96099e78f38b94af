//! What is on a page.

use executor_core::{Json, ToolPath};
use indexmap::IndexMap;

use super::fold;

/// Names under which APIs give their lists, the likeliest first.
const NAMES: [&str; 13] = [
    "items", "data", "results", "value", "values", "records", "entries", "list", "objects", "elements",
    "rows", "nodes", "hits",
];

/// How deep a list may lie in an answer, as in `{"response": {"data": […]}}`.
const MAX_DEPTH: usize = 3;

/// The items: the answer itself, if it is a list; else the list in it that is named as lists are, or after the tool, or
/// is the only one.
pub(super) fn of(payload: &Json, path: &ToolPath) -> Option<Vec<Json>> {
    find(payload, &words(path), 0)
}

fn find(value: &Json, words: &str, depth: usize) -> Option<Vec<Json>> {
    if let Some(list) = list(value) {
        return Some(list);
    }
    if depth >= MAX_DEPTH || !value.as_str().starts_with('{') {
        return None;
    }
    let members: IndexMap<String, Json> = value.read().ok()?;
    let lists: Vec<(String, Vec<Json>)> =
        members.iter().filter_map(|(name, member)| Some((fold(name), list(member)?))).collect();
    let named = NAMES.iter().find_map(|name| lists.iter().position(|(own, _)| own == name));
    let meant = || lists.iter().position(|(own, _)| !own.is_empty() && words.contains(own.as_str()));
    let only = || (lists.len() == 1).then_some(0);
    if let Some(chosen) = named.or_else(meant).or_else(only) {
        return lists.into_iter().nth(chosen).map(|(_, list)| list);
    }
    let inside = |name: &str| members.iter().find(|(own, _)| fold(own) == name).map(|(_, member)| member);
    ["data", "response", "result", "payload"]
        .into_iter()
        .filter_map(inside)
        .find_map(|member| find(member, words, depth + 1))
}

fn list(value: &Json) -> Option<Vec<Json>> {
    value.as_str().starts_with('[').then(|| value.read().ok()).flatten()
}

/// The tool's name without case and borders: `users.listRepos` has `repos` in it.
fn words(path: &ToolPath) -> String {
    fold(path.as_str())
}
