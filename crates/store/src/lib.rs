//! Persistence on SQLite and PostgreSQL: one schema, one set of queries, two sizes.
//!
//! Nothing else knows the schema or speaks SQL. Invariants:
//! - Every row belongs to a tenant, and every query that a caller's id can reach says which.
//! - Every write goes through [`Store::write`]: on SQLite one writer commits in batches; see [`Durability`].
//! - What changes something that the audit log tells of takes the entry and writes it in the same transaction.
//! - What webhooks are told of takes the messages and writes them in the same transaction.
//! - Only the holder of a task's lease appends to its journal, in the transaction that checks the lease's epoch.
//! - Ids are text, times are milliseconds, JSON is opaque text. Nothing relies on what only one engine has.

#![expect(
    clippy::disallowed_types,
    reason = "this is the crate that the ban of database connections points to"
)]

mod approvals;
mod audit;
mod batches;
mod blobs;
mod claim;
mod connections;
mod durability;
mod entity;
mod error;
mod keys;
mod limits;
mod members;
mod migrate;
mod open;
mod organizations;
mod read;
mod refreshes;
mod request_states;
mod rule_order;
mod rules;
mod sealing;
mod sensitive_tools;
mod settings;
mod signals;
mod sources;
mod space;
mod task_list;
mod task_writes;
mod tasks;
mod tool_aliases;
mod tool_changes;
mod tool_words;
mod toolkits;
mod transaction;
mod waiting;
mod webhook_deliveries;
mod webhooks;
mod work;
mod write;

use std::time::Duration;

use executor_core::Timestamp;
use futures::future::BoxFuture;
use sea_orm::DatabaseConnection;

use sealing::Sealing;
use transaction::Transaction;

pub use approvals::{Approval, ApprovalChange, ApprovalDecision, ApprovalFilter};
pub use audit::{AuditFilter, HeadTags, Sealed};
pub use blobs::Blobs;
pub use connections::Connection;
pub use durability::Durability;
pub use error::Error;
pub use keys::Key;
pub use members::{Account, AccountKind, Membership};
pub use migrate::SCHEMA_VERSION;
pub use open::Location;
pub use organizations::{Bootstrap, Organization, Workspace};
pub use refreshes::Reread;
pub use rule_order::Place;
pub use rules::StoredRule;
pub use sealing::Sealer;
pub use signals::{NewSignal, Signal};
pub use sources::{Changed, Contents, Source, SourceVersion, StoredTool, schema_references};
pub use task_list::TaskFilter;
pub use task_writes::{CallRow, TaskProgress, TaskWrite};
pub use tasks::{Authority, NewTask, Task};
pub use tool_aliases::ToolAlias;
pub use tool_changes::StoredChange;
pub use tool_words::ToolWords;
pub use webhook_deliveries::{AfterAttempt, Delivery, DeliveryAttempt, NewDelivery};
pub use webhooks::Webhook;

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file, owned by one process.
    Sqlite,
    /// A server, shared by several.
    Postgres,
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    readers: DatabaseConnection,
    writer: write::Writer,
    epoch: i64,
    /// Where SQLite's file is.
    folder: Option<std::path::PathBuf>,
    lease: Duration,
    sealing: Sealing,
}

impl Store {
    /// Which database it is.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The number of this start; no two starts on one database have the same.
    pub fn epoch(&self) -> i64 {
        self.epoch
    }

    /// The same database, with leases that last so long unless they are renewed.
    pub fn with_lease(self, lease: Duration) -> Self {
        Self { lease, ..self }
    }

    /// How long a lease lasts unless it is renewed.
    pub fn lease(&self) -> Duration {
        self.lease
    }

    /// Until when a lease lasts that is given, or renewed, now.
    pub fn lease_until(&self, now: Timestamp) -> Timestamp {
        now.plus_millis(i64::try_from(self.lease.as_millis()).unwrap_or(i64::MAX))
    }

    /// How many times a commit waited for the disk.
    pub fn syncs(&self) -> u64 {
        self.writer.ledger().syncs()
    }

    /// Makes everything durable that was written before. Costs nothing if all of it is.
    pub async fn sync(&self) -> Result<(), Error> {
        if !self.writer.ledger().has_unsynced() {
            return Ok(());
        }
        self.write(Durability::Synced, |_| Box::pin(async { Ok(()) })).await
    }

    async fn write<T, F>(&self, durability: Durability, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t Transaction) -> BoxFuture<'t, Result<T, Error>> + Send + 'static,
    {
        self.writer.write(durability, 1, work).await
    }
}
