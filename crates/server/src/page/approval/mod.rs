//! One approval: all that a person needs to decide, and the form with which they do.

mod content;
mod form;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use executor_core::approval::require_approver;
use executor_core::{ApprovalId, ErrorCode, Failure, Principal, Scope};
use executor_engine::{ApprovalView, MemberView, Workspace};

use super::frame::Frame;
use super::{entrance, has_session, page, see_other, status_of};
use crate::access;
use crate::state::Shared;

use content::Content;
use form::Filled;

/// An approval, entered in somebody's name.
struct Found {
    workspace: Workspace,
    approval: ApprovalView,
}

/// What will be sent, why it waits, and the form. Needs the scope `read` or `approve`.
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
        Ok(found) => shown(&state, &headers, found, Filled::default(), None).await,
        Err(failure) => entrance::stranger(&state, &failure),
    }
}

/// Decides. Needs the scope `approve` and a place among the approvers; remembering as a rule needs `manage` too.
pub(super) async fn decide(
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
    let decided = match filled.decision(&found.approval) {
        Ok(decision) => found.workspace.resolve_approval(found.approval.id, decision).await,
        Err(failure) => Err(failure),
    };
    match decided {
        // What became of it stands on its page; loading that again decides nothing again.
        Ok(approval) => see_other(&format!("/approvals/{}", approval.id)),
        Err(failure) => shown(&state, &headers, found, filled, Some(failure)).await,
    }
}

async fn find(state: &Shared, principal: &Principal, id: &str) -> Result<Found, Failure> {
    let none = || Failure::new(ErrorCode::NotFound, format!("There is no approval `{id}` that you may see."));
    let approval: ApprovalId = id.parse().map_err(|_| none())?;
    for view in state.executor.workspaces(principal).await? {
        let workspace = state.executor.enter(principal, &view.id.to_string()).await?;
        match workspace.approval(approval).await {
            Ok(approval) => return Ok(Found { workspace, approval }),
            Err(failure) if failure.code == ErrorCode::NotFound => {}
            Err(failure) => return Err(failure),
        }
    }
    Err(none())
}

async fn shown(
    state: &Shared,
    headers: &HeaderMap,
    found: Found,
    filled: Filled,
    trouble: Option<Failure>,
) -> Response {
    let Found { workspace, mut approval } = found;
    // What was refused may have been so because it has changed meanwhile.
    if trouble.is_some()
        && let Ok(today) = workspace.approval(approval.id).await
    {
        approval = today;
    }
    let principal = workspace.principal();
    let members = match members(state, principal).await {
        Ok(members) => members,
        Err(failure) => return entrance::stranger(state, &failure),
    };
    let content = Content {
        may_not: require_approver(principal, &approval.approvers, approval.submitter).err(),
        may_make_rules: principal.scopes.contains(&Scope::Manage),
        is_open: state.is_open,
        trouble: trouble.as_ref(),
        approval: &approval,
        filled: &filled,
        members: &members,
    };
    let frame = Frame {
        title: format!("{} – Executor", approval.path),
        badge: None,
        version: state.version,
        refresh: None,
        has_session: has_session(state, headers),
        main: content,
    };
    page(trouble.as_ref().map_or(StatusCode::OK, status_of), frame.to_string())
}

/// The members, for their names; none where the reader may not see them.
async fn members(state: &Shared, principal: &Principal) -> Result<Vec<MemberView>, Failure> {
    match principal.scopes.contains(&Scope::Read) {
        true => state.executor.organization(principal).await?.members().await,
        false => Ok(Vec::new()),
    }
}
