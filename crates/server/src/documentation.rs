//! The description of our own API, made from the handlers.

use axum::Json;
use axum::extract::State;
use utoipa::Modify;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};

use crate::routes;
use crate::state::Shared;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Executor",
        description = "The layer between agents and everything they act on. Lists answer `{items, nextCursor?}`; \
                       failures are problem documents (RFC 9457) with a stable `code`; times are milliseconds since \
                       1970-01-01T00:00:00Z.",
        license(name = "MIT", identifier = "MIT"),
    ),
    security(("bearer" = []), ("key" = [])),
    modifiers(&Security),
)]
struct Description;

struct Security;

impl Modify for Security {
    fn modify(&self, api: &mut OpenApi) {
        let components = api.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let key = ApiKey::Header(ApiKeyValue::new("x-api-key"));
        components.add_security_scheme("key", SecurityScheme::ApiKey(key));
    }
}

/// The description of this version's API.
pub fn description(version: &str) -> OpenApi {
    let mut api = Description::openapi();
    api.info.version = version.to_owned();
    api.merge(routes::described().into_openapi());
    api
}

/// Our own description. Anybody with a key may ask.
pub(crate) async fn serve(State(state): State<Shared>) -> Json<OpenApi> {
    Json(description(state.version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_described_and_every_reference_leads_somewhere() {
        let api = serde_json::to_value(description("1.2.3")).unwrap();
        assert_eq!(api["info"]["version"], "1.2.3");
        let of_workspace = |rest: &str| format!("/api/v1/workspaces/{{workspace}}/{rest}");
        for (path, method) in [
            ("/api/health".to_owned(), "get"),
            ("/api/ready".to_owned(), "get"),
            ("/api/v1/workspaces".to_owned(), "get"),
            (of_workspace("tasks"), "post"),
            (of_workspace("tasks"), "get"),
            (of_workspace("tasks/{id}"), "get"),
            (of_workspace("tasks/{id}/events"), "get"),
            (of_workspace("tasks/{id}/calls"), "get"),
            (of_workspace("tasks/{id}/cancel"), "post"),
            (of_workspace("tasks/{id}/rerun"), "post"),
            ("/api/v1/pairing".to_owned(), "post"),
            (of_workspace("tasks/{id}/replay"), "get"),
            (of_workspace("sources"), "post"),
            (of_workspace("sources/detect"), "post"),
            (of_workspace("sources/{id}/refresh"), "post"),
            (of_workspace("sources/{id}/changes"), "get"),
            (of_workspace("sources/{id}/review"), "post"),
            (of_workspace("connections/{id}/rotate"), "post"),
            (of_workspace("tools/{id}"), "get"),
            (of_workspace("limits"), "put"),
            (of_workspace("sensitive-tools"), "post"),
            (of_workspace("sensitive-tools/{id}"), "delete"),
            (of_workspace("toolkits"), "post"),
            (of_workspace("toolkits/{id}"), "patch"),
            (of_workspace("policies"), "post"),
            (of_workspace("policies/{id}"), "patch"),
            (of_workspace("policies/explain"), "post"),
            (of_workspace("policies/dry-run"), "post"),
            (of_workspace("webhooks"), "post"),
            (of_workspace("webhooks/{id}"), "delete"),
            (of_workspace("webhooks/{id}/test"), "post"),
            (of_workspace("webhooks/{id}/deliveries"), "get"),
            ("/api/v1/organization/keys/{id}".to_owned(), "delete"),
            ("/api/v1/organization/audit".to_owned(), "get"),
            ("/api/v1/organization/audit/verify".to_owned(), "get"),
            ("/api/v1/organization/audit/export".to_owned(), "get"),
            ("/api/v1/organization/audit/settings".to_owned(), "put"),
        ] {
            assert!(api["paths"][&path][method].is_object(), "{method} {path}");
        }
        let text = api.to_string();
        for reference in text.split("\"#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(api["components"]["schemas"][name].is_object(), "{name}");
        }
    }

    #[test]
    fn no_two_operations_have_the_same_id() {
        let text = serde_json::to_string(&description("1.2.3")).unwrap();
        let ids: Vec<&str> =
            text.split("\"operationId\":\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let distinct: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!((ids.len(), ids.len() > 30), (distinct.len(), true), "{ids:?}");
    }
}
