//! What a person fills in, and the decision that it stands for.

use executor_core::approval::{Question, Verdict};
use executor_core::{Digest, ErrorCode, Failure, Json};
use executor_engine::{ApprovalView, REDACTED, Remember, ResolveApproval};
use serde::Deserialize;
use serde_json::Value;

/// The form as it was filled in.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::page) struct Filled {
    /// `approve` or `deny`.
    pub(super) decision: String,
    pub(super) reason: String,
    /// What a question is answered with.
    pub(super) answer: String,
    /// The arguments as they were shown, or others in their place.
    pub(super) arguments: Option<String>,
    /// Nothing, `task` or `rule`.
    pub(super) remember: String,
    /// What was shown, by its digest.
    pub(super) shown: String,
}

/// What a decision is about, as one text: if it is another one, something else was shown.
pub(super) fn digest_of(approval: &ApprovalView) -> String {
    let request = approval.request.as_ref();
    let (method, url) = request.map_or(("", ""), |request| (request.method.as_str(), request.url.as_str()));
    let said = [method, url, approval.arguments.as_str()];
    Digest::of(said.join("\n").as_bytes()).to_string()
}

impl Filled {
    /// The decision, about what is there today.
    pub(super) fn decision(&self, approval: &ApprovalView) -> Result<ResolveApproval, Failure> {
        let decision = match self.decision.as_str() {
            "approve" => Verdict::Approve,
            "deny" => Verdict::Deny,
            _ => return Err(invalid("Say whether you approve or deny.")),
        };
        let reason = Some(self.reason.trim().to_owned()).filter(|reason| !reason.is_empty());
        if decision == Verdict::Deny {
            return Ok(ResolveApproval { reason, ..ResolveApproval::plain(decision) });
        }
        // Where there is nothing to decide any more, that is what is said.
        if approval.status.is_open() && self.shown != digest_of(approval) {
            let message = "What will be sent has changed since you looked.";
            return Err(invalid(message).with_hint("Look at it again, and then decide."));
        }
        if let Some(question) = &approval.question {
            let answer = Some(self.answered(question)?);
            return Ok(ResolveApproval { reason, answer, ..ResolveApproval::plain(decision) });
        }
        let remember = match self.remember.as_str() {
            "" => None,
            "task" => Some(Remember::Task),
            "rule" => Some(Remember::Rule),
            other => return Err(invalid(format!("`{other}` is nothing to remember."))),
        };
        let arguments = self.edited(&approval.arguments)?;
        Ok(ResolveApproval { reason, remember, arguments, ..ResolveApproval::plain(decision) })
    }

    /// A text as it is; anything else as JSON.
    fn answered(&self, question: &Question) -> Result<Json, Failure> {
        let answer = self.answer.trim();
        if question.schema.is_none() {
            return Ok(Json::from(&Value::from(answer)));
        }
        Json::parse(answer.to_owned()).map_err(|error| {
            invalid(format!("The answer is not JSON: {error}.")).with_hint("Write a text as \"text\".")
        })
    }

    /// The arguments, if they are others than those that were shown.
    fn edited(&self, shown: &Json) -> Result<Option<Json>, Failure> {
        let Some(text) = self.arguments.as_deref().filter(|text| !text.trim().is_empty()) else {
            return Ok(None);
        };
        let unreadable = |error: serde_json::Error| {
            invalid(format!("The arguments are not JSON: {error}."))
                .with_hint("Correct them; nothing was decided.")
        };
        let wanted: Value = serde_json::from_str(text).map_err(unreadable)?;
        if shown.read::<Value>().is_ok_and(|shown| shown == wanted) {
            return Ok(None);
        }
        if holds_redacted(&wanted) {
            let message = format!("The arguments hold `{REDACTED}`, which would be sent as it stands.");
            return Err(invalid(message).with_hint("Write the values themselves, or change nothing."));
        }
        Json::parse(text.to_owned()).map(Some).map_err(unreadable)
    }
}

fn holds_redacted(value: &Value) -> bool {
    match value {
        Value::String(text) => text == REDACTED,
        Value::Array(items) => items.iter().any(holds_redacted),
        Value::Object(members) => members.values().any(holds_redacted),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn invalid(message: impl Into<String>) -> Failure {
    Failure::new(ErrorCode::InvalidRequest, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(text: &str) -> Result<Option<String>, Failure> {
        let shown = Json::parse(r#"{"name":"x","token":"[redacted]"}"#.to_owned()).unwrap();
        let filled = Filled { arguments: Some(text.to_owned()), ..Filled::default() };
        filled.edited(&shown).map(|json| json.map(|json| json.as_str().to_owned()))
    }

    #[test]
    fn arguments_that_only_look_different_are_not_edited() {
        assert_eq!(edited("{\r\n \"token\": \"[redacted]\", \"name\": \"x\" }").unwrap(), None);
        assert_eq!(edited("  ").unwrap(), None);
        assert_eq!(
            edited(r#"{"name":"y","token":"t"}"#).unwrap().as_deref(),
            Some(r#"{"name":"y","token":"t"}"#)
        );
    }

    #[test]
    fn what_hides_a_secret_is_never_sent_in_its_place() {
        let refused = edited(r#"{"name":"y","token":"[redacted]"}"#).unwrap_err();
        assert!(refused.message.contains("[redacted]"), "{refused:?}");
        assert!(edited("{name: 1}").unwrap_err().message.contains("not JSON"));
    }
}
