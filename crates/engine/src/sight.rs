//! Who sees what sensitive tasks carry: whose task it is, and the organization's owners and admins. For all others their
//! code, arguments, results and texts are left out; what was called, when, and how it ended is seen by everybody.

use executor_core::approval::Question;
use executor_core::call::{Outcome, Resolution};
use executor_core::journal::{Entry, Event};
use executor_core::task::{TaskEnd, TaskError};
use executor_core::{AccountId, Digest, ErrorCode, Failure, Json, Principal, Role, TaskId, ToolError};

use crate::redact::REDACTED;
use crate::view::{ApprovalView, TaskView};

/// Whether the principal sees what the sensitive tasks of an account carry.
pub(crate) fn sees(principal: &Principal, submitter: AccountId) -> bool {
    principal.account == submitter
        || [Role::Owner, Role::Admin].iter().any(|role| principal.roles.contains(role))
}

/// What there is to say to those who do not.
pub(crate) fn not_seen(task: TaskId) -> Failure {
    let message = format!("Task {task} has called a tool that is marked as sensitive.");
    Failure::new(ErrorCode::Forbidden, message)
        .with_hint("Only whose task it is and the organization's owners and admins see what it did.")
}

/// A task without what it carries.
pub(crate) fn task(mut view: TaskView) -> TaskView {
    let left_out = || REDACTED.to_owned();
    (view.code, view.summary.title) = (left_out(), left_out());
    view.metadata = None;
    view.result = view.result.map(|_| json());
    view.error = view.error.map(error_of_task);
    view.warnings.iter_mut().for_each(|warning| warning.message = left_out());
    view.console.iter_mut().for_each(|line| line.text = left_out());
    view.emitted.iter_mut().for_each(|emitted| emitted.value = json());
    view
}

/// An approval without what is to be sent.
pub(crate) fn approval(mut view: ApprovalView) -> ApprovalView {
    view.arguments = json();
    if let Some(request) = &mut view.request {
        request.url = REDACTED.to_owned();
        request.headers.clear();
    }
    view.question = None;
    view.code = view.code.map(|_| REDACTED.to_owned());
    view
}

/// An entry as everybody sees it who sees the task. What an API wants back from us is for it alone.
pub(crate) fn of_all(mut entry: Entry) -> Entry {
    if let Event::CallAsked(asked) = &mut entry.event {
        asked.state = asked.state.take().map(|_| REDACTED.to_owned());
    }
    entry
}

/// An entry without what it carries. Digests go as well: of what is one of a few they tell which.
pub(crate) fn entry(entry: Entry) -> Entry {
    let mut entry = of_all(entry);
    match &mut entry.event {
        Event::CallAsked(asked) => {
            asked.arguments = json();
            for asked in &mut asked.questions {
                asked.question = Question { title: REDACTED.to_owned(), details: None, schema: None };
                asked.visit = asked.visit.take().map(|_| REDACTED.to_owned());
            }
        }
        Event::CallProgress(progress) => progress.message = None,
        Event::TaskCreated(created) => created.code = digest(),
        Event::CallIssued(issued) => {
            (issued.arguments, issued.options, issued.digest) = (json(), json(), digest());
        }
        Event::CallHeld(held) => held.envelope = digest(),
        Event::CallStarted(started) => {
            started.sent = digest();
            started.request.url = REDACTED.to_owned();
            started.request.headers.clear();
        }
        Event::CallDecided(decided) => {
            decided.envelope = digest();
            decided.arguments = decided.arguments.take().map(|_| json());
            decided.answer = decided.answer.take().map(|_| json());
        }
        Event::CallResolved(resolved) => {
            if let Resolution::Completed(result) = &mut resolved.resolution {
                *result = json();
            }
        }
        Event::CallSettled(settled) => match &mut settled.outcome {
            Outcome::Completed(value) => *value = json(),
            Outcome::Failed(error) => *error = error_of_call(error),
        },
        Event::Console(line) => line.text = REDACTED.to_owned(),
        Event::Emitted(emitted) => emitted.value = json(),
        Event::TaskEnded(end) => {
            let TaskEnd { status, result, error, .. } = end.clone();
            let (result, error) = (result.map(|_| json()), error.map(error_of_task));
            *end = TaskEnd { status, result, error, warnings: Vec::new() };
        }
        Event::AttemptStarted(_)
        | Event::CallJudged(_)
        | Event::CallUnknown(_)
        | Event::CallWithdrawn(_)
        | Event::TimerFired(_)
        | Event::ProgramEnded(_)
        | Event::TaskWaiting(_)
        | Event::CancelRequested(_) => {}
    }
    entry
}

fn error_of_call(error: &ToolError) -> ToolError {
    let left_out = ToolError::new(error.code, error.path.as_str(), REDACTED);
    ToolError { status: error.status, retryable: error.retryable, ..left_out }
}

fn error_of_task(error: TaskError) -> TaskError {
    let failure = Failure::new(error.failure.code, REDACTED);
    TaskError { writes_done: error.writes_done, location: error.location, ..TaskError::from(failure) }
}

fn digest() -> Digest {
    Digest::of(REDACTED.as_bytes())
}

fn json() -> Json {
    Json::from(&serde_json::Value::from(REDACTED))
}
