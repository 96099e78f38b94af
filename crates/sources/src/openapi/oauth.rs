//! How an API says that its tokens are come by.

use std::collections::BTreeMap;

use super::dialect::Dialect;
use super::reference::References;
use super::servers;
use crate::document::Node;
use crate::import::{Flow, FlowKind, OAuth};

/// The most scopes of a flow that are kept.
const MAX_SCOPES: usize = 500;

/// What a scheme of the types `oauth2` and `openIdConnect` says.
pub(super) fn read(
    references: &References<'_>,
    scheme: Node<'_>,
    document_url: Option<&str>,
) -> Option<OAuth> {
    let url = |owner: Node<'_>, key: &str| {
        let written = owner.text(key).filter(|url| !url.trim().is_empty())?;
        Some(servers::resolved(written, document_url))
    };
    let flow = |name: &str, node: Node<'_>| {
        let scopes = node.get("scopes").into_iter().flat_map(Node::members).take(MAX_SCOPES);
        let scopes: BTreeMap<_, _> = scopes
            .map(|(scope, about)| (scope.to_owned(), about.as_str().unwrap_or_default().to_owned()))
            .collect();
        Some(Flow {
            kind: kind(name)?,
            authorization_url: url(node, "authorizationUrl"),
            device_authorization_url: url(node, "deviceAuthorizationUrl"),
            token_url: url(node, "tokenUrl"),
            refresh_url: url(node, "refreshUrl"),
            scopes,
        })
    };
    match scheme.text("type")? {
        "openIdConnect" => Some(OAuth { discovery_url: url(scheme, "openIdConnectUrl"), flows: Vec::new() }),
        "oauth2" => {
            let mut flows: Vec<Flow> = match references.dialect() {
                Dialect::Swagger => flow(scheme.text("flow")?, scheme).into_iter().collect(),
                _ => {
                    let flows = scheme.get("flows").into_iter().flat_map(Node::members);
                    flows.filter_map(|(name, node)| flow(name, node)).collect()
                }
            };
            flows.sort_by_key(|flow| flow.kind);
            Some(OAuth { discovery_url: url(scheme, "oauth2MetadataUrl"), flows })
        }
        _ => None,
    }
}

/// Swagger 2.0 has other names for two of them.
fn kind(name: &str) -> Option<FlowKind> {
    Some(match name {
        "authorizationCode" | "accessCode" => FlowKind::AuthorizationCode,
        "deviceAuthorization" => FlowKind::DeviceAuthorization,
        "clientCredentials" | "application" => FlowKind::ClientCredentials,
        "password" => FlowKind::Password,
        "implicit" => FlowKind::Implicit,
        _ => return None,
    })
}
