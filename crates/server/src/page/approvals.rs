//! What waits for a person, in all workspaces that its reader may see.

use std::fmt::{self, Display};

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use executor_core::approval::ApprovalStatus;
use executor_core::task::TaskStatus;
use executor_core::{Failure, Principal, Scope, TaskId};
use executor_engine::{ApprovalView, CallView, PageRequest, Workspace, WorkspaceView};

use super::frame::Frame;
use super::html::Escaped;
use super::{entrance, has_session, page, time};
use crate::access;
use crate::state::Shared;

/// How many approvals of a workspace are shown.
const MOST_APPROVALS: u32 = 200;

/// How many waiting tasks of a workspace are asked for calls of which nobody can tell.
const MOST_TASKS: u32 = 100;

/// How often the page is loaded anew, in seconds.
const REFRESH: u32 = 5;

/// What waits in a workspace.
struct Waiting {
    workspace: WorkspaceView,
    approvals: Vec<ApprovalView>,
    unknown: Vec<(TaskId, CallView)>,
}

struct Content(Vec<Waiting>);

/// The open approvals and the calls of which nobody can tell. Needs the scope `read` or `approve`.
pub(super) async fn show(State(state): State<Shared>, headers: HeaderMap) -> Response {
    let found = match access::principal(&state, &Method::GET, &headers).await {
        Ok(principal) => waiting(&state, &principal).await,
        Err(failure) => Err(failure),
    };
    match found {
        Ok(waiting) => {
            let frame = Frame {
                title: "Approvals – Executor".to_owned(),
                badge: None,
                version: state.version,
                refresh: Some(REFRESH),
                has_session: has_session(&state, &headers),
                main: Content(waiting),
            };
            page(StatusCode::OK, frame.to_string())
        }
        Err(failure) => entrance::stranger(&state, &failure),
    }
}

async fn waiting(state: &Shared, principal: &Principal) -> Result<Vec<Waiting>, Failure> {
    let mut waiting = Vec::new();
    for view in state.executor.workspaces(principal).await? {
        let workspace = state.executor.enter(principal, &view.id.to_string()).await?;
        let page = PageRequest { cursor: None, limit: Some(MOST_APPROVALS) };
        waiting.push(Waiting {
            approvals: workspace.approvals(Some(ApprovalStatus::Open), None, &page).await?.items,
            unknown: unknown_calls(&workspace).await?,
            workspace: view,
        });
    }
    Ok(waiting)
}

async fn unknown_calls(workspace: &Workspace) -> Result<Vec<(TaskId, CallView)>, Failure> {
    let mut unknown = Vec::new();
    if !workspace.principal().scopes.contains(&Scope::Read) {
        return Ok(unknown);
    }
    let page = PageRequest { cursor: None, limit: Some(MOST_TASKS) };
    for task in workspace.tasks(Some(TaskStatus::Waiting), &page).await?.items {
        let calls = workspace.task(task.id).await?.unknown_calls;
        unknown.extend(calls.into_iter().map(|call| (task.id, call)));
    }
    Ok(unknown)
}

impl Display for Content {
    fn fmt(&self, page: &mut fmt::Formatter<'_>) -> fmt::Result {
        page.write_str("<h1>Approvals</h1>\n")?;
        if self.0.iter().all(|waiting| waiting.approvals.is_empty() && waiting.unknown.is_empty()) {
            return page.write_str(
                "<section>\n<h2>Nothing waits for you</h2>\n<p class=\"empty\">When a call needs a person, it is \
                 shown here; this page looks again by itself.</p>\n</section>\n",
            );
        }
        let is_named = self.0.len() > 1;
        for waiting in &self.0 {
            if is_named && !(waiting.approvals.is_empty() && waiting.unknown.is_empty()) {
                writeln!(page, "<h2 class=\"workspace\">{}</h2>", Escaped(&waiting.workspace.name))?;
            }
            write_approvals(page, &waiting.approvals)?;
            write_unknown(page, &waiting.unknown)?;
        }
        Ok(())
    }
}

fn write_approvals(page: &mut fmt::Formatter<'_>, approvals: &[ApprovalView]) -> fmt::Result {
    if approvals.is_empty() {
        return Ok(());
    }
    page.write_str(
        "<section>\n<h2>To decide <small>newest first</small></h2>\n<table>\n<thead><tr><th>Tool</th>\
         <th class=\"wide\">About</th><th>Asked</th><th>Expires</th></tr></thead>\n<tbody>\n",
    )?;
    for approval in approvals {
        let about = match (&approval.question, &approval.request) {
            (Some(question), _) => question.title.clone(),
            (None, Some(request)) => format!("{} {}", request.method, request.url),
            (None, None) => String::new(),
        };
        writeln!(
            page,
            "<tr><td><a class=\"strong\" href=\"/approvals/{}\"><code>{}</code></a></td>\
             <td class=\"cut\"><code>{}</code></td><td class=\"faint\">{}</td><td class=\"faint\">{}</td></tr>",
            approval.id,
            Escaped(&approval.path),
            Escaped(about),
            time::moment(approval.created_at),
            time::moment(approval.expires_at),
        )?;
    }
    page.write_str("</tbody>\n</table>\n</section>\n")
}

fn write_unknown(page: &mut fmt::Formatter<'_>, calls: &[(TaskId, CallView)]) -> fmt::Result {
    if calls.is_empty() {
        return Ok(());
    }
    page.write_str(
        "<section>\n<h2>Calls of which nobody can tell <small>no answer came, and they must not be repeated</small></h2>\n\
         <table>\n<thead><tr><th class=\"wide\">Tool</th><th>Left</th></tr></thead>\n<tbody>\n",
    )?;
    for (task, call) in calls {
        writeln!(
            page,
            "<tr><td><a class=\"strong\" href=\"/calls/{task}.{}\"><code>{}</code></a></td><td class=\"faint\">{}</td></tr>",
            call.number,
            Escaped(&call.path),
            call.started_at.map(time::moment).unwrap_or_default(),
        )?;
    }
    page.write_str("</tbody>\n</table>\n</section>\n")
}
