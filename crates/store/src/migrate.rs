//! Brings a database to this build's schema, or refuses one that a newer build has written.
//!
//! Migrations are numbered, only ever added, and each runs in one transaction with the row that records it.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::error::Error;
use crate::transaction::Transaction;

const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_initial.sql"),
    include_str!("../migrations/0002_audit.sql"),
    include_str!("../migrations/0003_rules.sql"),
    include_str!("../migrations/0004_approvals.sql"),
    include_str!("../migrations/0005_request_states.sql"),
    include_str!("../migrations/0006_reviews.sql"),
    include_str!("../migrations/0007_toolkits.sql"),
    include_str!("../migrations/0008_limits.sql"),
    include_str!("../migrations/0009_webhooks.sql"),
    include_str!("../migrations/0010_sources.sql"),
    include_str!("../migrations/0011_sensitive.sql"),
    include_str!("../migrations/0012_servers.sql"),
    include_str!("../migrations/0013_aliases.sql"),
];

/// The schema version that this build writes.
pub const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

/// Any number, the same in every build: two that start at once migrate one after the other.
const MIGRATION_LOCK: i64 = 0x4558_4543;

pub(crate) async fn migrate(connection: &DatabaseConnection) -> Result<(), Error> {
    let backend = connection.get_database_backend();
    let transaction = Transaction::begin(connection).await?;
    if backend == DbBackend::Postgres {
        transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
    }
    transaction
        .execute_unprepared("CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY)")
        .await?;
    let newest =
        Statement::from_string(backend, "SELECT COALESCE(MAX(version), 0) AS version FROM schema_migrations");
    let found: i64 = match transaction.query_one_raw(newest).await? {
        Some(row) => row.try_get("", "version")?,
        None => 0,
    };
    if found > SCHEMA_VERSION {
        return Err(Error::NewerSchema { found, known: SCHEMA_VERSION });
    }
    let (text_type, bytes_type) = match backend {
        DbBackend::Postgres => ("TEXT COLLATE \"C\"", "BYTEA"),
        _ => ("TEXT", "BLOB"),
    };
    for (version, text) in (1..).zip(MIGRATIONS).filter(|(version, _)| *version > found) {
        tracing::info!(version, "migrating the database");
        transaction
            .execute_unprepared(&text.replace("{text}", text_type).replace("{bytes}", bytes_type))
            .await?;
        transaction
            .execute_unprepared(&format!("INSERT INTO schema_migrations (version) VALUES ({version})"))
            .await?;
    }
    Ok(transaction.commit().await?)
}
