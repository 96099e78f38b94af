//! The organization: its members, the keys and the audit log. The paths are below `/api/v1/organization`, and below
//! `/api/v1/organizations/{organization}`.

use axum::Json;
use axum::http::StatusCode;
use executor_core::{AccountId, KeyId, Role};
use executor_engine::{CreatedKey, KeyView, MemberView, NewKey, NewMember, Page};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Body, EnteredOrganization, Id};
use crate::problem::{Answer, Problem};
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(members, add_member))
        .routes(routes!(set_role, remove_member))
        .routes(routes!(keys, create_key))
        .routes(routes!(revoke_key))
        .merge(super::audit::routes())
}

/// A member's new role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RoleChange {
    /// The role.
    role: Role,
}

/// The members, by name. Needs the scope `read`.
#[utoipa::path(
    get, path = "/members", tag = "organization", operation_id = "listMembers",
    responses((status = 200, body = Page<MemberView>), (status = "default", body = Problem)),
)]
pub(crate) async fn members(
    EnteredOrganization(organization): EnteredOrganization,
) -> Answer<Json<Page<MemberView>>> {
    Ok(Json(Page { items: organization.members().await?, next_cursor: None }))
}

/// Adds a member with a new account. Needs the scope `administer`.
#[utoipa::path(
    post, path = "/members", tag = "organization", operation_id = "addMember", request_body = NewMember,
    responses((status = 201, body = MemberView), (status = "default", body = Problem)),
)]
pub(crate) async fn add_member(
    EnteredOrganization(organization): EnteredOrganization,
    Body(member): Body<NewMember>,
) -> Answer<(StatusCode, Json<MemberView>)> {
    Ok((StatusCode::CREATED, Json(organization.add_member(member).await?)))
}

/// Changes a member's role. Needs the scope `administer`; only owners make owners.
#[utoipa::path(
    patch, path = "/members/{id}", tag = "organization", operation_id = "setRole", request_body = RoleChange,
    params(("id" = AccountId, Path, description = "the member's account")),
    responses((status = 200, body = MemberView), (status = "default", body = Problem)),
)]
pub(crate) async fn set_role(
    EnteredOrganization(organization): EnteredOrganization,
    Id(account): Id<AccountId>,
    Body(change): Body<RoleChange>,
) -> Answer<Json<MemberView>> {
    Ok(Json(organization.set_role(account, change.role).await?))
}

/// Removes a member and revokes their keys. Needs the scope `administer`; the last owner stays.
#[utoipa::path(
    delete, path = "/members/{id}", tag = "organization", operation_id = "removeMember",
    params(("id" = AccountId, Path, description = "the member's account")),
    responses((status = 204), (status = "default", body = Problem)),
)]
pub(crate) async fn remove_member(
    EnteredOrganization(organization): EnteredOrganization,
    Id(account): Id<AccountId>,
) -> Answer<StatusCode> {
    organization.remove_member(account).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The caller's own keys, or all of them with the scope `administer`.
#[utoipa::path(
    get, path = "/keys", tag = "organization", operation_id = "listKeys",
    responses((status = 200, body = Page<KeyView>), (status = "default", body = Problem)),
)]
pub(crate) async fn keys(
    EnteredOrganization(organization): EnteredOrganization,
) -> Answer<Json<Page<KeyView>>> {
    Ok(Json(Page { items: organization.keys().await?, next_cursor: None }))
}

/// Makes a key; its secret is shown this once. Needs the scope `administer`.
#[utoipa::path(
    post, path = "/keys", tag = "organization", operation_id = "createKey", request_body = NewKey,
    responses((status = 201, body = CreatedKey), (status = "default", body = Problem)),
)]
pub(crate) async fn create_key(
    EnteredOrganization(organization): EnteredOrganization,
    Body(key): Body<NewKey>,
) -> Answer<(StatusCode, Json<CreatedKey>)> {
    Ok((StatusCode::CREATED, Json(organization.create_key(key).await?)))
}

/// Ends a key, at once. For one's own, or any with the scope `administer`.
#[utoipa::path(
    delete, path = "/keys/{id}", tag = "organization", operation_id = "revokeKey",
    params(("id" = KeyId, Path, description = "the key")),
    responses((status = 204), (status = "default", body = Problem)),
)]
pub(crate) async fn revoke_key(
    EnteredOrganization(organization): EnteredOrganization,
    Id(key): Id<KeyId>,
) -> Answer<StatusCode> {
    organization.revoke_key(key).await?;
    Ok(StatusCode::NO_CONTENT)
}
