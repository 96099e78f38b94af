//! How the vocabulary's opaque types stand in the description of our own API.

use std::borrow::Cow;

use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{RefOr, schema};
use utoipa::{PartialSchema, ToSchema};

use crate::clock::Timestamp;
use crate::id::{
    AccountId, ApprovalId, ConnectionId, KeyId, MembershipId, OrganizationId, RuleId, SourceId, TaskId,
    WebhookDeliveryId, WebhookId, WorkspaceId,
};
use crate::json::{Digest, Json};
use crate::path::{ToolPath, ToolPattern};
use crate::policy::{Condition, ConnectionMatch};

macro_rules! texts {
    ($($name:ident, $description:expr;)*) => {$(
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new().schema_type(Type::String).description(Some($description)).into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    )*};
}

texts! {
    OrganizationId, "`org_` and 32 hexadecimal digits";
    WorkspaceId, "`wsp_` and 32 hexadecimal digits";
    AccountId, "`acc_` and 32 hexadecimal digits";
    MembershipId, "`mem_` and 32 hexadecimal digits";
    KeyId, "`key_` and 32 hexadecimal digits";
    SourceId, "`src_` and 32 hexadecimal digits";
    ConnectionId, "`con_` and 32 hexadecimal digits";
    TaskId, "`tsk_` and 32 hexadecimal digits";
    ApprovalId, "`apr_` and 32 hexadecimal digits";
    RuleId, "`rul_` and 32 hexadecimal digits";
    WebhookId, "`whk_` and 32 hexadecimal digits";
    WebhookDeliveryId, "`msg_` and 32 hexadecimal digits";
    Digest, "a SHA-256 as 64 hexadecimal digits";
    ToolPath, "a tool's canonical path, `github.issues.create`";
    Condition, "a condition in CEL over `args`, `tool`, `connection` and `caller`";
    ConnectionMatch, "a connection's id, or its owner and name, `workspace/work`";
    ToolPattern, "a pattern over tool paths, `github.issues.*`";
}

impl PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .description(Some("milliseconds since 1970-01-01T00:00:00Z"))
            .into()
    }
}

impl ToSchema for Timestamp {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Timestamp")
    }
}

impl PartialSchema for Json {
    fn schema() -> RefOr<Schema> {
        schema::empty().into()
    }
}

impl ToSchema for Json {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Json")
    }
}
