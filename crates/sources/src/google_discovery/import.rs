//! Whole documents as tools.

use executor_core::{ErrorCode, Failure};

use super::detect::title;
use super::security::Security;
use super::service::{self, Method, Service};
use super::shared::Shared;
use super::tool::Workshop;
use crate::document::{Document, Node};
use crate::import::{Import, ImportOptions, Skipped};
use crate::openapi::naming::unique;
use crate::openapi::servers;

/// How many methods pass between two reports of progress.
const STEP: usize = 100;

/// Makes each method of the document, or of each document of a bundle, a tool.
pub(super) fn import(document: &Document, options: &ImportOptions<'_>) -> Result<Import, Failure> {
    let services = service::all(document.root());
    if services.is_empty() {
        let message = "This is not a Google Discovery document.";
        return Err(Failure::new(ErrorCode::DocumentUnsupported, message));
    }
    let methods: Vec<Method<'_>> =
        services.iter().enumerate().flat_map(|(number, service)| service.methods(number)).collect();
    if methods.is_empty() {
        return Err(Failure::new(ErrorCode::NoOperations, "The document has no methods."));
    }
    let (base_url, servers) = places(&services, options)?;
    let security = Security::read(&services);
    let names = names(&services, &methods);
    let mut shared = Shared::new(&services);
    let total = methods.len();
    let (mut tools, mut skipped) = (Vec::with_capacity(total), Vec::new());
    let mut workshop = Workshop {
        services: &services,
        shared: &mut shared,
        security: &security,
        servers: &servers,
        written: 0,
    };
    for (done, (method, name)) in methods.iter().zip(names).enumerate() {
        if done % STEP == 0 {
            (options.progress)(done as u64, total as u64);
        }
        match workshop.tool(method, name) {
            Ok(tool) => tools.push(tool),
            Err(reason) => skipped.push(Skipped { operation: method.to_string(), reason }),
        }
    }
    if tools.is_empty() {
        let reason = skipped.first().map(|first| format!(" {}: {}", first.operation, first.reason));
        let message = format!("No method could become a tool.{}", reason.unwrap_or_default());
        return Err(Failure::new(ErrorCode::NoOperations, message));
    }
    let schemas = shared.finish();
    (options.progress)(total as u64, total as u64);
    let only = <&[Service<'_>; 1]>::try_from(services.as_slice()).ok().map(|[only]| only.node);
    let about = |key: &str| only.and_then(|only| only.get(key)).and_then(Node::as_text).map(String::from);
    Ok(Import {
        title: title(&services),
        description: about("description").unwrap_or_default(),
        version: about("version"),
        base_url,
        tools,
        schemas,
        context: None,
        skipped,
        servers: Vec::new(),
        server: None,
        methods: security.methods(),
    })
}

/// The base URL, and by service where it is instead. Whoever says where the API is means all of it.
fn places(
    services: &[Service<'_>],
    options: &ImportOptions<'_>,
) -> Result<(String, Vec<Option<String>>), Failure> {
    let refused = |message: String| Failure::new(ErrorCode::BaseUrlRequired, message);
    if let Some(given) = options.base_url {
        let message = || refused(format!("`{given}` is not an absolute http or https URL."));
        let base_url = servers::absolute(given, None).ok_or_else(message)?;
        return Ok((base_url, vec![None; services.len()]));
    }
    let urls = services.iter().map(|service| {
        let message =
            || refused(format!("The document of `{}` does not say where its API is.", service.name));
        service.base_url().ok_or_else(message)
    });
    let urls = urls.collect::<Result<Vec<_>, _>>()?;
    let base_url = urls.first().cloned().unwrap_or_default();
    let servers = urls.into_iter().map(|url| (url != base_url).then_some(url)).collect();
    Ok((base_url, servers))
}

fn names(services: &[Service<'_>], methods: &[Method<'_>]) -> Vec<String> {
    let named = methods.iter().map(|method| {
        // The path comes first, so that methods of one path stay together when routes are compared.
        let route = format!("{} {}", method.path(), method.http_method());
        (method.tool_name(&services[method.service]), route)
    });
    unique(&named.collect::<Vec<_>>())
}
