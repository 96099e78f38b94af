//! The vocabulary of Executor and the pure decisions over it.
//!
//! Everything here is data or a function of data: no I/O, no async, no clock and no randomness of its own.
//! [`clock`] and [`id`] say how time and identity are passed in.
//!
//! Invariants:
//! - An id names its kind and never changes ([`id`]).
//! - One canonical path a tool; two paths that fold alike are the same tool ([`path`]).
//! - A journal is a list of [`journal::Event`]s; what drives a program is its deliveries alone.
//! - Every failure that a user can see has a code of [`error::ErrorCode`].

pub mod access;
pub mod approval;
pub mod audit;
pub mod call;
pub mod clock;
pub mod error;
pub mod id;
pub mod journal;
pub mod json;
pub mod limits;
pub mod path;
pub mod policy;
pub mod review;
mod schema;
pub mod server;
pub mod task;
pub mod tool;
pub mod toolkit;
pub mod webhook;

pub use access::{Principal, Role, Scope};
pub use audit::{Actor, AuditAction, AuditEntry};
pub use clock::{Clock, Timestamp};
pub use error::{ErrorCode, Failure, ToolError};
pub use id::{
    AccountId, ApprovalId, AuditId, ConnectionId, IdSource, KeyId, MembershipId, OrganizationId, RuleId,
    SourceId, TaskId, WebhookDeliveryId, WebhookId, WorkspaceId,
};
pub use json::{Digest, Json};
pub use path::{ToolPath, ToolPattern};
pub use server::{Server, ServerVariable};
pub use webhook::{DeliveryStatus, WebhookEvent};
