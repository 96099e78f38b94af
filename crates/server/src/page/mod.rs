//! The status page: what there is and what was done last, in plain HTML without a script.
//!
//! It shows only what its reader may see through the API. A stranger is told how to get in, and nothing else.

mod content;
mod html;
mod time;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{Html, IntoResponse, Response};
use executor_core::{Failure, Principal};
use executor_engine::PageRequest;

use crate::access;
use crate::headers::PAGE_POLICY;
use crate::state::Shared;

use content::{Content, Section};

/// How many tasks are shown.
const TASKS: u32 = 20;

const STYLE: &str = include_str!("style.css");

/// What stands for the product where there is no room for its name.
const MARK: &str = include_str!("mark.svg");

type Headers<const N: usize> = [(HeaderName, &'static str); N];

/// The page. Anybody may look; strangers see how to get in.
pub(crate) async fn show(State(state): State<Shared>, headers: HeaderMap) -> Response {
    let mut content = Content {
        mcp_url: format!("{}/mcp", state.public_url),
        version: state.version,
        is_ready: state.executor.readiness().await.ready,
        sections: Vec::new(),
        problem: None,
    };
    match access::principal(&state, &headers).await {
        Ok(principal) => match sections(&state, &principal).await {
            Ok(sections) => content.sections = sections,
            Err(failure) => content.problem = Some(failure),
        },
        Err(failure) => content.problem = Some(failure),
    }
    let security: Headers<1> = [(header::CONTENT_SECURITY_POLICY, PAGE_POLICY)];
    (security, Html(content.render())).into_response()
}

async fn sections(state: &Shared, principal: &Principal) -> Result<Vec<Section>, Failure> {
    let mut sections = Vec::new();
    for view in state.executor.workspaces(principal).await? {
        let workspace = state.executor.enter(principal, &view.id.to_string()).await?;
        let page = PageRequest { cursor: None, limit: Some(TASKS) };
        sections.push(Section {
            sources: workspace.sources().await?,
            tasks: workspace.tasks(None, &page).await?.items,
            workspace: view,
        });
    }
    Ok(sections)
}

/// The page's icon. Anybody may ask.
pub(crate) async fn icon() -> Response {
    let headers: Headers<2> =
        [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "max-age=300")];
    (headers, MARK).into_response()
}

/// The page's style sheet. Anybody may ask.
pub(crate) async fn style() -> Response {
    let headers: Headers<2> =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=300")];
    (headers, STYLE).into_response()
}
