//! The pages of an answer, by the habits of APIs: OpenAPI has no word for them.
//!
//! In this order: the `Link` header of RFC 8288; a link to the next page in the body; a cursor in the body and a
//! parameter that takes it; the id of the last item, where the API says that there are more; a page number; an offset.
//! A cursor of ours is nothing but query parameters, so the next page is another query on the same path of the same
//! origin: a link that leads elsewhere is not followed.

mod items;
mod link;
mod next;

use std::collections::BTreeMap;

use executor_core::tool::Placement;
use executor_core::{ErrorCode, Json, ToolError};
use serde::{Deserialize, Serialize};
use url::Url;

use super::operation::{Operation, Place};
use super::plan;
use crate::kind::Call;
use crate::page::Page;
use crate::perform::{Answer, Payload};

/// Where a page begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// Query parameters by the names that the API gives them, in place of those that the call has.
    query: BTreeMap<String, String>,
}

impl Cursor {
    fn of(name: &str, value: String) -> Self {
        Self { query: BTreeMap::from([(name.to_owned(), value)]) }
    }

    /// Puts the parameters into the URL.
    pub(super) fn apply(&self, url: &mut Url) {
        let kept: Vec<_> = url.query_pairs().into_owned().collect();
        let kept = kept.into_iter().filter(|(name, _)| !self.query.contains_key(name));
        let pairs: Vec<_> = kept.chain(self.query.clone()).collect();
        url.query_pairs_mut().clear().extend_pairs(pairs);
    }
}

/// What is known when the next page is looked for.
struct Request<'a> {
    /// Where this page came from, without secrets.
    url: Url,
    /// The query parameters that the operation has.
    parameters: Vec<&'a str>,
    /// The query parameters that carry a credential.
    secrets: Vec<String>,
}

impl Request<'_> {
    /// The first of these names that the operation has a query parameter of, however it is spelled.
    fn parameter(&self, names: &[&str]) -> Option<&str> {
        let has = |name: &&str| self.parameters.iter().find(|own| fold(own) == **name).copied();
        names.iter().find_map(has)
    }

    /// The value that the request had for a query parameter.
    fn value(&self, parameter: &str) -> Option<String> {
        self.url.query_pairs().find(|(name, _)| name == parameter).map(|(_, value)| value.into_owned())
    }

    fn number(&self, parameter: &str) -> Option<u64> {
        self.value(parameter)?.parse().ok()
    }
}

/// The page that an answer is.
pub(super) fn page(call: &Call<'_>, answer: &Answer) -> Result<Page, ToolError> {
    let path = call.path.as_str();
    let Payload::Json(payload) = &answer.payload else {
        return Err(no_pages(path));
    };
    let items = items::of(payload, call.path).ok_or_else(|| no_pages(path))?;
    let operation: Operation = call.operation.read().map_err(|_| no_pages(path))?;
    let planned = plan::plan(call)?;
    let slots = planned.credentials.iter().flatten();
    let request = Request {
        url: planned.url,
        parameters: operation
            .parameters
            .iter()
            .filter(|parameter| parameter.place == Place::Query)
            .map(|parameter| parameter.name.as_str())
            .collect(),
        secrets: slots
            .filter_map(|slot| match &slot.placement {
                Placement::Query(name) => Some(name.clone()),
                _ => None,
            })
            .collect(),
    };
    let next = next::of(&request, payload, &items, answer);
    if next.as_ref().is_some_and(|cursor| leads_back(cursor, call.cursor)) {
        let message = "The API says that the next page is the one that it has just given.";
        return Err(ToolError::new(ErrorCode::UpstreamInvalid, path, message));
    }
    let next = next.map(|cursor| Json::from_serialize(&cursor)).transpose();
    let next = next.map_err(|error| ToolError::new(ErrorCode::Internal, path, error.to_string()))?;
    Ok(Page { items, next })
}

fn leads_back(next: &Cursor, this: Option<&Json>) -> bool {
    this.and_then(|this| this.read::<Cursor>().ok()).is_some_and(|this| this == *next)
}

fn no_pages(path: &str) -> ToolError {
    let message = format!("The answer of `{path}` is no list, so it has no pages.");
    ToolError::new(ErrorCode::InvalidArguments, path, message).with_hint("Call it without `paginate`.")
}

/// A name without case and separators: `per_page`, `perPage` and `PerPage` are one.
fn fold(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|character| character.to_ascii_lowercase()).collect()
}
