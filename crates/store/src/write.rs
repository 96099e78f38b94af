//! Every write goes through here.
//!
//! On SQLite the queue of the one [`batches`](crate::batches) writer takes it, on PostgreSQL it is a transaction of its
//! own, with `synchronous_commit` to the same effect.

use std::sync::Arc;

use futures::future::BoxFuture;
use sea_orm::{ConnectionTrait, DatabaseConnection};

use crate::batches::Queue;
use crate::durability::{Durability, Ledger};
use crate::error::Error;
use crate::transaction::Transaction;

/// Where writes go.
#[derive(Clone)]
pub(crate) struct Writer {
    ledger: Arc<Ledger>,
    way: Way,
}

#[derive(Clone)]
enum Way {
    Sqlite(Queue),
    Postgres(DatabaseConnection),
}

impl Writer {
    /// Starts the task that owns the write connection.
    pub(crate) fn sqlite(connection: DatabaseConnection) -> Self {
        let ledger = Arc::<Ledger>::default();
        Self { way: Way::Sqlite(Queue::start(connection, ledger.clone())), ledger }
    }

    pub(crate) fn postgres(pool: DatabaseConnection) -> Self {
        Self { way: Way::Postgres(pool), ledger: Arc::default() }
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Runs `work`, of about so many rows, in a transaction. If it fails, nothing of it is kept.
    pub(crate) async fn write<T, F>(&self, durability: Durability, rows: usize, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t Transaction) -> BoxFuture<'t, Result<T, Error>> + Send + 'static,
    {
        match &self.way {
            Way::Sqlite(queue) => queue.write(durability, rows, work).await,
            Way::Postgres(pool) => write_alone(pool, &self.ledger, durability, work).await,
        }
    }
}

async fn write_alone<T, F>(
    pool: &DatabaseConnection,
    ledger: &Ledger,
    durability: Durability,
    work: F,
) -> Result<T, Error>
where
    F: for<'t> FnOnce(&'t Transaction) -> BoxFuture<'t, Result<T, Error>>,
{
    let transaction = Transaction::begin(pool).await?;
    if durability == Durability::Buffered {
        transaction.execute_unprepared("SET LOCAL synchronous_commit = off").await?;
    }
    match work(&transaction).await {
        Ok(value) => {
            commit(transaction, ledger, durability).await?;
            Ok(value)
        }
        Err(error) => {
            // If this fails too, the connection is lost, and the transaction with it.
            let _ = transaction.rollback().await;
            Err(error)
        }
    }
}

/// Commits so that `durability` is true of the transaction, and of everything before it if that is a sync.
pub(crate) async fn commit(
    transaction: Transaction,
    ledger: &Ledger,
    durability: Durability,
) -> Result<(), Error> {
    if durability == Durability::Synced && !transaction.wrote() && ledger.has_unsynced() {
        transaction.touch().await?;
    }
    let (wrote, before) = (transaction.wrote(), ledger.now());
    transaction.commit().await?;
    if wrote {
        ledger.committed(durability, before);
    }
    Ok(())
}
