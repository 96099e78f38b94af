//! What is stored with a tool, so that a call of it can be planned.

use apollo_compiler::ast::OperationType;
use serde::{Deserialize, Serialize};

/// One tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "tool", rename_all = "camelCase")]
pub(super) enum Operation {
    /// It asks for one root field.
    Field(Field),
    /// It sends whatever document it is given, of one kind of operation.
    Raw { kind: Kind },
}

/// A root field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Field {
    /// Query or mutation.
    pub(super) kind: Kind,
    /// What the schema calls the field.
    pub(super) field: String,
    /// Its arguments, which the tool's are called after.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) arguments: Vec<Argument>,
    /// What is asked of the field's value; none where it has no parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) selection: Option<Selection>,
}

/// An argument of a root field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Argument {
    /// Its name.
    pub(super) name: String,
    /// Its type, as GraphQL writes it.
    #[serde(rename = "type")]
    pub(super) ty: String,
}

/// What is asked of a root field's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Selection {
    /// The name of the argument that says it.
    pub(super) argument: String,
    /// The selection set where the argument is not given, with its braces. It reaches no other root field.
    pub(super) default: String,
}

/// A kind of operation that is done and answered once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Kind {
    Query,
    Mutation,
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        OperationType::from(self).name()
    }
}

impl From<Kind> for OperationType {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Query => Self::Query,
            Kind::Mutation => Self::Mutation,
        }
    }
}
