//! Whether a document is Google Discovery, and what it holds at a glance.

use executor_core::tool::SourceKind;

use super::security::Security;
use super::service::{self, Service};
use crate::document::Document;
use crate::import::Detection;
use crate::openapi::naming::segment;

pub(super) fn detect(document: &Document) -> Option<Detection> {
    let services = service::all(document.root());
    let first = services.first()?;
    let methods = services.iter().map(|service| service.methods(0).len() as u64);
    let suggested_name = if first.prefix.is_none() { segment(first.name) } else { None };
    Some(Detection {
        kind: SourceKind::GoogleDiscovery,
        confidence: 1.0,
        title: title(&services),
        suggested_name: suggested_name.unwrap_or_else(|| "google".to_owned()),
        base_url: first.base_url(),
        operations: methods.sum(),
        servers: Vec::new(),
        methods: Security::read(&services).methods(),
    })
}

/// The title, or the titles of a bundle as far as they fit on a line.
pub(super) fn title(services: &[Service<'_>]) -> String {
    const SHOWN: usize = 3;
    let titles = services.iter().map(|service| service.node.text("title").unwrap_or(service.name));
    let mut title = titles.take(SHOWN).collect::<Vec<_>>().join(", ");
    if services.len() > SHOWN {
        title = format!("{title} and {} more", services.len() - SHOWN);
    }
    title
}
