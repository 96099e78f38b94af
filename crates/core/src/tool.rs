//! What a tool is, whatever kind of source it comes from.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::json::Json;

/// The kind of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// An OpenAPI document.
    Openapi,
    /// A GraphQL endpoint.
    Graphql,
    /// An MCP server.
    Mcp,
    /// A Google Discovery document.
    GoogleDiscovery,
}

impl SourceKind {
    /// Every kind.
    pub const ALL: [SourceKind; 4] =
        [SourceKind::Openapi, SourceKind::Graphql, SourceKind::Mcp, SourceKind::GoogleDiscovery];

    /// The kind's name on the wire and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            SourceKind::Openapi => "openapi",
            SourceKind::Graphql => "graphql",
            SourceKind::Mcp => "mcp",
            SourceKind::GoogleDiscovery => "google_discovery",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// What calling a tool does to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SideEffect {
    /// It only reads. May be sent again.
    None,
    /// It writes, and doing it twice is doing it once. May be sent again.
    Idempotent,
    /// It writes. Must not be sent again unless it is certain that it did not happen.
    Write,
}

impl SideEffect {
    /// The name on the wire and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            SideEffect::None => "none",
            SideEffect::Idempotent => "idempotent",
            SideEffect::Write => "write",
        }
    }

    /// The side effect of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [SideEffect::None, SideEffect::Idempotent, SideEffect::Write]
            .into_iter()
            .find(|one| one.as_str() == name)
    }

    /// Whether it changes nothing.
    pub fn is_read(self) -> bool {
        self == SideEffect::None
    }

    /// Whether a request may be sent again when no answer came.
    pub fn may_repeat(self) -> bool {
        self != SideEffect::Write
    }
}

/// A tool as a source's import makes it. Its path is the source's name, a dot, and `name`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tool {
    /// The path within the source: `issues.create`.
    pub name: String,
    /// One line.
    pub summary: String,
    /// As much as the source says, in Markdown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Whether the source wants it used no more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    /// What calling it does.
    pub side_effect: SideEffect,
    /// JSON Schema of the one flat object of arguments. References are `#/$defs/<name>` into the source's schemas.
    pub input: Json,
    /// JSON Schema of the payload, if the source says; references as in `input`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Json>,
    /// What the source's kind needs to plan a call. Nobody else looks into it.
    pub operation: Json,
}

/// A schema that several tools of a source refer to, stored once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedSchema {
    /// The name in `#/$defs/<name>`.
    pub name: String,
    /// The JSON Schema; it may refer to others.
    pub schema: Json,
}

/// Where a credential goes in a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", tag = "in", content = "parameter")]
pub enum Placement {
    /// `Authorization: Bearer <token>`.
    Bearer,
    /// `Authorization: Basic <username:password>`.
    Basic,
    /// A header of this name.
    Header(String),
    /// A query parameter of this name.
    Query(String),
    /// A cookie of this name.
    Cookie(String),
    /// An environment variable of this name, for a program of this machine.
    Environment(String),
}

/// A place in a request that a credential has to fill. The secret itself is joined to it at the socket.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct CredentialSlot {
    /// The name that the source gives it: the name of its security scheme. Not the name of the header or parameter.
    pub name: String,
    /// Where it goes.
    #[serde(flatten)]
    pub placement: Placement,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_reads_back_whatever_its_placement() {
        let cases = [
            (Placement::Bearer, r#"{"name":"key","in":"bearer"}"#),
            (Placement::Basic, r#"{"name":"key","in":"basic"}"#),
            (Placement::Header("X-Key".into()), r#"{"name":"key","in":"header","parameter":"X-Key"}"#),
            (Placement::Query("app".into()), r#"{"name":"key","in":"query","parameter":"app"}"#),
            (Placement::Cookie("sid".into()), r#"{"name":"key","in":"cookie","parameter":"sid"}"#),
            (Placement::Environment("KEY".into()), r#"{"name":"key","in":"environment","parameter":"KEY"}"#),
        ];
        for (placement, expected) in cases {
            let slot = CredentialSlot { name: "key".into(), placement };
            assert_eq!(serde_json::to_string(&slot).unwrap(), expected);
            assert_eq!(serde_json::from_str::<CredentialSlot>(expected).unwrap(), slot);
        }
    }
}
