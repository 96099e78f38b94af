//! A transaction that knows whether it has changed anything: a commit of nothing waits for no disk.

use std::sync::atomic::{AtomicBool, Ordering};

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    EntityTrait, ExecResult, IntoActiveModel, QueryResult, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait, prelude::async_trait,
};

use crate::error::Error;

/// What a write speaks to.
pub(crate) struct Transaction {
    inner: DatabaseTransaction,
    wrote: AtomicBool,
}

impl Transaction {
    /// Begins one that is a writer from its first statement on: SQLite fails one that becomes a writer later, where
    /// somebody else has written in between.
    pub(crate) async fn begin(connection: &DatabaseConnection) -> Result<Self, DbErr> {
        let sqlite_transaction_mode = Some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode, ..TransactionOptions::default() };
        connection.begin_with_options(options).await.map(Self::new)
    }

    fn new(inner: DatabaseTransaction) -> Self {
        Self { inner, wrote: AtomicBool::new(false) }
    }

    /// A part that can fail without the rest.
    pub(crate) async fn savepoint(&self) -> Result<Self, DbErr> {
        self.inner.begin().await.map(Self::new)
    }

    /// Keeps such a part.
    pub(crate) async fn release(&self, savepoint: Self) -> Result<(), DbErr> {
        self.note(savepoint.wrote());
        savepoint.inner.commit().await
    }

    /// Whether anything was changed.
    pub(crate) fn wrote(&self) -> bool {
        self.wrote.load(Ordering::Relaxed)
    }

    /// Changes something that nobody looks at, so that the commit waits for the disk.
    pub(crate) async fn touch(&self) -> Result<(), DbErr> {
        let sql = match self.get_database_backend() {
            // A row would be a lock that all processes wait for.
            DbBackend::Postgres => "SELECT pg_logical_emit_message(true, 'executor', '')",
            _ => "UPDATE counters SET value = value + 1 WHERE name = 'barrier'",
        };
        self.execute_unprepared(sql).await?;
        self.note(true);
        Ok(())
    }

    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        self.inner.commit().await
    }

    pub(crate) async fn rollback(self) -> Result<(), DbErr> {
        self.inner.rollback().await
    }

    fn note(&self, wrote: bool) {
        if wrote {
            self.wrote.store(true, Ordering::Relaxed);
        }
    }
}

/// Rows in one statement: SQLite takes 32,766 values in one, PostgreSQL 65,535.
pub(crate) const ROWS_AT_ONCE: usize = 1_000;

/// Inserts rows of one table, many in a statement.
pub(crate) async fn insert_all<M, A>(transaction: &Transaction, rows: Vec<M>) -> Result<(), Error>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait,
{
    let mut rows = rows.into_iter().map(M::into_active_model).peekable();
    while rows.peek().is_some() {
        let chunk: Vec<A> = rows.by_ref().take(ROWS_AT_ONCE).collect();
        A::Entity::insert_many(chunk).exec_without_returning(transaction).await?;
    }
    Ok(())
}

/// Whether a statement that gives rows changes any: `INSERT … RETURNING` does.
fn changes(statement: &Statement) -> bool {
    !statement.sql.starts_with("SELECT")
}

#[async_trait::async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let done = self.inner.execute_raw(statement).await?;
        self.note(done.rows_affected() > 0);
        Ok(done)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let done = self.inner.execute_unprepared(sql).await?;
        self.note(done.rows_affected() > 0);
        Ok(done)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let changes = changes(&statement);
        let row = self.inner.query_one_raw(statement).await?;
        self.note(changes && row.is_some());
        Ok(row)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let changes = changes(&statement);
        let rows = self.inner.query_all_raw(statement).await?;
        self.note(changes && !rows.is_empty());
        Ok(rows)
    }
}
