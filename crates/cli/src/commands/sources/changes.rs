//! What a refresh changed, for people.

use serde_json::Value;

use crate::output::{self, ago, member};

/// Whether every tool is as it was accepted.
pub(super) fn are_none(changes: &Value) -> bool {
    tools(changes).is_empty()
}

/// The changed tools, those that need review first.
pub(super) fn show(changes: &Value) {
    let tools = tools(changes);
    if tools.is_empty() {
        return output::text("Every tool is as it was accepted.");
    }
    for needs_review in [true, false] {
        for tool in tools.iter().filter(|tool| tool["needsReview"] == needs_review) {
            show_tool(tool, needs_review);
        }
    }
}

fn show_tool(tool: &Value, needs_review: bool) {
    let mark = if needs_review { "  <- asks until accepted" } else { "" };
    output::text(
        format!("{} {} ({}){mark}", member(tool, "kind"), member(tool, "path"), ago(tool, "since"),),
    );
    if let Some(path) = tool["renamedTo"].as_str() {
        output::text(format!("  renamed to {path}; the old path works for 30 days"));
    }
    for difference in tool["differences"].as_array().into_iter().flatten() {
        output::text(format!("  {}", member(difference, "part").replace('_', " ")));
        for (sign, side) in [("-", "before"), ("+", "after")] {
            let text = member(difference, side);
            for line in text.lines() {
                output::text(format!("    {sign} {line}"));
            }
        }
    }
}

/// What to do about them, after a refresh.
pub(super) fn summary(changes: &Value) {
    let tools = tools(changes);
    let waiting = tools.iter().filter(|tool| tool["needsReview"] == true).count();
    let name = member(changes, "name");
    match (tools.len(), waiting) {
        (0, _) => {}
        (changed, 0) => output::text(format!(
            "{changed} tools are not as they were accepted, and none of them has to be reviewed: executor sources changes {name}"
        )),
        (changed, waiting) => output::text(format!(
            "{changed} tools are not as they were accepted. {waiting} of them ask until somebody has reviewed them: executor sources changes {name}"
        )),
    }
}

/// What is left after some were accepted.
pub(super) fn left(changes: &Value) {
    match tools(changes).len() {
        0 => output::text("Accepted. Every tool is as it was accepted."),
        left => output::text(format!("Accepted. {left} changed tools are left.")),
    }
}

fn tools(changes: &Value) -> Vec<&Value> {
    changes["tools"].as_array().into_iter().flatten().collect()
}
