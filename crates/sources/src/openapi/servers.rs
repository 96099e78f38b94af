//! Where an API is.

use std::collections::BTreeMap;

use executor_core::{ErrorCode, Failure, Server, ServerVariable};
use url::Url;

use super::dialect::Dialect;
use super::reference::References;
use super::swagger;
use super::text::bounded;
use crate::document::Node;
use crate::import::{ImportOptions, ServerChoice};

/// The longest URL of a server.
const MAX_URL: usize = 8 * 1024;
/// The most servers of a document, variables of a server and values of a variable that are kept.
const MAX_SERVERS: usize = 100;
const MAX_VARIABLES: usize = 20;
const MAX_VALUES: usize = 200;

/// The servers of a document, in its order. One that names none is served from its own root.
pub(super) fn all(references: &References<'_>) -> Vec<Server> {
    let root = references.root();
    if references.dialect() == Dialect::Swagger {
        return swagger::servers(root).into_iter().map(plain).collect();
    }
    match root.get("servers").filter(|servers| servers.items().len() > 0) {
        Some(servers) => servers.items().filter_map(read).take(MAX_SERVERS).collect(),
        None => vec![plain("/".to_owned())],
    }
}

/// The base URL, and which server it is where that was said: an address of its own, the chosen server, else the first one
/// that makes sense.
pub(super) fn chosen(
    servers: &[Server],
    options: &ImportOptions<'_>,
) -> Result<(String, Option<ServerChoice>), Failure> {
    let required = |message: String| Failure::new(ErrorCode::BaseUrlRequired, message);
    if let Some(given) = options.base_url {
        let url = absolute(given, None);
        let url = url.ok_or_else(|| required(format!("`{given}` is not an absolute http or https URL.")))?;
        return Ok((url, None));
    }
    let Some(choice) = options.server else {
        let nothing = BTreeMap::new();
        let mut all = servers.iter().filter_map(|server| filled(server, &nothing));
        let found = all.find_map(|url| absolute(&url, options.document_url));
        let found =
            found.ok_or_else(|| required("The document does not say where its API is.".to_owned()))?;
        return Ok((found, None));
    };
    let server = named(servers, choice, options.document_url)?;
    for (name, value) in &choice.variables {
        check(server, name, value)?;
    }
    let is_open = |variable: &&ServerVariable| {
        variable.default.is_none()
            && variable.values.is_empty()
            && !choice.variables.contains_key(&variable.name)
    };
    if let Some(open) = server.variables.iter().find(is_open) {
        let message = format!("The server `{}` needs a value of `{}`.", server.url, open.name);
        return Err(required(message).with_hint(format!("Give one: --server-variable {}=…", open.name)));
    }
    let url = filled(server, &choice.variables).and_then(|url| absolute(&url, options.document_url));
    let url =
        url.ok_or_else(|| required(format!("The server `{}` is no address of the web.", server.url)))?;
    Ok((url, Some(ServerChoice { server: Some(server.url.clone()), variables: choice.variables.clone() })))
}

/// The server that is meant.
fn named<'s>(
    servers: &'s [Server],
    choice: &ServerChoice,
    document_url: Option<&str>,
) -> Result<&'s Server, Failure> {
    let nothing = BTreeMap::new();
    let url_of = |server: &Server| absolute(&filled(server, &nothing)?, document_url);
    let found = match &choice.server {
        None => servers.first(),
        Some(text) => {
            let by_url = servers.iter().find(|server| server.url == *text);
            let by_number = || servers.get(text.parse::<usize>().ok()?);
            let wanted = absolute(text, None);
            let by_address = || servers.iter().find(|server| wanted.is_some() && url_of(server) == wanted);
            by_url.or_else(by_number).or_else(by_address)
        }
    };
    found.ok_or_else(|| {
        let text = choice.server.as_deref().unwrap_or_default();
        let known = servers.iter().enumerate().map(|(number, server)| format!("{number} (`{}`)", server.url));
        let known = known.collect::<Vec<_>>().join(", ");
        Failure::new(ErrorCode::InvalidRequest, format!("The document has no server `{text}`."))
            .with_hint(format!("It has {known}. Another address is a `baseUrl`."))
    })
}

fn check(server: &Server, name: &str, value: &str) -> Result<(), Failure> {
    let refuse = |message: String, known: Vec<&str>| {
        let hint = match known.as_slice() {
            [] => "It has no variables.".to_owned(),
            known => format!("It can be {}.", known.join(", ")),
        };
        Err(Failure::new(ErrorCode::InvalidRequest, message).with_hint(hint))
    };
    let Some(variable) = server.variables.iter().find(|variable| variable.name == name) else {
        let known = server.variables.iter().map(|variable| variable.name.as_str()).collect();
        return refuse(format!("The server `{}` has no variable `{name}`.", server.url), known);
    };
    if !takes(variable, value) {
        let known = variable.values.iter().map(String::as_str).collect();
        return refuse(format!("The server's variable `{name}` cannot be `{value}`."), known);
    }
    Ok(())
}

fn takes(variable: &ServerVariable, value: &str) -> bool {
    variable.values.is_empty() || variable.values.iter().any(|one| one == value)
}

/// The first server of a path or an operation that makes sense. What was chosen of the document's variables counts for
/// those of the same name here.
pub(super) fn of(owner: Node<'_>, options: &ImportOptions<'_>) -> Option<String> {
    let nothing = BTreeMap::new();
    let variables = options.server.map_or(&nothing, |choice| &choice.variables);
    let servers = owner.get("servers")?.items().filter_map(read);
    let mut urls = servers.filter_map(|server| filled(&server, variables));
    urls.find_map(|url| absolute(&url, options.document_url))
}

/// The URL of a server with its variables filled: with these values, else with the default ones.
pub(super) fn filled(server: &Server, values: &BTreeMap<String, String>) -> Option<String> {
    let mut rest = server.url.as_str();
    let mut url = String::new();
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}')?;
        let variable = server.variables.iter().find(|variable| variable.name == name)?;
        let given = values.get(name).filter(|value| takes(variable, value));
        url.push_str(before);
        url.push_str(given.or(variable.default.as_ref()).or(variable.values.first())?);
        rest = tail;
        if url.len() > MAX_URL {
            return None;
        }
    }
    url.push_str(rest);
    (url.len() <= MAX_URL && !url.contains(['{', '}'])).then_some(url)
}

fn plain(url: String) -> Server {
    Server { url, description: None, variables: Vec::new() }
}

fn read(server: Node<'_>) -> Option<Server> {
    let url = server.text("url").filter(|url| url.len() <= MAX_URL)?.to_owned();
    let text = |node: Node<'_>, key: &str| node.get(key).and_then(Node::as_text).map(String::from);
    let variables = server.get("variables").into_iter().flat_map(Node::members).take(MAX_VARIABLES);
    let variables = variables.map(|(name, variable)| ServerVariable {
        name: name.to_owned(),
        default: text(variable, "default"),
        values: variable
            .get("enum")
            .into_iter()
            .flat_map(Node::items)
            .filter_map(|value| value.as_text().map(String::from))
            .take(MAX_VALUES)
            .collect(),
        description: text(variable, "description").map(|text| bounded(&text)),
    });
    let description = text(server, "description").map(|text| bounded(&text));
    Some(Server { url, description, variables: variables.collect() })
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
