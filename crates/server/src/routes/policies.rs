//! Policies: the rules, and what they would say.

use axum::Json;
use axum::http::StatusCode;
use executor_core::RuleId;
use executor_engine::{CallInQuestion, DryRun, DryRunReport, Explanation, NewRule, Page, RuleMove, RuleView};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Body, Entered, Id};
use crate::problem::{Answer, Problem};
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(explain))
        .routes(routes!(dry_run))
        .routes(routes!(change_place, remove))
}

/// The rules that are heard in the workspace, in the order in which they are asked. Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/workspaces/{workspace}/policies", tag = "policies", operation_id = "listPolicies",
    params(("workspace" = String, Path, description = "an id or a slug")),
    responses((status = 200, body = Page<RuleView>), (status = "default", body = Problem)),
)]
pub(crate) async fn list(Entered(workspace): Entered) -> Answer<Json<Page<RuleView>>> {
    Ok(Json(Page { items: workspace.rules().await?, next_cursor: None }))
}

/// Adds a rule. Needs the scope `manage`, or `run` for one of the caller's own account.
#[utoipa::path(
    post, path = "/api/v1/workspaces/{workspace}/policies", tag = "policies", operation_id = "addPolicy",
    params(("workspace" = String, Path, description = "an id or a slug")),
    request_body = NewRule,
    responses((status = 201, body = RuleView), (status = "default", body = Problem)),
)]
pub(crate) async fn add(
    Entered(workspace): Entered,
    Body(rule): Body<NewRule>,
) -> Answer<(StatusCode, Json<RuleView>)> {
    Ok((StatusCode::CREATED, Json(workspace.add_rule(rule).await?)))
}

/// Puts a rule at another place in its layer. Needs what adding it needed.
#[utoipa::path(
    patch, path = "/api/v1/workspaces/{workspace}/policies/{id}", tag = "policies", operation_id = "movePolicy",
    params(
        ("workspace" = String, Path, description = "an id or a slug"), ("id" = RuleId, Path, description = "the rule"),
    ),
    request_body = RuleMove,
    responses((status = 200, body = RuleView), (status = "default", body = Problem)),
)]
pub(crate) async fn change_place(
    Entered(workspace): Entered,
    Id(rule): Id<RuleId>,
    Body(place): Body<RuleMove>,
) -> Answer<Json<RuleView>> {
    Ok(Json(workspace.move_rule(rule, place).await?))
}

/// Removes a rule. Needs what adding it needed.
#[utoipa::path(
    delete, path = "/api/v1/workspaces/{workspace}/policies/{id}", tag = "policies", operation_id = "removePolicy",
    params(
        ("workspace" = String, Path, description = "an id or a slug"), ("id" = RuleId, Path, description = "the rule"),
    ),
    responses((status = 204), (status = "default", body = Problem)),
)]
pub(crate) async fn remove(Entered(workspace): Entered, Id(rule): Id<RuleId>) -> Answer<StatusCode> {
    workspace.remove_rule(rule).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What policy says about a call, and why. Needs the scope `read`.
#[utoipa::path(
    post, path = "/api/v1/workspaces/{workspace}/policies/explain", tag = "policies", operation_id = "explainPolicy",
    params(("workspace" = String, Path, description = "an id or a slug")),
    request_body = CallInQuestion,
    responses((status = 200, body = Explanation), (status = "default", body = Problem)),
)]
pub(crate) async fn explain(
    Entered(workspace): Entered,
    Body(call): Body<CallInQuestion>,
) -> Answer<Json<Explanation>> {
    Ok(Json(workspace.explain(&call).await?))
}

/// What other rules would have done to the latest calls. Nothing is saved. Needs the scope `read`.
#[utoipa::path(
    post, path = "/api/v1/workspaces/{workspace}/policies/dry-run", tag = "policies", operation_id = "dryRunPolicies",
    params(("workspace" = String, Path, description = "an id or a slug")),
    request_body = DryRun,
    responses((status = 200, body = DryRunReport), (status = "default", body = Problem)),
)]
pub(crate) async fn dry_run(
    Entered(workspace): Entered,
    Body(rules): Body<DryRun>,
) -> Answer<Json<DryRunReport>> {
    Ok(Json(workspace.dry_run(rules).await?))
}
