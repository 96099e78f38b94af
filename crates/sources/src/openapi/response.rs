//! What an operation answers with when all is well.

use super::reference::References;
use crate::document::Node;

/// The first good response.
pub(super) struct Good<'d> {
    /// The media type to ask for.
    pub(super) accept: &'d str,
    /// The schema of its JSON.
    pub(super) schema: Option<Node<'d>>,
}

/// The first response with a status of 200 to 299 that has a JSON schema; else the first with content.
pub(super) fn first_good<'d>(references: &References<'d>, operation: Node<'d>) -> Good<'d> {
    let responses = operation.get("responses").into_iter().flat_map(Node::members);
    let contents: Vec<_> = responses
        .filter(|(status, _)| status.starts_with('2'))
        .filter_map(|(_, response)| references.follow(response).ok()?.get("content"))
        .collect();
    for content in &contents {
        let json = content.members().find(|(name, _)| is_json(name));
        if let Some((accept, media)) = json {
            return Good { accept, schema: media.get("schema") };
        }
    }
    let other = contents.iter().find_map(|content| content.members().next());
    Good { accept: other.map_or("*/*", |(name, _)| name), schema: None }
}

fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence.ends_with("/json") || essence.ends_with("+json")
}
