//! All routes, and the layers that they stand behind.

mod approvals;
mod audit;
mod connections;
mod events;
mod health;
mod limits;
mod organization;
mod pairing;
mod policies;
mod sensitive_tools;
mod sources;
mod tasks;
mod toolkits;
mod tools;
mod webhooks;
mod workspaces;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Request};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use tokio_util::sync::CancellationToken;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use approvals::CallName;

use crate::options::Options;
use crate::state::{Shared, State};
use crate::{access, documentation, headers, observe, page, problem};

/// What a request may weigh where nothing else is said.
pub(crate) const MOST_BODY_BYTES: usize = 8 << 20;

/// What a request may weigh that brings a source's document.
pub(crate) const MOST_DOCUMENT_BYTES: usize = 256 << 20;

/// Where clients of the protocol find us.
const MCP_PATHS: [&str; 4] = ["/mcp/anonymous", "/v1/mcp/anonymous", "/mcp", "/v1/mcp"];

/// The same over a toolkit.
const TOOLKIT_PATH: &str = "/mcp/toolkits/{slug}";

/// Everything, ready to be served.
pub(crate) fn all(options: Options, shutdown: CancellationToken) -> Router {
    let mcp = executor_mcp::router(executor_mcp::Options {
        executor: options.executor.clone(),
        public_url: options.public_url.as_str().trim_end_matches('/').to_owned(),
        version: options.version,
        shutdown: shutdown.clone(),
    });
    let state: Shared = Arc::new(State::new(options, shutdown));
    let mcp = mcp.layer(from_fn_with_state(state.clone(), access::speak_as_agent));

    let (api, _) = api().split_for_parts();
    let (organization, _) = organization::routes().split_for_parts();
    let keyed = with_mcp(api, &mcp)
        .nest("/api/v1/organizations/{organization}", organization.clone())
        .nest("/api/v1/organization", organization)
        .route("/api/openapi.json", get(documentation::serve))
        .route("/metrics", get(health::metrics))
        .route_layer(from_fn_with_state(state.clone(), access::authenticate));
    let checked =
        keyed.merge(page::routes()).route_layer(from_fn_with_state(state.clone(), access::check_origin));
    let (open, _) = health().split_for_parts();
    checked
        .merge(open)
        .fallback(problem::no_route)
        .method_not_allowed_fallback(problem::no_method)
        .layer(DefaultBodyLimit::max(MOST_BODY_BYTES))
        .layer(from_fn(problem::correlate))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(from_fn(headers::secure))
        .layer(from_fn(observe::count))
        .with_state(state)
}

/// Adds the endpoint of the protocol at each of its paths.
fn with_mcp<S: Clone + Send + Sync + 'static>(router: Router<S>, mcp: &Router) -> Router<S> {
    let through_toolkit = mcp.clone().layer(from_fn(name_toolkit));
    let router = router.nest_service(TOOLKIT_PATH, through_toolkit);
    MCP_PATHS.into_iter().fold(router, |router, path| router.nest_service(path, mcp.clone()))
}

/// Tells the endpoint which toolkit the path names.
async fn name_toolkit(Path(slug): Path<String>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(executor_mcp::Toolkit(slug));
    next.run(request).await
}

/// The routes that are described and need a principal, without those of the organization.
fn api() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(workspaces::list))
        .merge(tasks::routes())
        .merge(events::routes())
        .merge(approvals::routes())
        .merge(pairing::routes())
        .merge(sources::routes().layer(DefaultBodyLimit::max(MOST_DOCUMENT_BYTES)))
        .merge(connections::routes())
        .merge(tools::routes())
        .merge(policies::routes())
        .merge(sensitive_tools::routes())
        .merge(toolkits::routes())
        .merge(limits::routes())
        .merge(webhooks::routes())
}

/// The routes that need no principal.
fn health() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(health::health)).routes(routes!(health::ready))
}

/// The routes that are described.
pub(crate) fn described() -> OpenApiRouter<Shared> {
    health().merge(api()).nest("/api/v1/organization", organization::routes())
}

#[cfg(test)]
mod tests {
    use axum::Extension;
    use axum::body::Body;
    use axum::extract::Request;
    use axum::http::{StatusCode, Uri};
    use tower::Service;

    use super::*;

    #[tokio::test]
    async fn the_protocol_is_found_at_each_of_its_paths_with_its_query() {
        let answer = async |uri: Uri, toolkit: Option<Extension<executor_mcp::Toolkit>>| {
            let toolkit = toolkit.map(|Extension(executor_mcp::Toolkit(slug))| slug);
            format!("{uri} {}", toolkit.unwrap_or_default())
        };
        let mcp = Router::new().fallback(answer);
        let mut router = with_mcp(Router::<()>::new(), &mcp);
        for path in MCP_PATHS.into_iter().chain(["/mcp/toolkits/issues"]) {
            let request = Request::post(format!("{path}?workspaceId=team")).body(Body::empty()).unwrap();
            let response = router.call(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            let body = axum::body::to_bytes(response.into_body(), 1_000).await.unwrap();
            let toolkit = if path.contains("toolkits") { "issues" } else { "" };
            assert_eq!(body, format!("/?workspaceId=team {toolkit}"), "{path}");
        }
    }
}
