//! What can go wrong with the database, sorted by what a person can do about it.

use executor_core::{ErrorCode, Failure};
use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// What went wrong with the database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Another process has the database, or its connection is lost.
    #[error("the database is locked or does not answer: {0}")]
    Unavailable(String),
    /// The file or its folder cannot be opened or written.
    #[error("the database cannot be opened or written: {0}")]
    ReadOnly(String),
    /// The disk is full.
    #[error("the disk that holds the database is full: {0}")]
    Full(String),
    /// The database was written by a newer build.
    #[error(
        "the database has schema version {found} and this build knows only up to {known}; run the newer build, or \
         restore a backup from before the upgrade"
    )]
    NewerSchema {
        /// The version in the database.
        found: i64,
        /// The newest version that this build knows.
        known: i64,
    },
    /// Something with this name is there already.
    #[error("the name is taken")]
    NameTaken,
    /// There is no such row in this tenant.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// An organization keeps at least one owner.
    #[error("the organization's last owner stays")]
    LastOwner,
    /// Somebody else changed it since it was read.
    #[error("somebody else has changed it meanwhile")]
    Changed,
    /// Somebody else wants something of the task, so it cannot wait.
    #[error("the task has signals that nobody has seen")]
    Signalled,
    /// Somebody else holds the task's lease.
    #[error("the lease of the task is lost")]
    LeaseLost,
    /// A row that this build cannot read.
    #[error("a row of `{table}` cannot be read: {reason}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// Why.
        reason: String,
    },
    /// Anything else that the database or the disk says.
    #[error("the database says: {0}")]
    Other(String),
}

impl Error {
    pub(crate) fn corrupt(table: &'static str, reason: impl ToString) -> Self {
        Self::Corrupt { table, reason: reason.to_string() }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem, StorageFull};
        match error.kind() {
            StorageFull => Self::Full(error.to_string()),
            PermissionDenied | ReadOnlyFilesystem => Self::ReadOnly(error.to_string()),
            _ => Self::Other(error.to_string()),
        }
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if let Some(SqlErr::UniqueConstraintViolation(_)) = error.sql_err() {
            return Self::NameTaken;
        }
        match &error {
            DbErr::Exec(RuntimeErr::SqlxError(cause))
            | DbErr::Query(RuntimeErr::SqlxError(cause))
            | DbErr::Conn(RuntimeErr::SqlxError(cause)) => from_sqlx(cause),
            DbErr::ConnectionAcquire(_) => Self::Unavailable(error.to_string()),
            _ => Self::Other(error.to_string()),
        }
    }
}

fn from_sqlx(error: &sqlx::Error) -> Error {
    let text = error.to_string();
    let Some(database) = error.as_database_error() else {
        return match error {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => {
                Error::Unavailable(text)
            }
            _ => Error::Other(text),
        };
    };
    let code = database.code().unwrap_or_default();
    // SQLite's extended result codes carry the primary one in their low byte; PostgreSQL's are five characters.
    match code.parse::<i32>().ok().filter(|_| code.len() < 5).map(|number| number & 0xff) {
        Some(5 | 6) => Error::Unavailable(text),
        Some(8 | 14) => Error::ReadOnly(text),
        Some(13) => Error::Full(text),
        Some(_) => Error::Other(text),
        None => match (&*code, code.get(..2)) {
            ("53100", _) => Error::Full(text),
            // Read only, no such database, no such user or another password.
            ("25006" | "3D000", _) | (_, Some("28")) => Error::ReadOnly(text),
            // Others are in the way, or the server is: it may work in a moment.
            ("40001" | "40P01" | "55P03", _) | (_, Some("08" | "53" | "57")) => Error::Unavailable(text),
            _ => Error::Other(text),
        },
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        let code = match error {
            Error::Unavailable(_) | Error::ReadOnly(_) | Error::NewerSchema { .. } => {
                ErrorCode::StorageUnavailable
            }
            Error::Full(_) => ErrorCode::StorageFull,
            Error::NameTaken => ErrorCode::NameTaken,
            Error::LastOwner => ErrorCode::InvalidRequest,
            Error::NotFound(_) => ErrorCode::NotFound,
            Error::Changed => ErrorCode::StorageUnavailable,
            Error::Signalled | Error::LeaseLost | Error::Corrupt { .. } | Error::Other(_) => {
                ErrorCode::Internal
            }
        };
        let text = error.to_string();
        let mut characters = text.chars();
        let sentence: String = characters
            .next()
            .map(|first| first.to_uppercase().chain(characters).collect())
            .unwrap_or_default();
        Failure::new(code, format!("{sentence}."))
    }
}
