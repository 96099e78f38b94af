//! Every write goes through here.
//!
//! On SQLite one task owns the only write connection. What is queued meanwhile is committed together, each item in a
//! savepoint, so that one failing item does not fail its batch. A batch of buffered items is committed without a sync:
//! the rows are visible and survive this process, but not yet a loss of power; a commit with a sync covers all that was
//! written before it. On PostgreSQL each write is a transaction of its own, with `synchronous_commit` to the same effect.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use futures::future::BoxFuture;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::sync::{mpsc, oneshot};

use crate::error::Error;

/// When a write has to be on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Soon: before anything that depends on it leaves the process.
    Buffered,
    /// Before the write returns.
    Synced,
}

/// The most items in one commit.
const MOST_ITEMS: usize = 256;

/// Counts of what writing costs.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    syncs: AtomicU64,
    /// Whether something was committed without a sync since the last one.
    unsynced: AtomicBool,
}

impl Counts {
    fn committed(&self, durability: Durability) {
        match durability {
            Durability::Buffered => self.unsynced.store(true, Ordering::SeqCst),
            Durability::Synced => {
                self.unsynced.store(false, Ordering::SeqCst);
                self.syncs.fetch_add(1, Ordering::Relaxed);
                metrics::counter!("executor_store_syncs_total").increment(1);
            }
        }
    }

    pub(crate) fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::Relaxed)
    }

    pub(crate) fn has_unsynced(&self) -> bool {
        self.unsynced.load(Ordering::SeqCst)
    }
}

/// Where writes go.
#[derive(Clone)]
pub(crate) enum Writer {
    Sqlite { queue: mpsc::Sender<Box<dyn Item>>, counts: Arc<Counts> },
    Postgres { pool: DatabaseConnection, counts: Arc<Counts> },
}

impl Writer {
    /// Starts the task that owns the write connection.
    pub(crate) fn sqlite(connection: DatabaseConnection) -> Self {
        let (queue, items) = mpsc::channel(4 * MOST_ITEMS);
        let counts = Arc::new(Counts::default());
        tokio::spawn(commit_batches(connection, items, counts.clone()));
        Self::Sqlite { queue, counts }
    }

    pub(crate) fn postgres(pool: DatabaseConnection) -> Self {
        Self::Postgres { pool, counts: Arc::default() }
    }

    pub(crate) fn counts(&self) -> &Counts {
        match self {
            Self::Sqlite { counts, .. } | Self::Postgres { counts, .. } => counts,
        }
    }

    /// Runs `work` in a transaction. If it fails, nothing of it is kept.
    pub(crate) async fn write<T, F>(&self, durability: Durability, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t DatabaseTransaction) -> BoxFuture<'t, Result<T, Error>> + Send + 'static,
    {
        match self {
            Self::Sqlite { queue, .. } => {
                let (reply, answer) = oneshot::channel();
                let item = Queued { durability, work: Some(work), result: None, reply };
                let gone = |what: &str| Error::Unavailable(format!("the writer {what}"));
                queue.send(Box::new(item)).await.map_err(|_| gone("has ended"))?;
                answer.await.map_err(|_| gone("ended before it answered"))?
            }
            Self::Postgres { pool, counts } => {
                let transaction = pool.begin_with_options(TransactionOptions::default()).await?;
                if durability == Durability::Buffered {
                    transaction.execute_unprepared("SET LOCAL synchronous_commit = off").await?;
                }
                let value = work(&transaction).await?;
                transaction.commit().await?;
                counts.committed(durability);
                Ok(value)
            }
        }
    }
}

/// One queued write, whatever it gives back.
pub(crate) trait Item: Send {
    fn durability(&self) -> Durability;
    /// Runs the work and keeps its result. Says whether its changes are to be kept.
    fn run<'t>(&'t mut self, transaction: &'t DatabaseTransaction) -> BoxFuture<'t, bool>;
    /// Tells the writer's caller, once the batch is on the disk or lost.
    fn finish(self: Box<Self>, commit: Result<(), Error>);
}

struct Queued<T, F> {
    durability: Durability,
    work: Option<F>,
    result: Option<Result<T, Error>>,
    reply: oneshot::Sender<Result<T, Error>>,
}

impl<T, F> Item for Queued<T, F>
where
    T: Send,
    F: for<'t> FnOnce(&'t DatabaseTransaction) -> BoxFuture<'t, Result<T, Error>> + Send,
{
    fn durability(&self) -> Durability {
        self.durability
    }

    fn run<'t>(&'t mut self, transaction: &'t DatabaseTransaction) -> BoxFuture<'t, bool> {
        Box::pin(async move {
            let Some(work) = self.work.take() else { return false };
            let result = work(transaction).await;
            let keep = result.is_ok();
            self.result = Some(result);
            keep
        })
    }

    fn finish(self: Box<Self>, commit: Result<(), Error>) {
        let result = match (self.result, commit) {
            (Some(Err(error)), _) | (_, Err(error)) => Err(error),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(Error::Other("the write did not run".to_owned())),
        };
        // Whoever asked may have gone; the write stands all the same.
        let _ = self.reply.send(result);
    }
}

async fn commit_batches(
    connection: DatabaseConnection,
    mut items: mpsc::Receiver<Box<dyn Item>>,
    counts: Arc<Counts>,
) {
    let mut mode = None;
    while let Some(first) = items.recv().await {
        let mut batch = vec![first];
        while batch.len() < MOST_ITEMS
            && let Ok(next) = items.try_recv()
        {
            batch.push(next);
        }
        let durability = match batch.iter().any(|item| item.durability() == Durability::Synced) {
            true => Durability::Synced,
            false => Durability::Buffered,
        };
        let committed = commit(&connection, &mut batch, durability, &mut mode).await;
        match committed {
            Ok(()) => {
                counts.committed(durability);
                batch.into_iter().for_each(|item| item.finish(Ok(())));
            }
            Err(error) => {
                tracing::error!(%error, items = batch.len(), "a batch of writes is lost");
                batch.into_iter().for_each(|item| item.finish(Err(error.clone())));
            }
        }
    }
}

async fn commit(
    connection: &DatabaseConnection,
    batch: &mut [Box<dyn Item>],
    durability: Durability,
    mode: &mut Option<Durability>,
) -> Result<(), Error> {
    if *mode != Some(durability) {
        let pragma = match durability {
            Durability::Buffered => "PRAGMA synchronous = NORMAL",
            Durability::Synced => "PRAGMA synchronous = FULL",
        };
        connection.execute_unprepared(pragma).await?;
        *mode = Some(durability);
    }
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = connection.begin_with_options(options).await?;
    if let [only] = batch {
        // What fails alone needs no savepoint: there is nothing else to keep.
        return match only.run(&transaction).await {
            true => Ok(transaction.commit().await?),
            false => Ok(transaction.rollback().await?),
        };
    }
    for item in batch {
        let savepoint = transaction.begin().await?;
        match item.run(&savepoint).await {
            true => savepoint.commit().await?,
            false => savepoint.rollback().await?,
        }
    }
    Ok(transaction.commit().await?)
}
