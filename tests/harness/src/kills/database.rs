//! A PostgreSQL database that two servers share: a schema of its own on the tests' server.

use sqlx::{Connection, Executor};

use super::proxy::Proxy;

/// A schema of its own.
pub struct Shared {
    server: String,
    schema: String,
}

impl Shared {
    /// Makes one; its name has the seed in it.
    pub async fn create(server: &str, seed: u64) -> Self {
        let schema = format!("executor_kills_{}_{seed}", std::process::id());
        let shared = Self { server: server.to_owned(), schema };
        shared.run(format!("CREATE SCHEMA {}", shared.schema)).await;
        shared
    }

    /// Where servers find it.
    pub fn url(&self) -> String {
        let separator = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{separator}options[search_path]={}", self.server, self.schema)
    }

    pub(super) async fn proxy(&self) -> Proxy {
        Proxy::start(&self.url(), &authority(&self.server).unwrap()).await
    }

    /// Removes it with all that is in it.
    pub async fn remove(self) {
        self.run(format!("DROP SCHEMA {} CASCADE", self.schema)).await;
    }

    async fn run(&self, sql: String) {
        let mut connection = sqlx::PgConnection::connect(&self.server).await.unwrap();
        connection.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
    }
}

fn authority(url: &str) -> Option<String> {
    let authority = url.split_once("://")?.1.split(['/', '?']).next()?;
    Some(authority.rsplit('@').next()?.to_owned())
}

/// The server to test with, if one answers.
#[expect(clippy::disallowed_methods, reason = "tests have no configuration but this")]
pub async fn postgres_url() -> Option<String> {
    let named = std::env::var("EXECUTOR_TEST_DATABASE_URL").ok().filter(|url| !url.is_empty());
    let url = named.unwrap_or_else(|| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
    let connected = sqlx::PgConnection::connect(&url).await;
    connected.is_ok().then_some(url)
}
