//! The status page: what there is, what was done last, and what waits.

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use executor_core::approval::ApprovalStatus;
use executor_core::{Failure, Principal};
use executor_engine::PageRequest;

use super::status::{Content, Section};
use super::{has_session, page};
use crate::access;
use crate::state::Shared;

/// How many tasks are shown.
const TASKS: u32 = 20;

/// How many approvals are counted.
const MOST_APPROVALS: u32 = 200;

/// The page. Anybody may look; strangers see how to get in.
pub(super) async fn show(State(state): State<Shared>, headers: HeaderMap) -> Response {
    let mut content = Content {
        mcp_url: format!("{}/mcp", state.public_url),
        version: state.version,
        is_ready: state.executor.readiness().await.ready,
        has_session: has_session(&state, &headers),
        sections: Vec::new(),
        problem: None,
    };
    let seen = match access::principal(&state, &Method::GET, &headers).await {
        Ok(principal) => sections(&state, &principal).await,
        Err(failure) => Err(failure),
    };
    match seen {
        Ok(sections) => content.sections = sections,
        Err(failure) => content.problem = Some(failure),
    }
    page(StatusCode::OK, content.render())
}

async fn sections(state: &Shared, principal: &Principal) -> Result<Vec<Section>, Failure> {
    let mut sections = Vec::new();
    for view in state.executor.workspaces(principal).await? {
        let workspace = state.executor.enter(principal, &view.id.to_string()).await?;
        let page = |limit| PageRequest { cursor: None, limit: Some(limit) };
        let open = Some(ApprovalStatus::Open);
        sections.push(Section {
            sources: workspace.sources().await?,
            tasks: workspace.tasks(None, &page(TASKS)).await?.items,
            approvals: workspace.approvals(open, None, &page(MOST_APPROVALS)).await?.items,
            workspace: view,
        });
    }
    Ok(sections)
}
