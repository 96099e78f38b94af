//! Identity: UUIDv7 with a readable prefix that names the kind (`tsk_0198c0de…`).
//!
//! Ids sort by the time of their making. They are made by an [`IdSource`], which is passed in, so that tests
//! and simulations can repeat a run exactly.

use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

use crate::clock::Timestamp;

/// Where new ids come from.
pub trait IdSource: Send + Sync + 'static {
    /// A new UUIDv7, greater than every one that this source gave before.
    fn next_uuid(&self, now: Timestamp) -> Uuid;
}

/// Ids from the operating system's randomness.
#[derive(Debug, Default)]
pub struct RandomIds {
    context: Mutex<uuid::ContextV7>,
}

impl IdSource for RandomIds {
    fn next_uuid(&self, now: Timestamp) -> Uuid {
        let milliseconds = now.as_millis().max(0).unsigned_abs();
        let nanoseconds = u32::try_from(milliseconds % 1000).unwrap_or(0) * 1_000_000;
        let context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        Uuid::new_v7(uuid::Timestamp::from_unix(&*context, milliseconds / 1000, nanoseconds))
    }
}

/// A text that is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {kind} id; one looks like `{prefix}_` and 32 hexadecimal digits")]
pub struct InvalidId {
    text: String,
    kind: &'static str,
    prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal, $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// What the text of every id of this kind begins with, without the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A new id.
            pub fn new(ids: &dyn IdSource, now: Timestamp) -> Self {
                Self(ids.next_uuid(now))
            }

            /// The id without its prefix.
            pub fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}_{}", $prefix, self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, formatter)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.strip_prefix(concat!($prefix, "_"))
                    .filter(|digits| digits.len() == 32)
                    .and_then(|digits| Uuid::try_parse(digits).ok())
                    .map(Self)
                    .ok_or_else(|| InvalidId { text: text.chars().take(80).collect(), kind: $kind, prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// An organization: the tenant that owns workspaces.
    OrganizationId, "org", "organization";
    /// A workspace of an organization.
    WorkspaceId, "wsp", "workspace";
    /// An account: a person, a service or somebody anonymous.
    AccountId, "acc", "account";
    /// An account's place in an organization.
    MembershipId, "mem", "membership";
    /// An API key.
    KeyId, "key", "key";
    /// A source of tools.
    SourceId, "src", "source";
    /// A connection to a source.
    ConnectionId, "con", "connection";
    /// A task: one run of code.
    TaskId, "tsk", "task";
    /// A person's decision about one call.
    ApprovalId, "apr", "approval";
    /// A policy rule.
    RuleId, "rul", "rule";
    /// An entry of an audit log.
    AuditId, "aud", "audit entry";
    /// A webhook.
    WebhookId, "whk", "webhook";
    /// A message to a webhook, the same however often it is sent.
    WebhookDeliveryId, "msg", "webhook delivery";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_text_and_refuses_another_kind() {
        let id = TaskId::new(&RandomIds::default(), Timestamp::from_millis(1_700_000_000_123));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(id.to_string().parse::<SourceId>().is_err());
        assert!("tsk_".parse::<TaskId>().is_err());
        assert!("tsk_0198c0de-0000-7000-8000-000000000000".parse::<TaskId>().is_err());
    }

    #[test]
    fn ids_rise_within_a_millisecond() {
        let ids = RandomIds::default();
        let now = Timestamp::from_millis(1_700_000_000_123);
        let made: Vec<_> = (0..1000).map(|_| TaskId::new(&ids, now)).collect();
        assert!(made.is_sorted());
    }
}
