//! What an operation answers with when all is well.

use super::dialect::Dialect;
use super::media::{self, Media};
use super::reference::References;
use super::swagger;
use crate::document::Node;

/// The most media types that are asked for.
const MAX_ACCEPTED: usize = 8;

/// A good response.
pub(super) struct Good<'d> {
    /// The media types to ask for, the preferred one first.
    pub(super) accept: String,
    pub(super) payload: Payload<'d>,
}

/// What a good response brings.
pub(super) enum Payload<'d> {
    /// JSON, of that schema if the document gives one.
    Json(Option<Node<'d>>),
    Text,
    /// Bytes, whatever media type comes with them.
    File,
    /// The document does not say.
    Unknown,
}

/// The first response with a status of 200 to 299 that has JSON, else the first with content; the default one if no good
/// status is declared.
pub(super) fn good<'d>(references: &References<'d>, operation: Node<'d>) -> Good<'d> {
    let responses = operation.get("responses");
    let members = || responses.into_iter().flat_map(Node::members);
    let mut declared: Vec<_> =
        members().filter(|(status, _)| status.starts_with('2')).map(|(_, response)| response).collect();
    if declared.is_empty() {
        declared.extend(responses.and_then(|all| all.get("default")));
    }
    let types: Vec<Media<'d>> = declared
        .into_iter()
        .filter_map(|response| references.follow(response).ok())
        .flat_map(|response| content(references, operation, response))
        .collect();
    let Some(best) = types.iter().find(|one| media::is_json(one.name)).or_else(|| types.first()) else {
        return Good { accept: "*/*".to_owned(), payload: Payload::Unknown };
    };
    Good { accept: accept(best, &types), payload: payload(references, best) }
}

fn content<'d>(references: &References<'d>, operation: Node<'d>, response: Node<'d>) -> Vec<Media<'d>> {
    match references.dialect() {
        Dialect::Swagger => swagger::content(references, operation, response),
        _ => response.get("content").map(media::content).unwrap_or_default(),
    }
}

fn payload<'d>(references: &References<'d>, best: &Media<'d>) -> Payload<'d> {
    let is_file = best.schema.is_some_and(|schema| media::is_file(references, schema));
    if is_file || media::is_binary(best.name) {
        Payload::File
    } else if media::is_json(best.name) {
        Payload::Json(best.schema)
    } else if best.name.contains('*') {
        Payload::Unknown
    } else {
        Payload::Text
    }
}

/// `application/json, text/csv;q=0.9`: each type once.
fn accept(best: &Media<'_>, types: &[Media<'_>]) -> String {
    let mut names: Vec<&str> = vec![best.name];
    for one in types {
        if names.len() < MAX_ACCEPTED && !names.contains(&one.name) {
            names.push(one.name);
        }
    }
    let weighed = names.iter().enumerate().map(|(position, name)| match position {
        0 => (*name).to_owned(),
        position => format!("{name};q=0.{}", 10 - position),
    });
    weighed.collect::<Vec<_>>().join(", ")
}
