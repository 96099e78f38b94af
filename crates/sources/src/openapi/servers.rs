//! Where an API is.

use executor_core::{ErrorCode, Failure};
use url::Url;

use crate::document::Node;
use crate::import::ImportOptions;

/// The base URL: what is asked for, else the first server of the document that makes sense.
pub(super) fn base_url(root: Node<'_>, options: &ImportOptions<'_>) -> Result<String, Failure> {
    if let Some(given) = options.base_url {
        let message = || format!("`{given}` is not an absolute http or https URL.");
        return absolute(given, None).ok_or_else(|| Failure::new(ErrorCode::BaseUrlRequired, message()));
    }
    of(root, options.document_url).ok_or_else(|| {
        Failure::new(ErrorCode::BaseUrlRequired, "The document does not say where its API is.")
    })
}

/// The first server of a document, path or operation that makes sense.
pub(super) fn of(owner: Node<'_>, document_url: Option<&str>) -> Option<String> {
    owner.get("servers")?.items().find_map(|server| absolute(&written(server)?, document_url))
}

/// The URL of a server with the defaults of its variables.
pub(super) fn written(server: Node<'_>) -> Option<String> {
    let mut url = server.text("url")?.to_owned();
    for (name, variable) in server.get("variables").into_iter().flat_map(Node::members) {
        let first = || variable.get("enum").and_then(|values| values.at(0));
        let default = variable.get("default").or_else(first).and_then(Node::as_text);
        if let Some(default) = default {
            url = url.replace(&format!("{{{name}}}"), &default);
        }
    }
    (!url.contains(['{', '}'])).then_some(url)
}

/// An absolute URL of the web, without query and credentials.
pub(crate) fn absolute(text: &str, document_url: Option<&str>) -> Option<String> {
    let base = document_url.and_then(|url| Url::parse(url).ok());
    let mut url = Url::options().base_url(base.as_ref()).parse(text.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return None;
    }
    url.set_query(None);
    url.set_fragment(None);
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some(url.as_str().trim_end_matches('/').to_owned())
}
