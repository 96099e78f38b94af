//! The person who decides about calls. What they say depends on nothing but the call's site, so that a program ends
//! the same whenever they say it: see [`crate::upstream`] for the sites.

use serde_json::{Value, json};

/// The rules with which a person is asked about exactly the sites for which there is something to say.
pub fn rules() -> [Value; 2] {
    let asked = SITES.map(|kind| format!("args.marker.contains('.{kind}')")).join(" || ");
    [
        json!({ "tools": "world.write", "effect": "require_approval", "condition": asked }),
        json!({ "tools": "world.*", "effect": "allow" }),
    ]
}

/// The sites about which a person is asked: approved, denied, approved with other arguments.
const SITES: [char; 3] = ['a', 'd', 'e'];

/// The nonce of a call that was edited. No program chooses it.
pub const EDITED: f64 = -1.0;

/// Whether a person is asked about a site.
pub fn is_asked(site: &str) -> bool {
    site.starts_with(SITES)
}

/// Whether what they approve is not what the program wrote.
pub fn is_edited(site: &str) -> bool {
    site.starts_with('e')
}

/// What is said about a call with these arguments.
pub fn decision(arguments: &Value) -> Value {
    let marker = arguments["marker"].as_str().unwrap_or_default();
    let site = marker.rsplit('.').next().unwrap_or_default();
    if site.starts_with('d') {
        json!({ "decision": "deny", "reason": "not this one" })
    } else if is_edited(site) {
        json!({ "decision": "approve", "arguments": { "marker": marker, "nonce": EDITED } })
    } else {
        json!({ "decision": "approve" })
    }
}

/// Whether only a person can take a task on who says what nobody here knows: a kill has left it with a call of which
/// nobody can tell.
pub fn knows_nothing_of(task: &Value) -> bool {
    let is_decided = task["approvals"].as_array().is_none_or(Vec::is_empty);
    task["status"] == "waiting" && task["unknownCalls"].is_array() && is_decided
}
