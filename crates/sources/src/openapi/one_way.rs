//! Members that go one way only: what the API alone writes is no argument, and what a caller alone writes does not come back.

use std::collections::HashSet;

use super::reference::References;
use crate::document::Node;

/// The most parts of a combination that are looked at for such members.
const MAX_PARTS: usize = 200;

/// Says of a member that only the API writes it.
pub(super) const FROM_API: &str = "readOnly";
/// Says of a member that only a caller writes it.
pub(super) const TO_API: &str = "writeOnly";

/// Whether a member says so itself, or what it refers to does.
pub(super) fn is<'d>(references: &References<'d>, member: Node<'d>, flag: &str) -> bool {
    member.flag(flag)
        || member.get("$ref").is_some() && references.follow(member).is_ok_and(|target| target.flag(flag))
}

/// The members of all parts of a combination that say so.
///
/// One part often declares what another one requires.
pub(super) fn among<'d>(references: &References<'d>, schema: Node<'d>, flag: &str) -> HashSet<&'d str> {
    let mut names = HashSet::new();
    let mut waiting = vec![schema];
    for _ in 0..MAX_PARTS {
        let Some(part) = waiting.pop().and_then(|part| references.follow(part).ok()) else { break };
        let members = part.get("properties").into_iter().flat_map(Node::members);
        names.extend(members.filter(|(_, member)| is(references, *member, flag)).map(|(name, _)| name));
        waiting.extend(part.get("allOf").into_iter().flat_map(Node::items));
    }
    names
}
