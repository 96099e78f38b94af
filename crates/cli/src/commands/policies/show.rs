//! Rules and what they decide, for people.

use serde_json::Value;

use crate::output::{self, member};

/// A rule in one line, without its id.
pub(super) fn about(rule: &Value) -> String {
    let mut parts = Vec::new();
    let mut add = |word: &str, value: String| {
        if !value.is_empty() {
            parts.push(format!("{word} {value}"));
        }
    };
    add("over", member(rule, "connection"));
    let caller = rule["caller"].as_object().into_iter().flatten();
    let caller: Vec<_> =
        caller.map(|(kind, name)| format!("{kind}:{}", name.as_str().unwrap_or_default())).collect();
    add("for", caller.join(" "));
    add("if", member(rule, "condition"));
    add("approved by", approvers(&rule["approvers"]));
    parts.join(", ")
}

fn approvers(condition: &Value) -> String {
    if condition.is_null() {
        return String::new();
    }
    let mut names = Vec::new();
    for (kind, list) in [("role", "roles"), ("group", "groups"), ("account", "accounts")] {
        for name in condition[list].as_array().into_iter().flatten() {
            names.push(format!("{kind}:{}", name.as_str().unwrap_or_default()));
        }
    }
    let count = condition["count"].as_u64().unwrap_or(1);
    let other = if condition["excludesSubmitter"] == true { ", not the submitter" } else { "" };
    format!("{count} of {}{other}", names.join(" "))
}

/// What policy decides about a call, and why.
pub(super) fn explanation(explanation: &Value) {
    output::text(format!("{}: {}", member(explanation, "path"), member(explanation, "effect")));
    for voice in explanation["voices"].as_array().into_iter().flatten() {
        let decided = if *voice == explanation["decidedBy"] { "  <- decides" } else { "" };
        output::text(format!("  {}{decided}", member(voice, "reason")));
    }
    for condition in explanation["approvers"].as_array().into_iter().flatten() {
        output::text(format!("  It takes {}.", approvers(condition)));
    }
    let voices = explanation["voices"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_heard = |rule: &Value| voices.iter().any(|voice| voice["rule"] == rule["id"]);
    let rules = explanation["rules"].as_array().into_iter().flatten();
    let others: Vec<_> = rules.filter(|rule| !is_heard(rule)).collect();
    if !others.is_empty() {
        output::text("Rules about the tool that were not heard:");
    }
    for rule in others {
        let condition = member(rule, "condition");
        let condition = if condition.is_empty() { condition } else { format!(" if {condition}") };
        let (id, effect, reason) = (member(rule, "id"), member(rule, "effect"), member(rule, "reason"));
        output::text(format!("  {id} {effect}{condition}: {reason}"));
    }
    if explanation["hidden"] == true {
        output::text("Every call of the tool is denied, so searches do not show it.");
    }
}

/// What rules would have done to the calls of the past.
pub(super) fn dry_run(report: &Value) -> anyhow::Result<()> {
    let calls = report["calls"].as_u64().unwrap_or_default();
    if calls == 0 {
        output::text("No call has been judged here yet.");
        return Ok(());
    }
    let changed = calls - report["unchanged"].as_u64().unwrap_or_default();
    output::text(format!("Of the last {calls} calls {changed} would have been decided differently."));
    let outcomes = report["outcomes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let row = |outcome: &Value| {
        let example = &outcome["examples"][0];
        let place = format!(
            "{} call {} {}",
            member(example, "task"),
            member(example, "call"),
            member(example, "path")
        );
        vec![member(outcome, "recorded"), member(outcome, "now"), member(outcome, "calls"), place]
    };
    output::list(outcomes, false, &["DECIDED", "WOULD BE", "CALLS", "FOR EXAMPLE"], row, "")
}
