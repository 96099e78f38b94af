//! Telling other processes on the same database that there is work.
//!
//! On PostgreSQL by `NOTIFY`, in the transaction that makes the work. It only wakes: what is lost costs a moment until
//! the next look. A SQLite file has one process, which needs nobody to tell it.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend};
use sqlx::postgres::PgListener;

use crate::error::Error;
use crate::transaction::Transaction;
use crate::{Engine, Store};

/// The channel of everybody on the database.
const CHANNEL: &str = "executor_work";

/// How long to leave a database alone that does not let us listen.
const AGAIN: Duration = Duration::from_secs(1);

/// Tells everybody, once the transaction is committed.
pub(crate) async fn tell(transaction: &Transaction) -> Result<(), Error> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        transaction.execute_unprepared(&format!("NOTIFY {CHANNEL}")).await?;
    }
    Ok(())
}

impl Store {
    /// Says so, for as long as this is polled, whenever a process on the same database has made work.
    pub async fn listen(&self, heard: impl Fn() + Send + Sync) {
        if self.engine == Engine::Sqlite {
            return std::future::pending().await;
        }
        loop {
            if let Err(error) = self.hear(&heard).await {
                tracing::warn!(%error, "the database does not tell of work; it is looked for every second");
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn hear(&self, heard: &(impl Fn() + Send + Sync)) -> Result<(), sqlx::Error> {
        let mut listener = PgListener::connect_with(self.readers.get_postgres_connection_pool()).await?;
        listener.listen(CHANNEL).await?;
        loop {
            listener.recv().await?;
            heard();
        }
    }
}
