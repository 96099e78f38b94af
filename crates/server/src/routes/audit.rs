//! The organization's audit log. The paths are below those of the organization.

use axum::Json;
use axum::body::{Body as Content, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use executor_core::audit::RecordSettings;
use executor_core::audit::verify::AuditVerification;
use executor_engine::{AuditEntryView, AuditLine, AuditQuery, Page, PageRequest};
use futures::StreamExt;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Body, EnteredOrganization, Query};
use crate::problem::{Answer, Problem};
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(verify))
        .routes(routes!(export))
        .routes(routes!(settings, set_settings))
}

/// Which page.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichPage {
    /// The `nextCursor` of the page before.
    cursor: Option<String>,
    /// At most this many items: 50 if not said, 200 at most.
    limit: Option<u32>,
}

/// From where on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportFrom {
    /// Only entries with a greater number: what was exported before need not be again.
    #[serde(default)]
    after: u64,
}

/// Entries of the audit log, newest first. Needs the scope `manage`.
#[utoipa::path(
    get, path = "/audit", tag = "audit", operation_id = "listAudit", params(AuditQuery, WhichPage),
    responses((status = 200, body = Page<AuditEntryView>), (status = "default", body = Problem)),
)]
pub(crate) async fn list(
    EnteredOrganization(organization): EnteredOrganization,
    Query(query): Query<AuditQuery>,
    Query(page): Query<WhichPage>,
) -> Answer<Json<Page<AuditEntryView>>> {
    let page = PageRequest { cursor: page.cursor, limit: page.limit };
    Ok(Json(organization.audit_entries(&query, &page).await?))
}

/// Checks the whole log. Needs the scope `administer`.
#[utoipa::path(
    get, path = "/audit/verify", tag = "audit", operation_id = "verifyAudit",
    responses((status = 200, body = AuditVerification), (status = "default", body = Problem)),
)]
pub(crate) async fn verify(
    EnteredOrganization(organization): EnteredOrganization,
) -> Answer<Json<AuditVerification>> {
    Ok(Json(organization.verify_audit().await?))
}

/// The sealed entries in the order of the chain, each a line of JSON; the last line is the chain's head. That the log
/// was exported is its last entry. Needs the scope `administer`.
#[utoipa::path(
    get, path = "/audit/export", tag = "audit", operation_id = "exportAudit", params(ExportFrom),
    responses(
        (status = 200, body = AuditLine, content_type = "application/x-ndjson"),
        (status = "default", body = Problem),
    ),
)]
pub(crate) async fn export(
    EnteredOrganization(organization): EnteredOrganization,
    Query(from): Query<ExportFrom>,
) -> Answer<Response> {
    let lines = organization.export_audit(from.after).await?;
    let lines = lines.map(|line| {
        let mut text = serde_json::to_vec(&line.map_err(std::io::Error::other)?)?;
        text.push(b'\n');
        Ok::<_, std::io::Error>(Bytes::from(text))
    });
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], Content::from_stream(lines)).into_response())
}

/// How long the record is kept. Needs the scope `manage`.
#[utoipa::path(
    get, path = "/audit/settings", tag = "audit", operation_id = "getRecordSettings",
    responses((status = 200, body = RecordSettings), (status = "default", body = Problem)),
)]
pub(crate) async fn settings(
    EnteredOrganization(organization): EnteredOrganization,
) -> Answer<Json<RecordSettings>> {
    Ok(Json(organization.record_settings().await?))
}

/// Says how long the record is kept; what is not said is kept for ever. Needs the scope `administer`.
#[utoipa::path(
    put, path = "/audit/settings", tag = "audit", operation_id = "setRecordSettings",
    request_body = RecordSettings,
    responses((status = 200, body = RecordSettings), (status = "default", body = Problem)),
)]
pub(crate) async fn set_settings(
    EnteredOrganization(organization): EnteredOrganization,
    Body(settings): Body<RecordSettings>,
) -> Answer<Json<RecordSettings>> {
    Ok(Json(organization.set_record_settings(settings).await?))
}
