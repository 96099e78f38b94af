//! The question about one approval, and what a user's answer to it means.

use std::collections::BTreeSet;

use executor_core::approval::Verdict;
use executor_core::{ApprovalId, ErrorCode, Failure};
use executor_engine::{ApprovalView, Remember, ResolveApproval, TaskView, Workspace};
use rmcp::RoleServer;
use rmcp::model::{ElicitRequestParams, ElicitResult, ElicitationAction, ElicitationSchema, EnumSchema};
use rmcp::service::RequestContext;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::shorten;

/// What of the arguments is shown; all of it is on the page.
const MOST_ARGUMENT_CHARACTERS: usize = 2_000;

/// The one member of a form whose answer is no object.
const ANSWER: &str = "answer";

/// What a client can show its user.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Modes {
    form: bool,
    url: bool,
}

impl Modes {
    pub(crate) fn of(context: &RequestContext<RoleServer>) -> Self {
        match context.client_capabilities().and_then(|client| client.elicitation) {
            None => Self { form: false, url: false },
            // Before there were two modes, there were forms.
            Some(elicitation) if elicitation.form.is_none() && elicitation.url.is_none() => {
                Self { form: true, url: false }
            }
            Some(elicitation) => Self { form: elicitation.form.is_some(), url: elicitation.url.is_some() },
        }
    }

    pub(crate) fn any(self) -> bool {
        self.form || self.url
    }
}

/// A question about one approval.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) approval: ApprovalId,
    pub(crate) params: ElicitRequestParams,
}

/// What follows from an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answered {
    /// It is decided, by this answer or by somebody else before.
    Decided,
    /// The user has gone to decide on the page.
    Elsewhere,
    /// The user wants to decide later, or not at all.
    Left,
}

/// What a client's user can be asked about a task, but for what was `asked` before. `page` is where all approvals are.
pub(crate) fn questions(
    task: &TaskView,
    modes: Modes,
    page: &str,
    asked: &BTreeSet<ApprovalId>,
) -> Vec<Question> {
    let fresh = task.approvals.iter().filter(|approval| !asked.contains(&approval.id));
    let questions = fresh.filter_map(|approval| {
        let form = if approval.may_decide && modes.form { form(approval) } else { None };
        let params = form.or_else(|| modes.url.then(|| address(approval, page)))?;
        Some(Question { approval: approval.id, params })
    });
    questions.collect()
}

/// The form for an approval; none where what the code asks fits in no form.
fn form(approval: &ApprovalView) -> Option<ElicitRequestParams> {
    let requested_schema = match &approval.question {
        Some(question) => answer_schema(question)?,
        None => decision_schema(),
    };
    Some(ElicitRequestParams::FormElicitationParams { meta: None, message: text(approval), requested_schema })
}

fn decision_schema() -> ElicitationSchema {
    let decision = EnumSchema::builder(vec!["approve".to_owned(), "deny".to_owned()])
        .untitled()
        .title("Decision")
        .description("Approve sends exactly this request, once.")
        .build();
    let schema = ElicitationSchema::builder()
        .required_enum_schema("decision", decision)
        .optional_string_with("reason", |text| {
            text.title("Reason").description("The agent learns it with a denial.")
        })
        .optional_bool_with("rememberForTask", |flag| {
            flag.title("For the rest of this task")
                .description("Approve all further calls of this tool over this connection in this task.")
                .with_default(false)
        });
    // Its one check is that what is required is there.
    schema.build_unchecked()
}

/// A form is an object of simple members. The answer is that object, or the one member of it.
fn answer_schema(question: &executor_core::approval::Question) -> Option<ElicitationSchema> {
    let wanted = match &question.schema {
        Some(schema) => schema.read::<Value>().ok()?,
        None => json!({ "type": "string", "title": "Answer" }),
    };
    let whole = match wanted["type"] == "object" {
        true => wanted,
        false => json!({ "type": "object", "properties": { ANSWER: wanted }, "required": [ANSWER] }),
    };
    serde_json::from_value(whole).ok()
}

fn address(approval: &ApprovalView, page: &str) -> ElicitRequestParams {
    ElicitRequestParams::UrlElicitationParams {
        meta: None,
        message: format!("{}\n\nA person who may decide does so on this page.", text(approval)),
        url: format!("{page}/{}", approval.id),
        elicitation_id: approval.id.to_string(),
    }
}

fn text(approval: &ApprovalView) -> String {
    if let Some(question) = &approval.question {
        let details = question.details.as_deref().unwrap_or_default();
        return format!("{}\n{details}", question.title).trim_end().to_owned();
    }
    let arguments = approval.arguments.as_str();
    let shown = match shorten::head(arguments, MOST_ARGUMENT_CHARACTERS) {
        Some(head) => format!("{head}…"),
        None => arguments.to_owned(),
    };
    let request = approval.request.as_ref();
    let request = request.map(|request| format!("{} {}\n", request.method, request.url)).unwrap_or_default();
    let line = approval.line.map(|line| format!(", line {line} of its code")).unwrap_or_default();
    format!(
        "May a task call {}?\n{request}Arguments: {shown}\nCall {}{line}. {}",
        approval.path, approval.call, approval.reason
    )
}

/// What a form is filled in with.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filled {
    decision: Verdict,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    remember_for_task: bool,
}

/// Does what a user's answer says. Nothing else is done with an answer that cannot be read.
pub(crate) async fn settle(
    workspace: &Workspace,
    approval: ApprovalId,
    was_form: bool,
    answer: ElicitResult,
) -> Result<Answered, Failure> {
    let decision = match (answer.action, was_form) {
        (ElicitationAction::Accept, true) => {
            let content = answer.content.unwrap_or_default();
            match workspace.approval(approval).await?.question {
                Some(question) => answered(&question, content),
                None => filled_in(content)?,
            }
        }
        (ElicitationAction::Accept, false) => return Ok(Answered::Elsewhere),
        (ElicitationAction::Decline, true) => ResolveApproval {
            reason: Some("Declined in the agent's client.".to_owned()),
            ..ResolveApproval::plain(Verdict::Deny)
        },
        _ => return Ok(Answered::Left),
    };
    match workspace.resolve_approval(approval, decision).await {
        Ok(_) => Ok(Answered::Decided),
        Err(failure) if failure.code == ErrorCode::ApprovalClosed => Ok(Answered::Decided),
        Err(failure) => Err(failure),
    }
}

fn answered(question: &executor_core::approval::Question, content: Value) -> ResolveApproval {
    let wants_object = question.schema.as_ref().and_then(|schema| schema.read::<Value>().ok());
    let answer = match wants_object.is_some_and(|schema| schema["type"] == "object") {
        true => &content,
        false => &content[ANSWER],
    };
    ResolveApproval { answer: Some(answer.into()), ..ResolveApproval::plain(Verdict::Approve) }
}

fn filled_in(content: Value) -> Result<ResolveApproval, Failure> {
    let filled: Filled = serde_json::from_value(content).map_err(|error| {
        let message = format!("The answer about an approval cannot be read: {error}.");
        Failure::new(ErrorCode::InvalidRequest, message).with_hint("`decision` is `approve` or `deny`.")
    })?;
    let remembers = filled.remember_for_task && filled.decision == Verdict::Approve;
    Ok(ResolveApproval {
        reason: filled.reason.filter(|reason| !reason.trim().is_empty()),
        remember: remembers.then_some(Remember::Task),
        ..ResolveApproval::plain(filled.decision)
    })
}

impl Question {
    /// Whether its answer decides.
    pub(crate) fn is_form(&self) -> bool {
        matches!(self.params, ElicitRequestParams::FormElicitationParams { .. })
    }
}
