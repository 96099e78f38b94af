//! `tools.executor.ask`: a question of the code to a person. It is a held call as any other: numbered, journalled, shown
//! among the approvals, and answered there; who declines to answer denies it. What an API asks (`dialogue`) is a question
//! of the same form.

use executor_catalog::arguments::ArgumentsChecker;
use executor_core::approval::{ApproverCondition, Envelope, Question};
use executor_core::journal::CallIssued;
use executor_core::policy::{Decision, Effect, Voice};
use executor_core::{AccountId, Digest, ErrorCode, Failure, Json, ToolError, ToolPath};
use executor_store::{Approval, Error};
use serde_json::{Value, json};

/// The path of the tool.
pub(crate) const PATH: &str = "executor.ask";

/// How long a title may be, and the details.
const MOST_TITLE_CHARACTERS: usize = 300;
const MOST_DETAILS_CHARACTERS: usize = 10_000;

/// The name of the one member in which an answer is checked.
const ANSWER: &str = "answer";

/// The question of a call, or what is wrong with it.
pub(crate) fn read(call: &CallIssued) -> Result<Question, ToolError> {
    let wrong = |what: String| {
        ToolError::new(ErrorCode::InvalidArguments, PATH, what)
            .with_hint("Write it as tools.executor.ask({ title: \"Which one?\", details, schema }).")
    };
    let question: Question = call
        .arguments
        .read()
        .map_err(|error| wrong(format!("The arguments of `{PATH}` do not fit: {error}.")))?;
    let is_long = |text: &str, most: usize| text.chars().nth(most).is_some();
    if question.title.trim().is_empty() || is_long(&question.title, MOST_TITLE_CHARACTERS) {
        return Err(wrong(format!("`title` has 1 to {MOST_TITLE_CHARACTERS} characters.")));
    }
    if question.details.as_deref().is_some_and(|details| is_long(details, MOST_DETAILS_CHARACTERS)) {
        return Err(wrong(format!("`details` has at most {MOST_DETAILS_CHARACTERS} characters.")));
    }
    if question.schema.as_ref().is_some_and(|schema| !schema.as_str().starts_with('{')) {
        return Err(wrong("`schema` has to be a JSON Schema: an object.".to_owned()));
    }
    if let Some(why) = checker(&question).degraded() {
        return Err(wrong(format!("`schema` cannot be used: {why}.")));
    }
    Ok(question)
}

/// The question that an approval is about, if it is about one.
pub(crate) fn of(approval: &Approval) -> Option<Question> {
    // What is about a request is about no question.
    if approval.request.is_some() {
        return None;
    }
    approval.envelope.arguments.read().ok()
}

/// What an answer is bound to.
pub(crate) fn envelope(question: &Question) -> Result<Envelope, Error> {
    let broken = |error: &dyn std::fmt::Display| Error::Other(error.to_string());
    Ok(Envelope {
        path: PATH.parse::<ToolPath>().map_err(|error| broken(&error))?,
        operation: Digest::of(PATH.as_bytes()),
        origin: "executor:".to_owned(),
        connection: None,
        arguments: Json::from_serialize(question).map_err(|error| broken(&error))?,
    })
}

/// Why a person is asked, and who: whose task it is, and who decides otherwise.
pub(crate) fn decision(submitter: AccountId, reason: String) -> Decision {
    let voice = Voice { layer: None, rule: None, review: false, effect: Effect::RequireApproval, reason };
    let approvers = ApproverCondition { accounts: [submitter].into(), ..ApproverCondition::default() };
    Decision {
        effect: Effect::RequireApproval,
        decided_by: voice.clone(),
        voices: vec![voice],
        approvers: vec![approvers],
    }
}

/// Fails with [`ErrorCode::InvalidArguments`] unless the answer is what the question wants.
pub(crate) fn check(question: &Question, answer: &Json) -> Result<(), Failure> {
    let answer: Value = answer.read().unwrap_or_default();
    let Err(problems) = checker(question).check(&json!({ ANSWER: answer })) else { return Ok(()) };
    let what = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
    Err(Failure::new(ErrorCode::InvalidArguments, format!("The answer does not fit: {what}"))
        .with_hint("The question's `schema` says what is wanted; without one it is a text."))
}

fn checker(question: &Question) -> ArgumentsChecker {
    let text = || json!({ "type": "string" });
    let schema = question.schema.as_ref().and_then(|schema| schema.read().ok()).unwrap_or_else(text);
    let whole = json!({
        "type": "object",
        "properties": { ANSWER: schema },
        "required": [ANSWER],
        "additionalProperties": false,
    });
    ArgumentsChecker::compile(&Json::from(&whole), &|_| None)
}
