//! Opening a database, and what may be wrong with it.

use executor_store::{Error, Location, SCHEMA_VERSION, Store};
use futures::future::join_all;
use sqlx::{Connection, Executor};

use crate::stage::{Stage, with_setting};
use crate::story::stories;

stories![
    opening_again_changes_nothing_but_the_epoch,
    eight_may_open_it_at_once,
    a_newer_schema_is_refused,
    what_may_not_be_written_is_said_to_be,
    what_is_not_there_is_said_to_be,
    a_locked_database_is_said_to_be,
    a_row_that_cannot_be_read_is_said_to_be,
];

async fn opening_again_changes_nothing_but_the_epoch(stage: Stage) {
    let task = stage.queued(stage.tenant).await;
    let again = stage.another_start().await;
    assert!(again.epoch() > stage.store.epoch());
    assert!(again.is_alive().await);
    let (before, after) = (
        stage.store.task(stage.tenant.workspace, task).await,
        again.task(stage.tenant.workspace, task).await,
    );
    assert_eq!(before, after);
}

async fn eight_may_open_it_at_once(stage: Stage) {
    let location = match &stage.location {
        Location::Sqlite(path) => Location::Sqlite(path.with_file_name("fresh.db")),
        Location::Postgres(url) => {
            let schema = url.rsplit('=').next().unwrap();
            stage.tamper(&format!("DROP SCHEMA {schema} CASCADE; CREATE SCHEMA {schema};")).await;
            stage.location.clone()
        }
    };
    let starts = (0..8).map(|_| {
        let location = location.clone();
        tokio::spawn(async move { Store::open(&location).await.map(|store| store.epoch()) })
    });
    let mut epochs: Vec<_> =
        join_all(starts).await.into_iter().map(|epoch| epoch.unwrap().unwrap()).collect();
    epochs.sort_unstable();
    epochs.dedup();
    assert_eq!(epochs.len(), 8, "no two starts have the same epoch");
}

async fn a_newer_schema_is_refused(stage: Stage) {
    let newer = SCHEMA_VERSION + 1;
    stage.tamper(&format!("INSERT INTO schema_migrations (version) VALUES ({newer})")).await;
    let refused = Store::open(&stage.location).await.err().unwrap();
    assert_eq!(refused, Error::NewerSchema { found: newer, known: SCHEMA_VERSION });
    assert!(refused.to_string().contains("newer build"));
}

async fn what_may_not_be_written_is_said_to_be(stage: Stage) {
    let location = match stage.location.clone() {
        Location::Sqlite(path) => {
            // Whoever tests as root may write everything; a file format that says no is heard by root, too.
            let path = path.with_file_name("read-only.db");
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).create_if_missing(true);
            let mut other = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
            other.execute("CREATE TABLE some (value)").await.unwrap();
            other.close().await.unwrap();
            let mut bytes = fs_err::read(&path).unwrap();
            bytes[18] = 3;
            fs_err::write(&path, bytes).unwrap();
            Location::Sqlite(path)
        }
        Location::Postgres(url) => {
            Location::Postgres(with_setting(&url, "default_transaction_read_only", "on"))
        }
    };
    let refused = Store::open(&location).await.err().unwrap();
    assert!(matches!(refused, Error::ReadOnly(_)), "{refused:?}");
}

async fn what_is_not_there_is_said_to_be(stage: Stage) {
    let location = match &stage.location {
        // A file stands where a folder is wanted.
        Location::Sqlite(path) => Location::Sqlite(path.join("below").join("data.db")),
        Location::Postgres(url) => Location::Postgres(url.replacen("?", "_that_is_not_there?", 1)),
    };
    let refused = Store::open(&location).await.err().unwrap();
    assert!(matches!(refused, Error::ReadOnly(_)), "{refused:?}");
}

async fn a_locked_database_is_said_to_be(stage: Stage) {
    // A lock that another process has and keeps. PostgreSQL's own patience is without end, so it is set.
    let refused = match &stage.location {
        Location::Sqlite(path) => {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
            let mut other = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
            other.execute("BEGIN EXCLUSIVE").await.unwrap();
            Store::open(&stage.location).await.err().unwrap()
        }
        Location::Postgres(url) => {
            let mut other = sqlx::PgConnection::connect(url).await.unwrap();
            other.execute("BEGIN; LOCK TABLE schema_migrations IN ACCESS EXCLUSIVE MODE;").await.unwrap();
            Store::open(&Location::Postgres(with_setting(url, "lock_timeout", "200"))).await.err().unwrap()
        }
    };
    assert!(matches!(refused, Error::Unavailable(_)), "{refused:?}");
}

async fn a_row_that_cannot_be_read_is_said_to_be(stage: Stage) {
    let task = stage.queued(stage.tenant).await;
    stage.tamper("UPDATE tasks SET status = 'dreaming'; UPDATE journal SET kind = 'task.dreamt'").await;
    let unreadable = stage.store.task(stage.tenant.workspace, task).await.unwrap_err();
    assert!(matches!(unreadable, Error::Corrupt { table: "tasks", .. }), "{unreadable:?}");
    let unreadable = stage.store.journal(stage.tenant.workspace, task, 0, 10).await.unwrap_err();
    assert!(matches!(unreadable, Error::Corrupt { table: "journal", .. }), "{unreadable:?}");
}
