//! The endpoint: how HTTP requests become requests of the protocol, and in whose name they are.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::request::Parts;
use executor_core::{ErrorCode, Failure, Principal};
use executor_engine::{Executor, TaskView};
use rmcp::model::Extensions;
use rmcp::transport::streamable_http_server::session::local::{LocalSessionManager, SessionConfig};
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio_util::sync::CancellationToken;

use crate::handler::Handler;

/// The workspace of a request that names none.
const DEFAULT_WORKSPACE: &str = "default";

/// The largest request.
const MOST_REQUEST_BYTES: usize = 8 << 20;

/// A session that is not used for this long ends; its client opens another one.
const SESSION_IDLE: Duration = Duration::from_secs(4 * 3600);

/// What the endpoint needs.
#[derive(Clone)]
pub struct Options {
    /// The engine.
    pub executor: Executor,
    /// Where our HTTP API is, for the links in answers; without a slash at its end.
    pub public_url: String,
    /// This build's version, as clients are told.
    pub version: &'static str,
    /// Ends all sessions and streams.
    pub shutdown: CancellationToken,
}

impl Options {
    /// Where our API shows all of a task.
    pub(crate) fn task_link(&self, task: &TaskView) -> String {
        let summary = &task.summary;
        format!("{}/api/v1/workspaces/{}/tasks/{}", self.public_url, summary.workspace, summary.id)
    }

    /// Where people decide about approvals.
    pub(crate) fn approvals_page(&self) -> String {
        format!("{}/approvals", self.public_url)
    }
}

/// The endpoint, as a router to be nested where it is to be found.
///
/// Who nests it checks `Host` and `Origin` and puts the request's [`Principal`] into its extensions; a request without
/// one is refused. The query's `workspaceId` names the workspace, by id or slug.
pub fn router(options: Options) -> Router {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(true)
        .with_json_response(true)
        .with_cancellation_token(options.shutdown.clone())
        .with_max_request_body_bytes(MOST_REQUEST_BYTES)
        .disable_allowed_hosts()
        .disable_allowed_origins();
    let options = Arc::new(options);
    let service =
        StreamableHttpService::new(move || Ok(Handler::new(options.clone())), Arc::new(sessions()), config);
    Router::new().fallback_service(service)
}

fn sessions() -> LocalSessionManager {
    let mut config = SessionConfig::default();
    config.keep_alive = Some(SESSION_IDLE);
    let mut manager = LocalSessionManager::default();
    manager.session_config = config;
    manager
}

/// The slug of the toolkit through which a request came. Who nests the endpoint puts it into the request's extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolkit(pub String);

/// Who sent a request, which workspace it is about, and through which toolkit it came.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) principal: Principal,
    pub(crate) workspace: String,
    pub(crate) toolkit: Option<Toolkit>,
}

impl Caller {
    /// From the HTTP request that a request of the protocol came in.
    pub(crate) fn of(extensions: &Extensions) -> Result<Self, Failure> {
        let parts = extensions.get::<Parts>();
        let principal = parts
            .and_then(|parts| parts.extensions.get::<Principal>())
            .cloned()
            .ok_or_else(|| Failure::new(ErrorCode::Unauthorized, "The request says not who sends it."))?;
        let query = parts.and_then(|parts| parts.uri.query()).unwrap_or_default();
        let toolkit = parts.and_then(|parts| parts.extensions.get::<Toolkit>()).cloned();
        let workspace = workspace_of(query).unwrap_or(DEFAULT_WORKSPACE).to_owned();
        Ok(Self { principal, workspace, toolkit })
    }

    /// Whether the request belongs to a session. Only there does a client say that it cancels; elsewhere it is only
    /// known to be gone.
    pub(crate) fn has_session(extensions: &Extensions) -> bool {
        extensions.get::<Parts>().is_some_and(|parts| parts.headers.contains_key("mcp-session-id"))
    }
}

/// Ids and slugs need no escapes, so nothing is decoded.
fn workspace_of(query: &str) -> Option<&str> {
    let named = query.split('&').find_map(|pair| pair.strip_prefix("workspaceId="));
    named.filter(|workspace| !workspace.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_names_the_workspace() {
        assert_eq!(workspace_of("a=1&workspaceId=team"), Some("team"));
        assert_eq!(workspace_of("workspaceId="), None);
        assert_eq!(workspace_of("xworkspaceId=team"), None);
    }

    #[test]
    fn a_request_without_a_principal_is_refused() {
        let failure = Caller::of(&Extensions::new()).unwrap_err();
        assert_eq!(failure.code, ErrorCode::Unauthorized);
    }
}
