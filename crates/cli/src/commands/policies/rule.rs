//! A rule on the command line.

use clap::Args;
use serde_json::{Map, Value, json};

/// The roles that approve where the rule names nobody.
const DEFAULT_APPROVERS: [&str; 2] = ["owner", "admin"];

/// Which calls a rule is about besides the tool, and who approves them.
#[derive(Debug, Args)]
#[command(next_help_heading = "The rule")]
pub(super) struct RuleOptions {
    /// Whose rule it is
    #[arg(long, default_value = "workspace", value_parser = ["organization", "workspace", "account"])]
    layer: String,
    /// Its place in the layer; the lowest is asked first, and a new rule comes last
    #[arg(long, allow_negative_numbers = true)]
    position: Option<i64>,
    /// Only calls over this connection: an id, or its owner and name as `workspace/work`
    #[arg(long)]
    connection: Option<String>,
    /// Only calls of which this holds: CEL over args, tool, connection and caller
    #[arg(long, value_name = "CEL")]
    condition: Option<String>,
    /// Only callers like this: `role:member`, `group:ops`, `client:NAME`, `toolkit:NAME` or `account:ID`
    #[arg(long, value_name = "KIND:NAME", value_parser = caller)]
    caller: Vec<(String, String)>,
    /// Who may approve, instead of an owner or admin: `role:member`, `group:ops` or `account:ID`
    #[arg(long, value_name = "KIND:NAME", value_parser = approver)]
    approver: Vec<(String, String)>,
    /// How many of them have to
    #[arg(long, value_name = "NUMBER")]
    approver_count: Option<u32>,
    /// The one whose task it is does not count
    #[arg(long)]
    exclude_submitter: bool,
    /// The agent itself may carry the decision
    #[arg(long)]
    model_may_approve: bool,
}

impl RuleOptions {
    /// The rule as the API takes it.
    pub(super) fn body(&self, tools: &str, effect: &str) -> Value {
        let mut rule = json!({ "tools": tools, "effect": effect, "layer": self.layer });
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                rule[name] = value;
            }
        };
        set("position", self.position.map(Value::from));
        set("connection", self.connection.clone().map(Value::from));
        set("condition", self.condition.clone().map(Value::from));
        if !self.caller.is_empty() {
            let caller: Map<_, _> =
                self.caller.iter().map(|(kind, name)| (kind.clone(), name.as_str().into())).collect();
            set("caller", Some(caller.into()));
        }
        set("approvers", self.approvers());
        rule
    }

    fn approvers(&self) -> Option<Value> {
        let is_default = self.approver.is_empty() && self.approver_count.is_none();
        if is_default && !self.exclude_submitter && !self.model_may_approve {
            return None;
        }
        let of = |wanted: &str| -> Vec<&str> {
            self.approver.iter().filter(|(kind, _)| kind == wanted).map(|(_, name)| name.as_str()).collect()
        };
        let roles = if self.approver.is_empty() { DEFAULT_APPROVERS.to_vec() } else { of("role") };
        Some(json!({
            "roles": roles,
            "accounts": of("account"),
            "groups": of("group"),
            "count": self.approver_count.unwrap_or(1),
            "excludesSubmitter": self.exclude_submitter,
            "modelMayApprove": self.model_may_approve,
        }))
    }
}

fn caller(text: &str) -> Result<(String, String), String> {
    named(text, &["role", "group", "client", "toolkit", "account"])
}

fn approver(text: &str) -> Result<(String, String), String> {
    named(text, &["role", "group", "account"])
}

fn named(text: &str, kinds: &[&str]) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((kind, name)) if kinds.contains(&kind) && !name.is_empty() => Ok((kind.into(), name.into())),
        _ => {
            let forms: Vec<_> = kinds.iter().map(|kind| format!("`{kind}:…`")).collect();
            Err(format!("write it as {}", forms.join(", ")))
        }
    }
}
