//! One call of which nobody can tell whether it took effect, and the form with which a person says so.

use std::fmt::{self, Display};

use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use executor_core::{ErrorCode, Failure, Json, Principal, Scope};
use executor_engine::{CallOutcome, CallView, ResolveCall, TaskView, Workspace};
use serde::Deserialize;

use super::code::Code;
use super::frame::{Frame, Trouble};
use super::html::Escaped;
use super::{entrance, has_session, page, see_other, status_of, time};
use crate::access;
use crate::routes::CallName;
use crate::state::Shared;

/// The form as it was filled in.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Filled {
    /// `completed`, `retry` or `failed`.
    outcome: String,
    result: String,
    reason: String,
}

struct Found {
    workspace: Workspace,
    task: TaskView,
    call: CallView,
}

/// The call and the form. Needs the scope `read`.
pub(super) async fn show(
    State(state): State<Shared>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    let found = match access::principal(&state, &Method::GET, &headers).await {
        Ok(principal) => find(&state, &principal, &id).await,
        Err(failure) => Err(failure),
    };
    match found {
        Ok(found) => shown(&state, &headers, &found, &Filled::default(), None),
        Err(failure) => entrance::stranger(&state, &failure),
    }
}

/// Says what became of the call. Needs the scope `approve`.
pub(super) async fn resolve(
    State(state): State<Shared>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Form(filled): Form<Filled>,
) -> Response {
    let found = match access::of_form(&state, &headers).await {
        Ok(principal) => find(&state, &principal, &id).await,
        Err(failure) => Err(failure),
    };
    let found = match found {
        Ok(found) => found,
        Err(failure) => return entrance::stranger(&state, &failure),
    };
    let resolved = match filled.resolution() {
        Ok(wanted) => found.workspace.resolve_call(found.task.summary.id, found.call.number, wanted).await,
        Err(failure) => Err(failure),
    };
    match resolved {
        Ok(_) => see_other("/approvals"),
        Err(failure) => shown(&state, &headers, &found, &filled, Some(&failure)),
    }
}

async fn find(state: &Shared, principal: &Principal, id: &str) -> Result<Found, Failure> {
    let none = || Failure::new(ErrorCode::NotFound, format!("No call `{id}` waits for you."));
    let name: CallName = id.parse().map_err(|_| none())?;
    for view in state.executor.workspaces(principal).await? {
        let workspace = state.executor.enter(principal, &view.id.to_string()).await?;
        let task = match workspace.task(name.task).await {
            Ok(task) => task,
            Err(failure) if failure.code == ErrorCode::NotFound => continue,
            Err(failure) => return Err(failure),
        };
        let call = task.unknown_calls.iter().find(|call| call.number == name.number).cloned();
        let call = call.ok_or_else(none)?;
        return Ok(Found { workspace, task, call });
    }
    Err(none())
}

fn shown(
    state: &Shared,
    headers: &HeaderMap,
    found: &Found,
    filled: &Filled,
    trouble: Option<&Failure>,
) -> Response {
    let frame = Frame {
        title: format!("{} – Executor", found.call.path),
        badge: None,
        version: state.version,
        refresh: None,
        has_session: has_session(state, headers),
        main: Content { found, filled, trouble },
    };
    page(trouble.map_or(StatusCode::OK, status_of), frame.to_string())
}

impl Filled {
    fn resolution(&self) -> Result<ResolveCall, Failure> {
        let invalid = |message: String| Failure::new(ErrorCode::InvalidRequest, message);
        let outcome = match self.outcome.as_str() {
            "completed" => CallOutcome::Completed,
            "retry" => CallOutcome::Retry,
            "failed" => CallOutcome::Failed,
            _ => return Err(invalid("Say what became of the call.".to_owned())),
        };
        let result = match self.result.trim() {
            text if text.is_empty() || outcome != CallOutcome::Completed => None,
            text => Some(
                Json::parse(text.to_owned())
                    .map_err(|error| invalid(format!("The result is not JSON: {error}.")))?,
            ),
        };
        let reason = Some(self.reason.trim().to_owned()).filter(|reason| !reason.is_empty());
        Ok(ResolveCall { outcome, result, reason })
    }
}

struct Content<'a> {
    found: &'a Found,
    filled: &'a Filled,
    trouble: Option<&'a Failure>,
}

impl Display for Content<'_> {
    fn fmt(&self, page: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Found { workspace, task, call } = self.found;
        writeln!(
            page,
            "<p class=\"back\"><a href=\"/approvals\">All approvals</a></p>\n<h1><code>{}</code> \
             <span class=\"badge waiting\">unknown</span></h1>",
            Escaped(&call.path)
        )?;
        if let Some(failure) = self.trouble {
            write!(page, "{}", Trouble("Nothing was said", failure))?;
        }
        writeln!(
            page,
            "<section>\n<h2>Did it take effect?</h2>\n<p>The request left at {}, and no answer came. It must not be \
             repeated blindly: look where it went whether it took effect, and say so here. The task goes on then.</p>",
            call.started_at.map(time::moment).unwrap_or_default()
        )?;
        match workspace.principal().scopes.contains(&Scope::Approve) {
            true => self.write_form(page)?,
            false => page.write_str(
                "<p>You may not say so: this needs the scope <code>approve</code>. <a href=\"/sign-in\">How to get \
                 in</a></p>\n",
            )?,
        }
        write!(
            page,
            "</section>\n<section>\n<h2>The code <small>task {}</small></h2>\n{}</section>\n",
            task.summary.id,
            Code { text: &task.code, asks: None }
        )
    }
}

impl Content<'_> {
    fn write_form(&self, page: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            page,
            "<form method=\"post\" action=\"/calls/{}.{}\">\n<label for=\"reason\">How you know \
             <span class=\"faint\">for the record</span></label>\n\
             <textarea id=\"reason\" name=\"reason\" class=\"text\" rows=\"2\">\n{}</textarea>\n<label for=\"result\">If it took \
             effect: what the code gets, as JSON</label>\n\
             <textarea id=\"result\" name=\"result\" rows=\"4\" spellcheck=\"false\" placeholder=\"null\">\n{}</textarea>\n\
             <p class=\"actions\"><button class=\"primary\" name=\"outcome\" value=\"completed\">It took effect</button> \
             <button name=\"outcome\" value=\"retry\">It did not: make it again</button> \
             <button class=\"danger\" name=\"outcome\" value=\"failed\">It did not: fail</button></p>\n</form>",
            self.found.task.summary.id,
            self.found.call.number,
            Escaped(&self.filled.reason),
            Escaped(&self.filled.result),
        )
    }
}
