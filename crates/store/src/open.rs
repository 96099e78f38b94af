//! Opening a database: connections, settings, migration.

use std::path::PathBuf;
use std::time::Duration;

use sea_orm::{ConnectOptions, Database, DatabaseConnection, EntityTrait};
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnection, SqliteJournalMode, SqliteSynchronous};

use crate::durability::Durability;
use crate::entity::counters;
use crate::error::Error;
use crate::migrate::migrate;
use crate::sealing::Sealing;
use crate::write::Writer;
use crate::{Engine, Store};

/// How long a lease lasts if nobody says otherwise.
const LEASE: Duration = Duration::from_secs(30);

/// Where the database is.
#[derive(Debug, Clone)]
pub enum Location {
    /// A SQLite file; made if it is not there, its folder too.
    Sqlite(PathBuf),
    /// The URL of a PostgreSQL database.
    Postgres(String),
}

impl Store {
    /// Opens the database and brings it to this build's schema.
    pub async fn open(location: &Location) -> Result<Self, Error> {
        match location {
            Location::Sqlite(path) => open_sqlite(path.clone()).await,
            Location::Postgres(url) => open_postgres(url).await,
        }
    }
}

async fn open_sqlite(path: PathBuf) -> Result<Store, Error> {
    let folder = path.parent().map(std::path::Path::to_path_buf);
    if let Some(folder) = &folder {
        fs_err::create_dir_all(folder).map_err(|error| Error::ReadOnly(error.to_string()))?;
    }
    let connect = |connections: u32| {
        let path = path.clone();
        // The URL only names the driver; the file is set as a path, so that no character in it means anything.
        let mut options = ConnectOptions::new("sqlite::memory:");
        options
            .max_connections(connections)
            .min_connections(1)
            .sqlx_logging(false)
            .test_before_acquire(false);
        options.idle_timeout(None::<Duration>).max_lifetime(None::<Duration>);
        options.map_sqlx_sqlite_pool_opts(|pool| pool.after_release(|sqlite, _| Box::pin(is_sound(sqlite))));
        options.map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .in_memory(false)
                .shared_cache(false)
                .filename(&path)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
                .statement_cache_capacity(200)
                .pragma("journal_size_limit", "67108864")
                .pragma("temp_store", "memory")
        });
        Database::connect(options)
    };
    let writing = connect(1).await?;
    migrate(&writing).await?;
    let readers = connect(4).await?;
    finish(Store {
        engine: Engine::Sqlite,
        readers,
        writer: Writer::sqlite(writing),
        epoch: 0,
        folder,
        lease: LEASE,
        sealing: Sealing::default(),
    })
    .await
}

/// Whether a connection may be used again. One whose transaction was ended by the engine, as a full disk does, still
/// believes to be in it, and would make every later transaction a part of one that nobody commits.
async fn is_sound(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        // A rollback may be under way; this waits for it.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

async fn open_postgres(url: &str) -> Result<Store, Error> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(16)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .connect_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .sqlx_logging(false);
    let pool: DatabaseConnection = Database::connect(options).await?;
    migrate(&pool).await?;
    finish(Store {
        engine: Engine::Postgres,
        readers: pool.clone(),
        writer: Writer::postgres(pool),
        epoch: 0,
        folder: None,
        lease: LEASE,
        sealing: Sealing::default(),
    })
    .await
}

/// Each start is an epoch of its own.
async fn finish(mut store: Store) -> Result<Store, Error> {
    store.epoch =
        store.write(Durability::Synced, |transaction| Box::pin(counters::next(transaction, "epoch"))).await?;
    tracing::debug!(epoch = store.epoch, engine = ?store.engine, "the database is open");
    Ok(store)
}

impl Store {
    /// Whether the database answers.
    pub async fn is_alive(&self) -> bool {
        counters::Entity::find_by_id("epoch").one(&self.readers).await.is_ok()
    }
}
