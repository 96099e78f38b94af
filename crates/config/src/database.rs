//! Which database, from the two variables that say so.

use std::path::PathBuf;

use secrecy::SecretString;

use crate::settings::Config;

/// The database to use.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file.
    Sqlite(PathBuf),
    /// A PostgreSQL server. The URL holds its password.
    Postgres(SecretString),
}

impl Config {
    /// The database to use: that of the URL if there is one, else the file.
    #[must_use]
    pub fn database(&self) -> Database {
        self.database_url.clone().unwrap_or_else(|| Database::Sqlite(self.db_path.clone()))
    }
}

/// `postgres://…`, `postgresql://…`, or `sqlite://` and a path.
pub(crate) fn parse(text: &str) -> Option<Database> {
    match text.split_once("://")? {
        ("postgres" | "postgresql", rest) if !rest.is_empty() => Some(Database::Postgres(text.into())),
        ("sqlite", rest) => {
            let path = rest.split('?').next().filter(|path| !path.is_empty())?;
            Some(Database::Sqlite(path.into()))
        }
        _ => None,
    }
}
