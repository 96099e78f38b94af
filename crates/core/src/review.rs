//! What became of a tool since a person last accepted it, and whether its calls ask until somebody has looked.
//!
//! A source's document is not ours: what it says after a refresh must not widen what was granted before. A new tool, and
//! one that goes elsewhere, signs in otherwise, does more or takes more, needs review. Texts and answers do not.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::path::ToolPath;

/// A part of a tool that a refresh may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToolPart {
    /// The method of its requests.
    Method,
    /// The path of its requests, with the names of what is filled in.
    Path,
    /// The scheme, host and port that they go to.
    Origin,
    /// How they are signed in, and where the credential goes.
    Security,
    /// What calling it does to the world.
    SideEffect,
    /// It takes arguments that it did not take.
    WiderArguments,
    /// An argument that it took goes to another place of the request.
    ArgumentPlaces,
    /// It takes less than it took, or the same said otherwise.
    Arguments,
    /// What it answers.
    Response,
    /// What is written about it.
    Text,
}

impl ToolPart {
    /// Every part.
    pub const ALL: [ToolPart; 10] = [
        ToolPart::Method,
        ToolPart::Path,
        ToolPart::Origin,
        ToolPart::Security,
        ToolPart::SideEffect,
        ToolPart::WiderArguments,
        ToolPart::ArgumentPlaces,
        ToolPart::Arguments,
        ToolPart::Response,
        ToolPart::Text,
    ];

    /// Whether a person has to have seen the change before the tool is called without being asked.
    pub fn needs_review(self) -> bool {
        !matches!(self, ToolPart::Arguments | ToolPart::Response | ToolPart::Text)
    }
}

impl fmt::Display for ToolPart {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            ToolPart::Method => "method",
            ToolPart::Path => "path",
            ToolPart::Origin => "origin",
            ToolPart::Security => "security",
            ToolPart::SideEffect => "effect",
            ToolPart::WiderArguments => "wider arguments",
            ToolPart::ArgumentPlaces => "places of arguments",
            ToolPart::Arguments => "arguments",
            ToolPart::Response => "response",
            ToolPart::Text => "text",
        })
    }
}

/// How one part of a tool differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// Which part.
    pub part: ToolPart,
    /// What was accepted, for people; empty if there was nothing.
    pub before: String,
    /// What is there now, for people; empty if there is nothing.
    pub after: String,
}

/// How a tool differs from what was last accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ToolChange {
    /// It was not there.
    Added,
    /// It is there no more.
    Removed,
    /// It is another.
    Changed {
        /// How.
        differences: Vec<Difference>,
    },
}

impl ToolChange {
    /// Whether calls of the tool ask until somebody has accepted the change.
    pub fn needs_review(&self) -> bool {
        match self {
            ToolChange::Added => true,
            ToolChange::Removed => false,
            ToolChange::Changed { differences } => {
                differences.iter().any(|difference| difference.part.needs_review())
            }
        }
    }

    /// Why calls of the tool ask, as a sentence; nothing if they do not.
    pub fn reason(&self, path: &ToolPath) -> Option<String> {
        let source = path.source();
        match self {
            ToolChange::Added => {
                Some(format!("`{path}` is new since the refresh of `{source}` and not yet reviewed."))
            }
            ToolChange::Changed { differences } if self.needs_review() => {
                let parts = differences.iter().map(|difference| difference.part);
                let parts: Vec<_> =
                    parts.filter(|part| part.needs_review()).map(|part| part.to_string()).collect();
                let parts = parts.join(", ");
                Some(format!(
                    "`{path}` was changed by the refresh of `{source}` and not yet reviewed: {parts}."
                ))
            }
            ToolChange::Removed | ToolChange::Changed { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_widens_needs_review_and_says_why() {
        let path: ToolPath = "shop.orders.create".parse().unwrap();
        let changed = |parts: &[ToolPart]| ToolChange::Changed {
            differences: parts
                .iter()
                .map(|part| Difference { part: *part, before: String::new(), after: String::new() })
                .collect(),
        };
        for part in ToolPart::ALL {
            let asks = !["arguments", "response", "text"].contains(&part.to_string().as_str());
            assert_eq!(changed(&[part]).needs_review(), asks, "{part}");
            assert_eq!(changed(&[part]).reason(&path).is_some(), asks, "{part}");
        }
        let reason =
            changed(&[ToolPart::Text, ToolPart::Origin, ToolPart::SideEffect]).reason(&path).unwrap();
        assert_eq!(
            reason,
            "`shop.orders.create` was changed by the refresh of `shop` and not yet reviewed: origin, effect."
        );
        assert!(ToolChange::Added.reason(&path).unwrap().contains("is new"));
        assert_eq!(ToolChange::Removed.reason(&path), None);
        let text = serde_json::to_string(&changed(&[ToolPart::Path])).unwrap();
        assert_eq!(text, r#"{"kind":"changed","differences":[{"part":"path","before":"","after":""}]}"#);
    }
}
