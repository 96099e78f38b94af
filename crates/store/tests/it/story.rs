//! A story: a test that is told once and runs on both engines.

use executor_store::Engine;
use futures::future::BoxFuture;
use libtest_mimic::{Failed, Trial};

use crate::stage::{Stage, postgres_url, setting};

/// A named test body.
pub(crate) struct Story {
    name: &'static str,
    body: fn(Stage) -> BoxFuture<'static, ()>,
}

impl Story {
    pub(crate) fn new(name: &'static str, body: fn(Stage) -> BoxFuture<'static, ()>) -> Self {
        Self { name, body }
    }
}

/// The stories of a module, each an `async fn(Stage)`.
macro_rules! stories {
    ($($name:ident),* $(,)?) => {
        pub(crate) fn stories() -> Vec<$crate::story::Story> {
            let module = module_path!().rsplit("::").next().unwrap();
            vec![$($crate::story::Story::new(
                format!("{module}::{}", stringify!($name)).leak(),
                |stage| Box::pin($name(stage)),
            ),)*]
        }
    };
}
pub(crate) use stories;

/// Each story on each engine.
pub(crate) fn trials(stories: impl Iterator<Item = Story>) -> Vec<Trial> {
    let postgres = postgres_url();
    if postgres.is_none() {
        eprintln!(
            "!! No PostgreSQL answers: its stories are SKIPPED. Set EXECUTOR_TEST_DATABASE_URL to run them."
        );
    }
    let in_ci = setting("CI").is_some();
    let on = |engine, name: &str, body| {
        let trial = Trial::test(name.to_owned(), move || run(engine, body));
        trial.with_ignored_flag(engine == Engine::Postgres && postgres.is_none() && !in_ci)
    };
    stories
        .flat_map(|Story { name, body }| {
            [
                on(Engine::Sqlite, &format!("sqlite::{name}"), body),
                on(Engine::Postgres, &format!("postgres::{name}"), body),
            ]
        })
        .collect()
}

fn run(engine: Engine, body: fn(Stage) -> BoxFuture<'static, ()>) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let stage = Stage::build(engine).await?;
        let cleared = stage.clearing();
        let told = tokio::spawn(body(stage)).await;
        cleared.clear().await?;
        told.map_err(|panic| match panic.try_into_panic() {
            Ok(payload) => Failed::from(message(payload.as_ref())),
            Err(error) => Failed::from(error),
        })
    })
}

fn message(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it panicked".to_owned())
}
