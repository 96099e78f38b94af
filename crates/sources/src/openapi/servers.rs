//! Where an API is.

use executor_core::{ErrorCode, Failure};
use url::Url;

use super::dialect::Dialect;
use super::reference::References;
use super::swagger;
use crate::document::Node;
use crate::import::ImportOptions;

/// The longest URL of a server.
const MAX_URL: usize = 8 * 1024;

/// The base URL: what is asked for, else the first server of the document that makes sense.
pub(super) fn base_url(references: &References<'_>, options: &ImportOptions<'_>) -> Result<String, Failure> {
    if let Some(given) = options.base_url {
        let message = || format!("`{given}` is not an absolute http or https URL.");
        return absolute(given, None).ok_or_else(|| Failure::new(ErrorCode::BaseUrlRequired, message()));
    }
    let written = written(references);
    let found = written.iter().find_map(|server| absolute(server, options.document_url));
    found.ok_or_else(|| {
        Failure::new(ErrorCode::BaseUrlRequired, "The document does not say where its API is.")
    })
}

/// The servers of a document as it writes them. One that names none is served from its own root.
pub(super) fn written(references: &References<'_>) -> Vec<String> {
    let root = references.root();
    if references.dialect() == Dialect::Swagger {
        return swagger::servers(root);
    }
    match root.get("servers").filter(|servers| servers.items().len() > 0) {
        Some(servers) => servers.items().filter_map(one).collect(),
        None => vec!["/".to_owned()],
    }
}

/// The first server of a path or an operation that makes sense.
pub(super) fn of(owner: Node<'_>, document_url: Option<&str>) -> Option<String> {
    owner.get("servers")?.items().find_map(|server| absolute(&one(server)?, document_url))
}

/// The URL of a server with the defaults of its variables.
fn one(server: Node<'_>) -> Option<String> {
    let variables = server.get("variables");
    let mut rest = server.text("url")?;
    let mut url = String::new();
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}')?;
        let variable = variables?.get(name)?;
        let first = || variable.get("enum").and_then(|values| values.at(0));
        url.push_str(before);
        url.push_str(&variable.get("default").or_else(first).and_then(Node::as_text)?);
        rest = tail;
        if url.len() > MAX_URL {
            return None;
        }
    }
    url.push_str(rest);
    (url.len() <= MAX_URL && !url.contains(['{', '}'])).then_some(url)
}

/// The address that a document writes, relative to its own.
pub(super) fn resolved(text: &str, document_url: Option<&str>) -> String {
    let base = document_url.and_then(|url| Url::parse(url).ok());
    let url = Url::options().base_url(base.as_ref()).parse(text.trim());
    url.map_or_else(|_| text.trim().to_owned(), String::from)
}

/// An absolute URL of the web, without query and credentials.
pub(crate) fn absolute(text: &str, document_url: Option<&str>) -> Option<String> {
    let base = document_url.and_then(|url| Url::parse(url).ok());
    let text = text.trim();
    // Without a document to be relative to, a host alone is reached as any other is.
    let mut url = match &base {
        None if text.starts_with("//") => Url::parse(&format!("https:{text}")).ok()?,
        base => Url::options().base_url(base.as_ref()).parse(text).ok()?,
    };
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return None;
    }
    url.set_query(None);
    url.set_fragment(None);
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some(url.as_str().trim_end_matches('/').to_owned())
}
