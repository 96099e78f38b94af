//! Where an API is, and what it is called after that.

use executor_core::{ErrorCode, Failure};
use url::{Host, Url};

use crate::document::{Document, Node};
use crate::import::ImportOptions;
use crate::openapi::naming::segment;

/// The member of a document in which it is kept where it was asked for.
pub(super) const MEMBER: &str = "endpoint";
/// Parts of a host's name that say nothing about whose API it is.
const EMPTY_LABELS: [&str; 9] =
    ["api", "apis", "www", "graphql", "gql", "gateway", "app", "public", "backend"];

/// Where the document says that its API is: an introspection result that was fetched says where.
pub(super) fn stated(document: &Document) -> Option<Url> {
    absolute(document.root().get(MEMBER).and_then(Node::as_str)?)
}

/// Where calls go: what is asked for, else where the schema was asked for.
pub(super) fn base_url(document: &Document, options: &ImportOptions<'_>) -> Result<String, Failure> {
    let missing = |message: String| {
        let hint =
            "Give the address that answers queries as the base URL, such as https://api.example.com/graphql.";
        Failure::new(ErrorCode::BaseUrlRequired, message).with_hint(hint)
    };
    let url = match options.base_url {
        Some(given) => absolute(given)
            .ok_or_else(|| missing(format!("`{given}` is not an absolute http or https URL.")))?,
        None => stated(document)
            .ok_or_else(|| missing("A GraphQL schema does not say where its API is.".to_owned()))?,
    };
    Ok(url.into())
}

fn absolute(text: &str) -> Option<Url> {
    let mut url = Url::parse(text.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return None;
    }
    url.set_fragment(None);
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some(url)
}

/// `github` for `https://api.github.com/graphql`.
pub(super) fn suggested_name(endpoint: Option<&Url>) -> String {
    let telling = match endpoint.and_then(Url::host) {
        Some(Host::Domain(host)) => owner(host),
        _ => None,
    };
    telling.and_then(segment).unwrap_or_else(|| "graphql".to_owned())
}

/// The label of a host's name that says whose it is: the last before `.com` or `.co.uk`.
fn owner(host: &str) -> Option<&str> {
    let mut labels: Vec<&str> = host.trim_end_matches('.').split('.').collect();
    if labels.len() > 1 {
        let last = labels.pop()?;
        let is_shared =
            labels.len() > 1 && last.len() == 2 && labels.last().is_some_and(|label| label.len() <= 3);
        if is_shared {
            labels.pop();
        }
    }
    let telling = labels.iter().rev().find(|label| !EMPTY_LABELS.contains(label));
    telling.or(labels.last()).copied()
}
