//! The one writer of a SQLite database.
//!
//! One task owns the only write connection. What is queued meanwhile is committed together, each item in a savepoint,
//! so that one failing item does not fail its batch. A batch of buffered items is committed without a sync: the rows
//! are visible and survive this process, but not yet a loss of power; a commit with a sync covers the whole log, and
//! so everything that was written before it.
//!
//! Large items wait for their turn behind the small ones, a few in each commit: what many rows are written for is not in
//! the way of what takes a moment. Whoever waits for one write before the next finds them in that order.
//!
//! A full disk can end a transaction from under its savepoints. Then nothing of the batch is kept, each of its callers
//! is told so, and the connection is replaced.

use std::collections::VecDeque;
use std::sync::Arc;

use futures::future::BoxFuture;
use sea_orm::{ConnectionTrait, DatabaseConnection};
use tokio::sync::{mpsc, oneshot};

use crate::durability::{Durability, Ledger};
use crate::error::Error;
use crate::transaction::Transaction;
use crate::write::commit;

/// The most items in one commit.
const MOST_ITEMS: usize = 256;

/// An item of more rows is a large one.
const MOST_SMALL_ROWS: usize = 16;

/// The rows of large items in one commit: so many, or one item.
const MOST_LARGE_ROWS: usize = 256;

/// The way to the writer. The writer ends when the last one of these is gone and everything is written.
#[derive(Clone)]
pub(crate) struct Queue(mpsc::Sender<Box<dyn Item>>);

impl Queue {
    /// Starts the writer.
    pub(crate) fn start(connection: DatabaseConnection, ledger: Arc<Ledger>) -> Self {
        let (queue, items) = mpsc::channel(4 * MOST_ITEMS);
        tokio::spawn(Batches { connection, ledger, mode: None }.run(items));
        Self(queue)
    }

    /// Queues `work`, of about so many rows, and answers once its batch is committed.
    pub(crate) async fn write<T, F>(&self, durability: Durability, rows: usize, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t Transaction) -> BoxFuture<'t, Result<T, Error>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let item = Queued { durability, rows, work: Some(work), result: None, reply };
        let gone = || Error::Unavailable("the writer has ended".to_owned());
        self.0.send(Box::new(item)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

/// One queued write, whatever it gives back.
trait Item: Send {
    fn durability(&self) -> Durability;
    fn rows(&self) -> usize;
    /// Runs the work and keeps its result. Says whether its changes are to be kept.
    fn run<'t>(&'t mut self, transaction: &'t Transaction) -> BoxFuture<'t, bool>;
    /// Tells the caller, once the batch is committed or lost.
    fn finish(self: Box<Self>, batch: Result<(), Error>);
}

struct Queued<T, F> {
    durability: Durability,
    rows: usize,
    work: Option<F>,
    result: Option<Result<T, Error>>,
    reply: oneshot::Sender<Result<T, Error>>,
}

impl<T, F> Item for Queued<T, F>
where
    T: Send,
    F: for<'t> FnOnce(&'t Transaction) -> BoxFuture<'t, Result<T, Error>> + Send,
{
    fn durability(&self) -> Durability {
        self.durability
    }

    fn rows(&self) -> usize {
        self.rows
    }

    fn run<'t>(&'t mut self, transaction: &'t Transaction) -> BoxFuture<'t, bool> {
        Box::pin(async move {
            let Some(work) = self.work.take() else { return false };
            let result = work(transaction).await;
            let keep = result.is_ok();
            self.result = Some(result);
            keep
        })
    }

    fn finish(self: Box<Self>, batch: Result<(), Error>) {
        let result = match (self.result, batch) {
            (Some(Err(error)), _) | (_, Err(error)) => Err(error),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(Error::Other("the write did not run".to_owned())),
        };
        // Whoever asked may have gone; the write stands all the same.
        let _ = self.reply.send(result);
    }
}

/// The small items that have arrived, and of the large ones as many as fit.
fn next_batch(arrived: &mut Vec<Box<dyn Item>>, large: &mut VecDeque<Box<dyn Item>>) -> Vec<Box<dyn Item>> {
    let (mut batch, more): (Vec<_>, Vec<_>) =
        arrived.drain(..).partition(|item| item.rows() <= MOST_SMALL_ROWS);
    large.extend(more);
    let mut rows = 0;
    while rows < MOST_LARGE_ROWS
        && let Some(item) = large.pop_front()
    {
        rows += item.rows();
        batch.push(item);
    }
    batch
}

struct Batches {
    connection: DatabaseConnection,
    ledger: Arc<Ledger>,
    /// What the connection is set to, if that is known.
    mode: Option<Durability>,
}

impl Batches {
    async fn run(mut self, mut items: mpsc::Receiver<Box<dyn Item>>) {
        let mut arrived = Vec::with_capacity(MOST_ITEMS);
        let mut large = VecDeque::new();
        loop {
            if large.is_empty() && items.recv_many(&mut arrived, MOST_ITEMS).await == 0 {
                return;
            }
            while arrived.len() < MOST_ITEMS
                && let Ok(item) = items.try_recv()
            {
                arrived.push(item);
            }
            let mut batch = next_batch(&mut arrived, &mut large);
            let outcome = self.write(&mut batch).await;
            if let Err(error) = &outcome {
                self.mode = None;
                tracing::error!(%error, items = batch.len(), "a batch of writes is lost");
            }
            batch.into_iter().for_each(|item| item.finish(outcome.clone()));
        }
    }

    async fn write(&mut self, batch: &mut [Box<dyn Item>]) -> Result<(), Error> {
        let durability = batch.iter().map(|item| item.durability()).max().unwrap_or(Durability::Buffered);
        self.set_mode(durability).await?;
        let transaction = Transaction::begin(&self.connection).await?;
        if let [only] = batch {
            // What fails alone needs no savepoint: there is nothing else to keep.
            if !only.run(&transaction).await {
                return Ok(transaction.rollback().await?);
            }
        } else {
            for item in batch {
                let savepoint = transaction.savepoint().await?;
                match item.run(&savepoint).await {
                    true => transaction.release(savepoint).await?,
                    false => savepoint.rollback().await?,
                }
            }
        }
        commit(transaction, &self.ledger, durability).await
    }

    async fn set_mode(&mut self, durability: Durability) -> Result<(), Error> {
        if self.mode != Some(durability) {
            let pragma = match durability {
                Durability::Buffered => "PRAGMA synchronous = NORMAL",
                Durability::Synced => "PRAGMA synchronous = FULL",
            };
            self.connection.execute_unprepared(pragma).await?;
            self.mode = Some(durability);
        }
        Ok(())
    }
}
